import {
  type Call,
  InvokeBadRequestError,
  modelSchema,
  type RequestOf,
  type SoundWriter,
  type TtsHandlers,
  type Voice,
} from '../../src/dify/index.ts';
import { ServerError } from '../../src/http/errors/errors.ts';
import { type ModelCredentials, readCredentials } from '../common/credentials.ts';
import { describeForInvoke, describeForSchema } from '../common/describe.ts';
import type { Services } from '../common/services.ts';
import { validateModel } from '../common/validate.ts';
import { withoutThoughts } from '../openai/thinking/without-thoughts.ts';
import { withEndMark } from './end-mark.ts';
import { readTtsForm, type TtsForm } from './form.ts';
import { isJoinable, SoundJoiner } from './join.ts';
import { inOrder } from './look-ahead.ts';
import { explainSpeechRefusal } from './refusals.ts';
import { readSound, type Sound } from './sound.ts';
import { speechBody } from './speech-body.ts';
import { splitText } from './split-text.ts';
import { voicesFor, voicesOf, voiceToSend } from './voices.ts';

/** Characters that go to the model at once. */
const WORD_LIMIT = 500;
/** Pieces that are spoken while the one before them is waited for or sent. */
const LOOK_AHEAD = 2;

/**
 * Dify's name for whoever hears an answer while it is written. It comes in pieces of some sentences then, and an error for one
 * (of thoughts, code or an emoji alone) would silence all that follow.
 */
const WHILE_IT_IS_WRITTEN = 'responding_tts';

/** Speech models of a Xinference server. */
export class XinferenceTts implements TtsHandlers {
  readonly #services: Services;

  constructor(services: Services) {
    this.#services = services;
  }

