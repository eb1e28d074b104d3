import { readdirSync, readFileSync } from 'node:fs';

/** One piece of a recorded body; `t` is seconds since the request was sent. */
export interface RecordedChunk {
  readonly t: number;
  readonly text?: string;
  readonly base64?: string;
}

/** One answer of a real server; the format is described in `test/fixtures/recordings/README.md`. */
export interface Recording {
  readonly case: string;
  readonly source: string;
  readonly note: string;
  /** Only where a server's own parser was fed with made-up text: that text. */
  readonly model_output?: string;
  readonly request: {
    readonly method: string;
    readonly path: string;
    /** `Name: value` */
    readonly headers: readonly string[];
    readonly text?: string;
    readonly base64?: string;
    /** In place of the body, where that is multipart with a sound. */
    readonly body_note?: string;
  };
  readonly response: {
    readonly status: number;
    readonly reason: string;
    /** `Name: value`, in the order and spelling in which they were sent. */
    readonly headers: readonly string[];
    readonly head_time: number;
    readonly chunks: readonly RecordedChunk[];
    readonly end: 'last-chunk' | 'content-length' | 'close' | 'cut';
    readonly end_time: number;
  };
}

const folder = new URL('../../../fixtures/recordings/', import.meta.url);

/** The recording called `name` (its file's name without `.json`, an older server's with its folder); throws if there is none. */
export function recording(name: string): Recording {
  return JSON.parse(readFileSync(new URL(`${name}.json`, folder), 'utf8')) as Recording;
}

/** Servers before 4.1.0 of which there are recordings, each in a folder of this name. */
export const olderVersions = ['1.5.1', '1.17.1', '2.12.0', '3.2.1'] as const;

/**
 * The names of all recordings that begin with `prefix`, sorted.
 * @param version an older server's, for {@link recording} with its folder
 */
export function recordingNames(prefix = '', version?: (typeof olderVersions)[number]): string[] {
  const inFolder = version === undefined ? '' : `${version}/`;
  return readdirSync(new URL(inFolder, folder))
    .filter(file => file.startsWith(prefix) && file.endsWith('.json'))
    .map(file => inFolder + file.slice(0, -'.json'.length))
    .sort();
}

/** The bytes of one recorded chunk. */
export function chunkBytes(chunk: RecordedChunk): Buffer {
  return chunk.base64 === undefined
    ? Buffer.from(chunk.text ?? '', 'utf8')
    : Buffer.from(chunk.base64, 'base64');
}

/** The whole recorded body. */
export function bodyBytes(recorded: Recording): Buffer {
  return Buffer.concat(recorded.response.chunks.map(chunkBytes));
}

/** The request's JSON body as recorded; `undefined` where the request had none. */
export function requestBody(recorded: Recording): unknown {
  return recorded.request.text === undefined ? undefined : JSON.parse(recorded.request.text);
}
