import { errorEvent } from '../../test/fake/xinference/replies.ts';
import { chat, type Load, stream, whole } from './load.ts';

const ERROR = 64 * 1024;
/** A token as servers make them. Its letters are the same in each run. */
const token = (length: number) =>
  Array.from(
    { length },
    (_, at) => 'QwErTyUiOpAsDfGhJkLzXcVbNm-_0123456789'[(at * at * 7 + at * 3) % 38],
  ).join('');
/** An error that all but has a key in it, over and over. */
const nearly = (key: string) => `${key.slice(0, -1)}~`.repeat(Math.ceil(ERROR / key.length)).slice(0, ERROR);
const refusal = (text: string) => whole(() => text, 'text/plain', 500);
const once = { max_retries: '0' };
const JWT = token(2_000);
const LONG_TOKEN = token(4_000);
const BACKSLASHES = '\\'.repeat(24);

/** Words of a server in which keys are looked for, and which are understood. */
export const serverWords: readonly Load[] = [
  chat('a key of 24 backslashes, an error of 64 KiB of them', refusal('\\'.repeat(ERROR)), {
    credentials: () => ({ ...once, api_key: BACKSLASHES }),
  }),
  chat('... in an error of a stream', stream(errorEvent('\\'.repeat(ERROR))), {
    stream: true,
    credentials: () => ({ ...once, api_key: BACKSLASHES }),
  }),
  chat('a JWT of 2,000, an error of 64 KiB that nearly is it', refusal(nearly(JWT)), {
    credentials: () => ({ ...once, api_key: JWT }),
  }),
  chat('... 100 times, one after the other', refusal(nearly(JWT)), {
    credentials: () => ({ ...once, api_key: JWT }),
    times: 100,
  }),
  chat('a header of 4,000, an error of 64 KiB that nearly is it', refusal(nearly(LONG_TOKEN)), {
    credentials: () => ({ ...once, headers: `X-Token: ${LONG_TOKEN}` }),
  }),
  chat('a key of 4,000, which the form refuses', refusal(nearly(LONG_TOKEN)), {
    credentials: () => ({ ...once, api_key: LONG_TOKEN }),
  }),
  chat('an error of escapes within escapes', refusal(`%${'25'.repeat(ERROR / 2)}`), {
    credentials: () => ({ ...once, api_key: JWT }),
  }),
  {
    name: 'a refusal of 64 KiB to transcribe',
    action: 'invoke_speech2text',
    uid: 'whisper',
    data: () => ({ file: 'fffb90c4'.repeat(1000) }),
    route: 'POST /v1/audio/transcriptions',
    answer: refusal('soundfile is '.repeat(ERROR / 13)),
    credentials: () => once,
  },
  {
    name: 'a refusal of 64 KiB to speak',
    action: 'invoke_tts',
    uid: 'tts',
    data: () => ({ content_text: 'Hello.', voice: '' }),
    route: 'POST /v1/audio/speech',
    answer: refusal('voice '.repeat(ERROR / 6)),
    credentials: () => once,
  },
];
