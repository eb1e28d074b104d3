import type { Fields } from '../../src/text/json.ts';
import { nodeCrypto } from '../../src/text/node-crypto.ts';
import { fileHead, textPart } from '../common/multipart.ts';
import type { TtsForm } from './form.ts';

/** What the endpoint itself takes; all else is the engine's. */
const OWN = new Set(['model', 'input', 'voice', 'response_format', 'speed', 'stream']);

/** What is spoken, and with which voice. */
export interface Speech {
  readonly modelUid: string;
  readonly input: string;
  /** Empty for the model's default. */
  readonly voice: string;
}

/**
 * The body of `/v1/audio/speech`: JSON, or a multipart form where the sample of a voice goes with it.
 * @returns with the type of its content; undefined stands for JSON
 */
export function speechBody(speech: Speech, form: TtsForm): { body: string | Buffer; contentType?: string } {
  const fields = speechFields(speech, form);
  return form.sample === undefined ? { body: JSON.stringify(fields) } : multipart(fields, form.sample);
}

function speechFields(
  { modelUid, input, voice }: Speech,
  { format, speed, sample, extraBody, engineArguments }: TtsForm,
): Fields {
  // Xinference reads an engine's parameters in `kwargs`, as JSON text; servers that are like OpenAI's beside the others.
  const engine = {
    ...Object.fromEntries(Object.entries(extraBody).filter(([name]) => !OWN.has(name))),
    ...engineArguments,
    ...(sample?.text && { prompt_text: sample.text }),
  };
  return {
    ...extraBody,
    model: modelUid,
    input,
    voice, // always there: some engines fail without the key, and take "" for their default
    response_format: format,
    ...(speed !== undefined && { speed }),
    stream: false,
    ...(Object.keys(engine).length > 0 && { kwargs: JSON.stringify(engine) }),
  };
}

function multipart(
  fields: Fields,
  { bytes, extension, mimeType }: NonNullable<TtsForm['sample']>,
): { body: Buffer; contentType: string } {
  const boundary = `speech-${nodeCrypto().randomUUID()}`;
  const texts = Object.entries(fields).map(([name, value]) =>
    textPart(boundary, name, typeof value === 'string' ? value : JSON.stringify(value)),
  );
  const file = fileHead(boundary, 'prompt_speech', { filename: `sample.${extension}`, mimeType });
  return {
    body: Buffer.concat([Buffer.from(texts.join('') + file), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]),
    contentType: `multipart/form-data; boundary=${boundary}`,
  };
}
