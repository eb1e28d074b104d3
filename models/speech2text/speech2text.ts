import { type Call, modelSchema, type RequestOf, type Speech2TextHandlers } from '../../src/dify/index.ts';
import { ServerError } from '../../src/http/errors/errors.ts';
import { errorIn } from '../../src/http/errors/stream-errors.ts';
import { readJsonObject } from '../../src/http/response/body.ts';
import type { ModelDescription } from '../../src/xinference/description.ts';
import { type ModelCredentials, readCredentials } from '../common/credentials.ts';
import { describeForInvoke } from '../common/describe.ts';
import type { Services } from '../common/services.ts';
import { validateModel } from '../common/validate.ts';
import { readSpeech2TextForm, type Speech2TextForm } from './form.ts';
import { explainTranscriptionRefusal } from './refusals.ts';
import { transcribedText } from './transcript.ts';
import { type ResponseFormat, TranscriptionBody, transcriptionFields } from './transcription-body.ts';

const PATHS = { transcribe: '/v1/audio/transcriptions', translate: '/v1/audio/translations' } as const;
/** MB. As hex it is one line of the host, which may have 256 MiB. */
const UPLOAD_LIMIT = 100;
const EXTENSIONS = 'mp3,mp4,mpeg,mpga,m4a,wav,webm,ogg,opus,flac,aac,amr';
/** The families that FunASR runs, the one engine that can tell speakers apart. */
const FUNASR = /fun-?asr|paraformer|sensevoice/i;
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
    await validateModel(this.#services, request, signal, readSpeech2TextForm);
  }

  /** `get_ai_model_schemas`: the same for each model, so that no server is asked. */
  async schema(request: RequestOf<'get_ai_model_schemas'>) {
    readCredentials(request.credentials, request.model);
    readSpeech2TextForm(request.credentials ?? {});
    return modelSchema(request.model, 'speech2text', {
      properties: { file_upload_limit: UPLOAD_LIMIT, supported_file_extensions: EXTENSIONS },
    });
  }

  /** `invoke_speech2text` */
  async invoke(request: RequestOf<'invoke_speech2text'>, { signal }: Call): Promise<string> {
    const form = readSpeech2TextForm(request.credentials ?? {});
    let body: TranscriptionBody | undefined;
    return this.#services.failover.use(
      readCredentials(request.credentials, request.model),
      async credentials => {
        const description = await describeForInvoke(this.#services, credentials, 'speech2text', signal);
        const isFunAsr = runsOnFunAsr(description);
        const fields = transcriptionFields(credentials.modelUid, form, isFunAsr);
        body ??= await TranscriptionBody.of(request.file ?? '', fields, signal);
        request.file = null; // up to 256 MiB of text that the long wait for the answer need not keep
        return this.#transcribe({ body, form, credentials, isFunAsr }, signal);
      },
    );
  }

  /**
   * Asks for segments only where they can name speakers, or their times are wanted: Whisper spends tokens of its limit on their
   * timestamps, so it hears less then. An engine that fails over them is asked once more for the text alone.
   */
  async #transcribe(asked: Transcription, signal: AbortSignal): Promise<string> {
    if (!asked.isFunAsr && !asked.form.timestamps) return this.#ask(asked, 'json', signal);
    try {
      return await this.#ask(asked, 'verbose_json', signal);
    } catch (error) {
      if (!(error instanceof ServerError) || !REFUSALS.has(error.status)) throw error;
      this.#services.log.warn(`${error.logged} Asking once more for the text without segments.`);
      return this.#ask(asked, 'json', signal);
    }
  }

  async #ask(
    { body, form, credentials: { server, modelUid } }: Transcription,
    format: ResponseFormat,
    signal: AbortSignal,
  ): Promise<string> {
    const path = PATHS[form.task];
    const response = await this.#services.client
      .send(server, {
        method: 'POST',
        path,
        body: body.bytes(format),
        contentType: body.contentType,
        signal,
        model: { uid: modelUid, givesWay: false },
      })
      .catch(error => {
        throw explainTranscriptionRefusal(error, modelUid);
      });
    const text = transcribedText(await readJsonObject(response, signal), form.timestamps);
    if (text !== undefined) return text;
    throw errorIn(response, 'no-answer', `What came back from ${response.url} holds no transcribed text`);
  }
}

function runsOnFunAsr({ name = '', family = '' }: Partial<ModelDescription> = {}): boolean {
  return FUNASR.test(`${family} ${name}`);
}

/** One recording, and what is wanted of it. */
interface Transcription {
  readonly body: TranscriptionBody;
  readonly form: Speech2TextForm;
  readonly credentials: ModelCredentials;
  readonly isFunAsr: boolean;
}
