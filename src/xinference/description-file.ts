import { constants } from 'node:fs';
import { open, rename, rm, writeFile } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { type Clock, systemClock } from '../http/clock.ts';
import { isObject, tryParseJson } from '../text/json.ts';
import { nodeCrypto } from '../text/node-crypto.ts';
import { formatDescription, type ModelDescription, parseDescription } from './description.ts';
import type { DescriptionStore } from './description-cache.ts';

const FORMAT = 1;
/** So that what comes in a crowd is written once. */
const DELAY_MS = 200;
const DAY_MS = 24 * 60 * 60 * 1000;
const KEPT_MS = 30 * DAY_MS;
const MOST_ENTRIES = 256;
const MOST_BYTES = 1024 * 1024;

interface Entry {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly description: ModelDescription;
}

/** What stands in a file. */
interface Contents {
  readonly secret: string;
  /** By the HMAC of what they are of. */
  readonly entries: ReadonlyMap<string, Entry>;
}

/**
 * Descriptions that outlive the process. The file holds no address, UID or key: an entry stands under an HMAC of them, with
 * a random secret of the file, so that only who asks with the same key finds it. Nothing in it is needed, so a file that is
 * broken, foreign or cannot be written is as good as none.
 */
export class DescriptionFile implements DescriptionStore {
  readonly #paths: readonly string[];
  readonly #clock: Clock;
  readonly #now: () => number;
  readonly #unwritten = new Map<string, Entry>();
  #callOff: (() => void) | undefined;
  #writing: Promise<void> = Promise.resolve();

  /**
   * @param paths where it may stand: it is written to the first of them that can be written
   * @param now milliseconds since 1970
   */
  constructor(paths: readonly string[], clock: Clock = systemClock, now: () => number = Date.now) {
    this.#paths = paths;
    this.#clock = clock;
    this.#now = now;
  }

  async get(key: string): Promise<ModelDescription | undefined> {
    const unwritten = this.#unwritten.get(key);
    if (unwritten !== undefined) return unwritten.description;
    let newest: Entry | undefined;
    for (const path of this.#paths) {
      const { secret, entries } = (await this.#read(path)) ?? newContents();
      const found = entries.get(hmac(secret, key));
      if (found !== undefined && found.at > (newest?.at ?? 0)) newest = found;
    }
    return newest?.description;
  }

  /** Returns at once; the file is written a little later. */
  set(key: string, description: ModelDescription): void {
    this.#unwritten.set(key, { at: this.#now(), description });
    this.#callOff ??= this.#clock.after(DELAY_MS, () => void this.flush());
  }

  /** Writes what has not been written yet. Never throws. */
  async flush(): Promise<void> {
    this.#callOff?.();
    this.#callOff = undefined;
    this.#writing = this.#writing.then(() => this.#write());
    await this.#writing;
  }

  async #write(): Promise<void> {
    if (this.#unwritten.size === 0) return;
    const unwritten = new Map(this.#unwritten);
    for (const path of this.#paths) {
      try {
        await this.#add(path, unwritten);
        break;
      } catch {
        // A folder that cannot be written: the next one, if there is one.
      }
    }
    for (const [key, entry] of unwritten) {
      if (this.#unwritten.get(key) === entry) this.#unwritten.delete(key);
    }
  }

  /** Adds to what other processes have written meanwhile. */
  async #add(path: string, added: ReadonlyMap<string, Entry>): Promise<void> {
    const { secret, entries } = (await this.#read(path)) ?? newContents();
    const own = [...added].map(([key, entry]) => [hmac(secret, key), entry] as const);
    if (own.every(([id, entry]) => isSame(entries.get(id), entry))) return;
    await replaceFile(path, textOf(secret, new Map([...entries, ...own])));
  }

  /** @returns undefined where there is no file, or none of ours */
  async #read(path: string): Promise<Contents | undefined> {
    const value = tryParseJson((await readOwn(path)) ?? '');
    if (!isObject(value) || value['format'] !== FORMAT || !isObject(value['models'])) return undefined;
    const secret = value['secret'];
    if (typeof secret !== 'string' || !/^[\w-]{43}$/.test(secret)) return undefined;
    const entries = new Map<string, Entry>();
    for (const [id, stored] of Object.entries(value['models'])) {
      const entry = entryOf(stored);
      if (entry !== undefined && Math.abs(this.#now() - entry.at) < KEPT_MS) entries.set(id, entry);
    }
    return { secret, entries };
  }
}

function newContents(): Contents {
  return { secret: nodeCrypto().randomBytes(32).toString('base64url'), entries: new Map() };
}

function hmac(secret: string, key: string): string {
  return nodeCrypto().createHmac('sha256', secret).update(key).digest('base64url');
}

function entryOf(stored: unknown): Entry | undefined {
  if (!isObject(stored) || typeof stored['at'] !== 'number') return undefined;
  const description = parseDescription(stored['description']);
  return description && { at: stored['at'], description };
}

/** Whether nothing is new but the time, and that by less than a day. */
function isSame(stored: Entry | undefined, { at, description }: Entry): boolean {
  if (stored === undefined || Math.abs(at - stored.at) > DAY_MS) return false;
  return isDeepStrictEqual(stored.description, description);
}

/** The text of a file with as many entries as fit, the newest first. */
function textOf(secret: string, entries: ReadonlyMap<string, Entry>): string {
  const newest = [...entries].sort(([, one], [, other]) => other.at - one.at).slice(0, MOST_ENTRIES);
  const models: Record<string, unknown> = {};
  let bytes = 1_000; // for what stands around them
  for (const [id, { at, description }] of newest) {
    const stored = { at, description: formatDescription(description) };
    bytes += id.length + Buffer.byteLength(JSON.stringify(stored)) + 4;
    if (bytes > MOST_BYTES) break;
    models[id] = stored;
  }
  const about = 'What Xinference servers said of their models. May be deleted.';
  return JSON.stringify({ about, format: FORMAT, secret, models });
}

/**
 * The text of a file that this user wrote, and nobody else could: a temporary folder is everybody's.
 * @returns undefined where it is none, or too long for one
 */
async function readOwn(path: string): Promise<string | undefined> {
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants; // without the last, a pipe of that name would hold us
  try {
    const file = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    try {
      const stat = await file.stat();
      const isOwn = stat.isFile() && (process.getuid === undefined || stat.uid === process.getuid());
      return isOwn && stat.size <= MOST_BYTES ? await file.readFile('utf8') : undefined;
    } finally {
      await file.close();
    }
  } catch {
    return undefined;
  }
}

/** Whoever reads meanwhile sees the old file or the new one, whole. */
async function replaceFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${nodeCrypto().randomBytes(6).toString('hex')}`;
  try {
    await writeFile(temporary, text, { flag: 'wx', mode: 0o600 });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