  /** `validate_model_credentials` */
  async validate(request: RequestOf<'validate_model_credentials'>, { signal }: Call): Promise<void> {
    await validateModel(this.#services, request, signal, readTtsForm);
  }

  /** `get_ai_model_schemas` */
  async schema(request: RequestOf<'get_ai_model_schemas'>, { signal }: Call) {
    const credentials = readCredentials(request.credentials, request.model);
    const form = readTtsForm(request.credentials ?? {});
    const description = await describeForSchema(this.#services, credentials, 'tts', signal);
    const voices = voicesOf(form, description);
    return modelSchema(request.model, 'tts', {
      properties: {
        default_voice: voices[0].value,
        voices: voices.map(({ name, value, languages }) => ({ name, mode: value, language: languages })),
        audio_type: form.format,
        word_limit: WORD_LIMIT,
        max_workers: 1 + LOOK_AHEAD,
      },
    });
  }

  /** `get_tts_model_voices` */
  async voices(request: RequestOf<'get_tts_model_voices'>, call: Call): Promise<Voice[]> {
    const credentials = readCredentials(request.credentials, request.model);
    const form = readTtsForm(request.credentials ?? {});
    const description = form.voices.length > 0 ? undefined : await this.#describeAnywhere(credentials, call);
    const voices = voicesFor(voicesOf(form, description), request.language ?? '');
    return voices.map(({ name, value }) => ({ name, value }));
  }

  /** `invoke_tts` */
  async invoke(request: RequestOf<'invoke_tts'>, call: Call, sound: SoundWriter): Promise<void> {
    const credentials = readCredentials(request.credentials, request.model);
    const form = readTtsForm(request.credentials ?? {});
    const typed = (request.content_text ?? '').toWellFormed(); // the server fails on half a character
    if (typed.trim() === '') throw new InvokeBadRequestError('There is no text to speak: it is empty.');
    const text = await textToSpeak(typed, form);
    if (text === '') {
      if (request.user_id === WHILE_IT_IS_WRITTEN) return sound.write(Buffer.alloc(0), 'audio/mpeg');
      throw new InvokeBadRequestError('There is nothing in the text to speak but thoughts, code, or marks.');
    }
    let hasBegun = false;
    const watched: SoundWriter = {
      write: (bytes, mimeType) => {
        hasBegun = true;
        return sound.write(bytes, mimeType);
      },
    };
    const speak = async (asked: ModelCredentials) => {
      const voices = voicesOf(form, await this.#describe(asked, call));
      const voice = voiceToSend(request.voice ?? '', voices);
      const speech = { credentials: asked, form, voice };
      await new SpeechCall(this.#services, speech, watched, call.signal).speak(text);
    };
    await this.#services.failover.use(credentials, speak, () => hasBegun);
  }

  /** As the second server says it, where the first says nothing. */
  async #describeAnywhere(credentials: ModelCredentials, call: Call) {
    const { fallback } = credentials.server;
    const description = await this.#describe(credentials, call);
    if (description !== undefined || fallback === undefined) return description;
    return this.#describe({ ...credentials, server: fallback }, call);
  }

  #describe(credentials: ModelCredentials, { signal }: Call) {
    return describeForInvoke(this.#services, credentials, 'tts', signal);
  }
}

/** What of a text is spoken. Thoughts never are. The parser is loaded when the first text comes. */
async function textToSpeak(text: string, form: TtsForm): Promise<string> {
  const response = withoutThoughts(text);
  if (!form.speakable) return response.trim();
  const { speakable } = await import('./speakable.ts');
  return speakable(response);
}

/** What to speak with. */
interface SpeechRequest {
  readonly credentials: ModelCredentials;
  readonly form: TtsForm;
  readonly voice: string;
}

/** One `invoke_tts`, from the text to the sound that goes back. */
class SpeechCall {
  readonly #services: Services;
  readonly #asked: SpeechRequest;
  readonly #sound: SoundWriter;
  readonly #signal: AbortSignal;

  constructor(services: Services, asked: SpeechRequest, sound: SoundWriter, signal: AbortSignal) {
    this.#services = services;
    this.#asked = asked;
    this.#sound = sound;
    this.#signal = signal;
  }

  /** A long text is spoken in pieces, the first of which is heard while the others are made. */
  async speak(text: string): Promise<void> {
    if (text.length <= WORD_LIMIT || !isJoinable(this.#asked.form.format)) return this.#whole(text);
    const joiner = new SoundJoiner();
    const lookAhead = { ahead: LOOK_AHEAD, signal: this.#signal, isTooMuch: isRateLimit };
    const { speakable } = this.#asked.form;
    // A piece that ends within a sentence needs a mark too, and room for it.
    const pieces = splitText(text, speakable ? WORD_LIMIT - 1 : WORD_LIMIT);
    const sounds = inOrder(pieces, lookAhead, (piece, signal) =>
      this.#synthesize(speakable ? withEndMark(piece) : piece, signal),
    );
    let isFirst = true;
    for await (const sound of sounds) {
      // Some models write a format of their own, whatever they are asked for. What was heard cannot be taken back.
      if (isFirst && !isJoinable(sound.container)) return this.#whole(text);
      isFirst = false;
      for (const bytes of joiner.join(sound)) await this.#sound.write(bytes, sound.mimeType);
    }
  }

  async #whole(text: string): Promise<void> {
    const { bytes, mimeType } = await this.#synthesize(text, this.#signal);
    await this.#sound.write(bytes, mimeType);
  }

  /** Never streamed by the server: what fails in the middle of a stream looks like its end there. */
  async #synthesize(input: string, signal: AbortSignal): Promise<Sound> {
    const { credentials, form, voice } = this.#asked;
    const { server, modelUid } = credentials;
    const { format } = form;
    try {
      const response = await this.#services.client.send(server, {
        method: 'POST',
        path: '/v1/audio/speech',
        ...speechBody({ modelUid, input, voice }, form),
        signal,
        model: { uid: modelUid, givesWay: false },
      });
      return await readSound(response, format, signal);
    } catch (error) {
      throw explainSpeechRefusal(error, { modelUid, voice, format, sample: form.sample });
    }
  }
}

/** A model can be launched to take one request at a time, and then refuses the ones that look ahead. */
function isRateLimit(error: unknown): boolean {
  return error instanceof ServerError && error.code === 'rate-limited';
}
