import type { Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { FakeHost } from '../host/host.ts';
import { LineCutter } from '../host/host-lines.ts';
import { brokenManifest, brokenProviders, missingAssets } from './debug-host-rules.ts';

/** All assets of a plugin together. */
const ASSET_LIMIT = 50 * 1024 * 1024;

/** A connection whose plugin has declared itself. */
export interface DebugConnection {
  readonly manifest: Readonly<Record<string, unknown>>;
  readonly provider: Readonly<Record<string, unknown>>;
  readonly assets: ReadonlyMap<string, Buffer>;
  /** Sends requests over it, and holds the plugin to the rules. */
  readonly host: FakeHost;
  /** Milliseconds of `performance.now()`. */
  readonly at: number;
  /** Cuts it: with a reset, as a dead machine or network does, or in the orderly way of a host that stops. */
  cut(how?: 'reset' | 'close'): void;
}

export interface PeerOptions {
  readonly key: string;
  readonly handshakeTimeout: number;
  readonly heartbeatTimeout: number;
  readonly refuseWith: () => string | undefined;
  readonly onAccepted: (connection: DebugConnection) => void;
  readonly onRefused: (reason: string) => void;
}

/** The order of a declaration: each message leads to those that may follow it. */
const FOLLOWERS: Readonly<Record<string, readonly string[]>> = {
  '': ['handshake'],
  handshake: ['manifest_declaration'],
  manifest_declaration: ['model_declaration'],
  model_declaration: ['asset_chunk', 'end'],
  asset_chunk: ['asset_chunk', 'end'],
};

/** A debugging host's side of one connection. */
export class DebugPeer {
  readonly #socket: Socket;
  readonly #options: PeerOptions;
  readonly #lines = new LineCutter();
  /** What the plugin says once it has declared itself. */
  readonly #output = new PassThrough();
  readonly #assets = new Map<string, Buffer[]>();
  readonly #whole = new Set<string>();
  #assetBytes = 0;
  #manifest: unknown;
  #providers: unknown;
  #last = '';
  /** Refused or closed: what still comes is not looked at. */
  #over = false;
  #timer: NodeJS.Timeout;

  constructor(socket: Socket, options: PeerOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#timer = setTimeout(() => this.#close('no handshake'), options.handshakeTimeout);
    socket.on('data', (bytes: Buffer) => this.#read(bytes)).once('close', () => this.#gone());
    this.#output.on('drain', () => socket.resume());
  }

  #read(bytes: Buffer): void {
    for (const line of this.#lines.cut(bytes)) {
      if (this.#last === 'end') this.#pass(line);
      else if (!this.#over) this.#declare(line);
    }
  }

  #pass(line: string): void {
    if (line.startsWith('{"event":"heartbeat"')) this.#timer.refresh();
    if (!this.#output.write(`${line}\n`)) this.#socket.pause();
  }

  #declare(line: string): void {
    const message = parse(line);
    if (message === undefined) this.#refuse('handshake failed, invalid handshake message');
    else if (!FOLLOWERS[this.#last]?.includes(message.type)) {
      this.#close(`${message.type} after "${this.#last}"`);
    } else this.#follow(message.type, message.data);
  }

  #follow(type: string, data: unknown): void {
    const refusal = this.#check(type, data);
    if (refusal !== undefined) this.#refuse(refusal);
    else {
      this.#last = type;
      if (type === 'end') this.#accept();
    }
  }

  /** The words with which a host refuses the message; `undefined` if it takes it. */
  #check(type: string, data: unknown): string | undefined {
    switch (type) {
      case 'handshake': {
        clearTimeout(this.#timer);
        return (data as { key?: unknown }).key === this.#options.key
          ? undefined
          : 'handshake failed, invalid key';
      }
      case 'manifest_declaration': {
        this.#manifest = data;
        const broken = brokenManifest(data);
        return broken && `handshake failed, invalid plugin declaration: ${broken}`;
      }
      case 'model_declaration': {
        this.#providers = data;
        const broken = brokenProviders(data);
        return broken && `models register failed, invalid models declaration: ${broken}`;
      }
      case 'asset_chunk':
        return this.#takeChunk(data as Record<string, unknown>);
      default:
        return this.#atEnd();
    }
  }

  #takeChunk({ filename, data, end }: Record<string, unknown>): string | undefined {
    if (typeof filename !== 'string' || filename === '' || typeof data !== 'string' || data === '') {
      return 'transfer assets failed, error: a chunk without filename or data';
    }
    const bytes = Buffer.from(data, 'base64');
    if (bytes.toString('base64') !== data) return 'assets decode failed, error: illegal base64 data';
    if (this.#whole.has(filename)) return `transfer assets failed, error: ${filename} had ended`;
    this.#assetBytes += bytes.length;
    if (this.#assetBytes > ASSET_LIMIT) return 'assets too large, at most 50MB';
    this.#assets.set(filename, [...(this.#assets.get(filename) ?? []), bytes]);
    if (end === true) this.#whole.add(filename);
    return undefined;
  }

  #atEnd(): string | undefined {
    const missing = missingAssets(this.#manifest, this.#providers, this.#assets);
    const [half] = [...this.#assets.keys()].filter(name => !this.#whole.has(name));
    if (half !== undefined) return `assets remap failed, invalid assets data: ${half} has no end`;
    if (missing.length > 0) return `assets remap failed, cannot remap: file not found: ${missing.join(', ')}`;
    return this.#options.refuseWith();
  }

  #accept(): void {
    const socket = this.#socket;
    this.#timer = setTimeout(() => this.#close('no heartbeat'), this.#options.heartbeatTimeout);
    const assets = [...this.#assets].map(([name, pieces]) => [name, Buffer.concat(pieces)] as const);
    this.#options.onAccepted({
      manifest: this.#manifest as Record<string, unknown>,
      provider: (this.#providers as Record<string, unknown>[])[0] ?? {},
      assets: new Map(assets),
      host: new FakeHost({ stdin: socket, stdout: this.#output }, { checkAnswers: true }),
      at: performance.now(),
      cut: (how = 'reset') => void (how === 'reset' ? socket.resetAndDestroy() : socket.end()),
    });
  }

  #refuse(words: string): void {
    this.#over = true;
    this.#options.onRefused(words);
    this.#socket.write(`${words}\n`);
    // What still arrives is answered with a reset, as by a real host.
    this.#socket.destroySoon();
  }

  /** A host's time limits end a connection without a word; so do breaches of order here, which real ones may bear. */
  #close(reason: string): void {
    this.#over = true;
    this.#options.onRefused(reason);
    this.#socket.destroy();
  }

  #gone(): void {
    clearTimeout(this.#timer);
    this.#output.end();
  }
}

function parse(line: string): { readonly type: string; readonly data: unknown } | undefined {
  try {
    const { type, data } = JSON.parse(line);
    return typeof type === 'string' && typeof data === 'object' && data !== null ? { type, data } : undefined;
  } catch {
    return undefined;
  }
}
