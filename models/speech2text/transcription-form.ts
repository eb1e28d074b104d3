import { InvokeBadRequestError } from '../../src/dify/index.ts';
import { nodeCrypto } from '../../src/text/node-crypto.ts';
import { type AudioType, audioTypeOf } from '../common/audio-type.ts';
import { fileHead, textPart } from '../common/multipart.ts';
import { decodeHex } from './hex.ts';

/** What is decoded ahead, to see what the file is. */
const DIGITS_OF_START = 8192;
const UNKNOWN: AudioType = { extension: 'bin', mimeType: 'application/octet-stream' };

/** How a server shall answer: the text alone, or with segments, and speakers where the engine tells them apart. */
export type ResponseFormat = 'json' | 'verbose_json';

/**
 * The multipart body of a transcription. A recording may have 100 MB, so it is decoded right into its place: a form of a
 * library would copy it (75 ms at once for 100 MB, and as much memory again), and would be a stream, which cannot be
 * sent a second time. The format of the answer comes last, where it can be exchanged.
 */
export class TranscriptionForm {
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
  ): Promise<TranscriptionForm> {
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
    return new TranscriptionForm(boundary, bytes, endAt);
  }

  /** The whole body. It holds until the next one is asked for: both are the same memory. */
  body(format: ResponseFormat): Buffer {
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
