import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ModelDescription, parseDescription } from '../../src/xinference/description.ts';
import { DescriptionFile } from '../../src/xinference/description-file.ts';
import { FakeClock } from '../fake/clock.ts';

const DAY = 24 * 60 * 60 * 1000;
const KEY = 'http://10.0.0.7:9997\nqwen-uid\nsk-a-key';
const QWEN = described({ model_name: 'qwen3', model_ability: ['chat', 'tools'], context_length: 40_960 });

let folder: string;
let path: string;
let now: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'descriptions-'));
  path = join(folder, 'models.json');
  now = Date.UTC(2026, 10, 30);
});
afterEach(() => rmSync(folder, { recursive: true }));

function described(fields: object = {}): ModelDescription {
  const description = parseDescription({ model_type: 'LLM', ...fields });
  if (description === undefined) throw new Error('no description');
  return description;
}

/** A process with the file, at the time that `now` says. */
function process(paths: readonly string[] = [path], clock = new FakeClock()): DescriptionFile {
  return new DescriptionFile(paths, clock, () => now);
}

/** Writes descriptions, in a process of its own. */
async function write(entries: Readonly<Record<string, ModelDescription>>, paths?: readonly string[]) {
  const file = process(paths);
  for (const [key, description] of Object.entries(entries)) file.set(key, description);
  await file.flush();
}

describe('a description', () => {
  test('outlives the process, with all that a server tells', async () => {
    const whole = described({
      model_name: 'qwen3',
      model_family: 'qwen',
      model_ability: ['chat', 'tools'],
      model_engine: 'vLLM',
      model_format: 'pytorch',
      type: 'normal',
      context_length: 40_960,
      max_tokens: 512,
      dimensions: 1024,
      replica: 2,
      showed_logits: true,
    });
    expect(Object.values(whole)).not.toContain(undefined);
    await write({ [KEY]: whole });
    expect(await process().get(KEY)).toEqual(whole);
    expect(readdirSync(folder)).toEqual(['models.json']);
  });

  test('is found by nobody who asks with another key, UID or address', async () => {
    await write({ [KEY]: QWEN });
    expect(await process().get(KEY.replace('a-key', 'b-key'))).toBeUndefined();
    expect(await process().get('')).toBeUndefined();
  });

  test('stands under nothing that tells what it is of, in a file of this user alone', async () => {
    await write({ [KEY]: QWEN });
    expect(readFileSync(path, 'utf8')).not.toMatch(/10\.0\.0\.7|qwen-uid|sk-a-key/);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const other = join(folder, 'other.json');
    await write({ [KEY]: QWEN }, [other]);
    const ids = [path, other].flatMap(file => Object.keys(JSON.parse(readFileSync(file, 'utf8')).models));
    expect(new Set(ids).size).toBe(2); // each file has a secret of its own
  });

  test('is kept for 30 days', async () => {
    await write({ [KEY]: QWEN });
    now += 30 * DAY - 1;
    expect(await process().get(KEY)).toEqual(QWEN);
    now += 1;
    expect(await process().get(KEY)).toBeUndefined();
    await write({ other: QWEN });
    expect(Object.keys(JSON.parse(readFileSync(path, 'utf8')).models)).toHaveLength(1);
  });

  test('is there at once for the process that has it, and written a little later, with those that came meanwhile', async () => {
    const clock = new FakeClock();
    const file = process([path], clock);
    file.set(KEY, QWEN);
    file.set('other', described());
    expect(await file.get(KEY)).toEqual(QWEN);
    expect(existsSync(path)).toBe(false);
    expect(clock.pending).toBe(1);
    clock.advance(1_000);
    await file.flush();
    expect(await process().get(KEY)).toEqual(QWEN);
    expect(await process().get('other')).toEqual(described());
    expect(clock.pending).toBe(0);
  });

  test('that is new replaces the old one, and leaves those of other processes', async () => {
    const other = process();
    await write({ [KEY]: QWEN, elder: QWEN });
    other.set('its own', QWEN);
    await other.flush();
    const changed = described({ model_name: 'qwen4' });
    await write({ [KEY]: changed });
    expect(await process().get(KEY)).toEqual(changed);
    expect(await process().get('elder')).toEqual(QWEN);
    expect(await process().get('its own')).toEqual(QWEN);
  });

  test('that has not changed is not written again on the same day', async () => {
    await write({ [KEY]: QWEN });
    const written = statSync(path).ino;
    await write({ [KEY]: QWEN });
    expect(statSync(path).ino).toBe(written);
    now += 2 * DAY;
    await write({ [KEY]: QWEN });
    now += 29 * DAY;
    expect(await process().get(KEY)).toEqual(QWEN);
  });
});

