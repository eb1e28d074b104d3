import { InvokeBadRequestError } from '../../src/dify/index.ts';
import { nodeCrypto } from '../../src/text/node-crypto.ts';
import { type AudioType, audioTypeOf } from '../common/audio-type.ts';
import { fileHead, textPart } from '../common/multipart.ts';
import type { Speech2TextForm } from './form.ts';
import { decodeHex } from './hex.ts';

/** What is decoded ahead, to see what the file is. */
const DIGITS_OF_START = 8192;
const UNKNOWN: AudioType = { extension: 'bin', mimeType: 'application/octet-stream' };

/** How a server shall answer: the text alone, or with segments, and speakers where the engine tells them apart. */
export type ResponseFormat = 'json' | 'verbose_json';

/**
 * The fields that go with a recording.
 * @param isFunAsr that engine takes hot words as an argument of its own, and ignores the prompt
 */
export function transcriptionFields(
  modelUid: string,
  { language, prompt, extraBody, engineArguments }: Speech2TextForm,
  isFunAsr: boolean,
): Record<string, string> {
  const engine = { ...(isFunAsr && prompt !== '' && { hotword: prompt }), ...engineArguments };
  const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value));
  return {
    ...Object.fromEntries(Object.entries(extraBody).map(([name, value]) => [name, text(value)])),
    model: modelUid,
    ...(language !== '' && { language }),
    ...(prompt !== '' && { prompt }),
    ...(Object.keys(engine).length > 0 && { kwargs: JSON.stringify(engine) }),
  };
}

/**
 * The multipart body of a transcription. A recording may have 100 MB, so it is decoded right into its place: a library's form
 * would copy it (75 ms at once for 100 MB, and as much memory again), and would be a stream, which cannot be
 * sent a second time. The format of the answer comes last, where it can be exchanged.
 */
export class TranscriptionBody {
  /** Of the body, with its boundary. */
  readonly contentType: string;
  readonly #boundary: string;
  /** Everything, with room for the longest end. */
  readonly #bytes: Buffer;
  readonly #endAt: number;

  private constructor(boundary: string, bytes: Buffer, endAt: number) {
    this.contentType = `multipart/form-data; boundary=${boundary}`;
    this.#boundary = boundary;
    this.#bytes = bytes;
    this.#endAt = endAt;
  }

  /**
   * @param file the recording in hex
   * @param fields what goes with it
   * @throws InvokeBadRequestError when the recording is empty or no hex. The signal's reason.
   */
  static async of(
    file: string,
    fields: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<TranscriptionBody> {
    if (file === '') {
      throw new InvokeBadRequestError('The audio file is empty. Send a recording with sound in it.');
    }
    const type = audioTypeOf(Buffer.from(file.slice(0, DIGITS_OF_START), 'hex'));
    const boundary = `audio-${nodeCrypto().randomUUID()}`;
    const head = Buffer.from(
      Object.entries(fields)
        .map(([name, value]) => textPart(boundary, name, value))
        .join('') + audioHead(boundary, type),
    );
    const endAt = head.length + Math.ceil(file.length / 2);
    const bytes = Buffer.allocUnsafe(endAt + end(boundary, 'verbose_json').length);
    head.copy(bytes);
    await decodeHex(file, bytes, head.length, signal);
    return new TranscriptionBody(boundary, bytes, endAt);
  }

  /** All bytes. They hold until the next ones are asked for: both are the same memory. */
  bytes(format: ResponseFormat): Buffer {
    const length = this.#bytes.write(end(this.#boundary, format), this.#endAt, 'latin1');
    return this.#bytes.subarray(0, this.#endAt + length);
  }
}

/** A server may go by the name's ending, so it is always there when the type is known. */
function audioHead(boundary: string, { extension, mimeType }: AudioType = UNKNOWN): string {
  return fileHead(boundary, 'file', { filename: `audio.${extension}`, mimeType });
}

function end(boundary: string, format: ResponseFormat): string {
  return `\r\n${textPart(boundary, 'response_format', format)}--${boundary}--\r\n`;
}
