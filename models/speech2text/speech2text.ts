import {
  type Call,
  modelSchema,
  type RawCredentials,
  type RequestOf,
  type Speech2TextHandlers,
} from '../../src/dify/index.ts';
import { ServerError } from '../../src/http/errors/errors.ts';
import { errorIn } from '../../src/http/errors/stream-errors.ts';
import { readJsonObject } from '../../src/http/response/body.ts';
import type { ModelDescription } from '../../src/xinference/description.ts';
import { type ModelCredentials, readCredentials, textField } from '../common/credentials.ts';
import { describeForInvoke } from '../common/describe.ts';
import type { Services } from '../common/services.ts';
import { validateModel } from '../common/validate.ts';
import { explainTranscriptionRefusal } from './refusals.ts';
import { transcribedText } from './transcript.ts';
import { type ResponseFormat, TranscriptionForm } from './transcription-form.ts';

const PATH = '/v1/audio/transcriptions';
/** MB. As hex it is one line of the host, which may have 256 MiB. */
const UPLOAD_LIMIT = 100;
const EXTENSIONS = 'mp3,mp4,mpeg,mpga,m4a,wav,webm,ogg,opus,flac,aac,amr';
/** The families that FunASR runs, the one engine that can tell speakers apart. */
const TELLS_SPEAKERS = /fun-?asr|paraformer|sensevoice/i;
/** What an engine answers to a format that it cannot make of this recording. */
const REFUSALS: ReadonlySet<number | undefined> = new Set([400, 422, 500, 501]);

/** Speech recognition models of a Xinference server. */
export class XinferenceSpeech2Text implements Speech2TextHandlers {
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  /** `validate_model_credentials` */
  async validate(request: RequestOf<'validate_model_credentials'>, { signal }: Call): Promise<void> {
    await validateModel(this.#services, request, signal, languageField);
  }

  /** `get_ai_model_schemas` */
  async schema(request: RequestOf<'get_ai_model_schemas'>) {
    return modelSchema(request.model, 'speech2text', {
      properties: { file_upload_limit: UPLOAD_LIMIT, supported_file_extensions: EXTENSIONS },
    });
  }

  /** `invoke_speech2text` */
  async invoke(request: RequestOf<'invoke_speech2text'>, { signal }: Call): Promise<string> {
    const credentials = readCredentials(request.credentials, request.model);
    const language = languageField(request.credentials ?? {});
    const form = await TranscriptionForm.of(
      request.file ?? '',
      { model: credentials.modelUid, ...(language === '' ? {} : { language }) },
      signal,
    );
    request.file = null; // up to 256 MiB of text that the long wait for the answer need not keep
    const description = await describeForInvoke(this.#services, credentials, 'speech2text', signal);
    return this.#transcribe(form, credentials, description, signal);
  }

  /**
   * Asks for segments only where they can name speakers: Whisper spends tokens of its limit on their timestamps, so it
   * hears less then. An engine that fails over them is asked once more for the text alone.
   */
  async #transcribe(
    form: TranscriptionForm,
    credentials: ModelCredentials,
    description: ModelDescription | undefined,
    signal: AbortSignal,
  ): Promise<string> {
    const { name = '', family = '' } = description ?? {};
    if (!TELLS_SPEAKERS.test(`${family} ${name}`)) return this.#ask(form, 'json', credentials, signal);
    try {
      return await this.#ask(form, 'verbose_json', credentials, signal);
    } catch (error) {
      if (!(error instanceof ServerError) || !REFUSALS.has(error.status)) throw error;
      this.#services.log.warn(`${error.logged} Asking once more for the text without speakers.`);
      return this.#ask(form, 'json', credentials, signal);
    }
  }

  async #ask(
    form: TranscriptionForm,
    format: ResponseFormat,
    { server, modelUid }: ModelCredentials,
    signal: AbortSignal,
  ): Promise<string> {
    const answer = await this.#services.client
      .send(server, {
        method: 'POST',
        path: PATH,
        body: form.body(format),
        contentType: form.contentType,
        signal,
      })
      .catch(error => {
        throw explainTranscriptionRefusal(error, modelUid);
      });
    const text = transcribedText(await readJsonObject(answer, signal));
    if (text !== undefined) return text;
    throw errorIn(answer, 'no-answer', `What came back from ${answer.url} holds no transcribed text`);
  }
}

/** What the form has beyond the common fields: an ISO code; empty lets the server detect. */
function languageField(form: RawCredentials): string {
  return textField(form, 'language');
}