describe('the file', () => {
  test('holds the newest 256', async () => {
    const file = process();
    for (let at = 0; at < 300; at++, now++) file.set(`m${at}`, QWEN);
    await file.flush();
    expect(Object.keys(JSON.parse(readFileSync(path, 'utf8')).models)).toHaveLength(256);
    expect(await process().get('m43')).toBeUndefined();
    expect(await process().get('m44')).toEqual(QWEN);
  });

  test('holds at most 1 MiB, and still can be read', async () => {
    const large = described({ model_ability: Array.from({ length: 40 }, () => '模'.repeat(200)) });
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`b${at}`, large]));
    for (const descriptions of [{ a: large }, many, { c: large }]) {
      await write(descriptions);
      now += 1_000;
    }
    expect(statSync(path).size).toBeLessThanOrEqual(1024 * 1024);
    expect(await process().get('c')).toEqual(large);
    expect(await process().get('a')).toBeUndefined();
  });

  test.each<[string, () => void]>([
    ['is not there', () => undefined],
    ['is empty', () => writeFileSync(path, '')],
    ['was cut', () => writeFileSync(path, '{"format":1,"secret":"')],
    ['is no object', () => writeFileSync(path, '[]')],
    ['is of another format', () => writeFileSync(path, '{"format":2,"secret":"x","models":{}}')],
    ['has no secret', () => writeFileSync(path, '{"format":1,"models":{}}')],
    ['is nested without end', () => writeFileSync(path, '['.repeat(900_000))],
    ['is too long', () => writeFileSync(path, ' '.repeat(2 * 1024 * 1024))],
    ['leads elsewhere', () => symlinkSync('/etc/hosts', path)],
  ])('that %s counts as none, and is replaced', async (_what, prepare) => {
    prepare();
    expect(await process().get(KEY)).toBeUndefined();
    await write({ [KEY]: QWEN });
    expect(await process().get(KEY)).toEqual(QWEN);
    expect(statSync('/etc/hosts').isFile()).toBe(true);
  });

  test('of which a part is broken serves the rest', async () => {
    await write({ [KEY]: QWEN });
    const contents = JSON.parse(readFileSync(path, 'utf8'));
    Object.assign(contents.models, {
      x: null,
      y: { at: 'now' },
      z: { at: now, description: { model_type: 7 } },
    });
    writeFileSync(path, JSON.stringify(contents));
    expect(await process().get(KEY)).toEqual(QWEN);
  });

  test('of somebody else is not read', async context => {
    if (globalThis.process.getuid?.() !== 0) return context.skip(); // nobody else can give a file away
    await write({ [KEY]: QWEN });
    const { chownSync } = await import('node:fs');
    chownSync(path, 12_345, 12_345);
    expect(await process().get(KEY)).toBeUndefined();
  });

  test('goes to the next place where it cannot be written', async () => {
    const second = join(folder, 'second.json');
    for (const first of [join(folder, 'no such folder/models.json'), join(folder, 'taken')]) {
      mkdirSync(join(folder, 'taken/by a folder'), { recursive: true });
      const paths = [first, second];
      await write({ [first]: QWEN }, paths);
      expect(await process(paths).get(first)).toEqual(QWEN);
    }
    expect(readdirSync(folder).sort()).toEqual(['second.json', 'taken']);
  });

  test('in the second place counts where it is the newer one: the first could be written once', async () => {
    const paths = [path, join(folder, 'second.json')];
    const changed = described({ model_name: 'qwen4' });
    for (const [older, newer] of [paths, paths.toReversed()]) {
      await write({ [KEY]: QWEN }, [older ?? '']);
      now += DAY;
      await write({ [KEY]: changed }, [newer ?? '']);
      expect(await process(paths).get(KEY)).toEqual(changed);
    }
  });

  test('that can be written nowhere is no failure', async () => {
    const paths = [join(folder, 'none/1.json'), join(folder, 'none/2.json')];
    await write({ [KEY]: QWEN }, paths);
    expect(await process(paths).get(KEY)).toBeUndefined();
  });
});
