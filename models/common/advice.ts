import type { FailureCode, ServerError } from '../../src/http/errors/errors.ts';
import { SAYS_NOTHING } from '../../src/http/errors/http-errors.ts';
import { fieldName, optionName } from './form-labels.ts';

type Advice = string | ((error: ServerError) => string);

const SERVER_URL = fieldName('server_url');
const API_KEY = fieldName('api_key');
const MODEL_UID = fieldName('model_uid');

const ITS_LOG = "look into Xinference's log";
const PROXIES = "Check HTTP_PROXY, HTTPS_PROXY and NO_PROXY of the plugin's environment.";
const UNSIGNED = `or set ${fieldName('tls_verify')} to ${optionName('tls_verify', 'no')} for this model`;
const XINFERENCE_ITSELF = `Check ${SERVER_URL} in the credentials: it must be the address of Xinference itself, not of a web page or a login in front of it.`;
const BETWEEN = `Check ${SERVER_URL} in the credentials, and what stands between Dify and Xinference.`;
const CRASHED = `The model may have crashed: ${ITS_LOG}, and try again.`;
const ANEW = `Look into Xinference's log; if it happens again, launch the model anew.`;

/** Of a server that failed and does not say why. */
const FAILED = "The fault is the server's own: look into its log, and try again.";
/** Of a number that a model computed, and that is none. */
const NOT_A_NUMBER =
  'The model computed a number that is none (NaN), as float16 does where it overflows: launch it with another precision or engine.';

/** What a user can try in Dify about each failure of a server, by the labels that the form has. */
const ADVICE: Readonly<Record<FailureCode, Advice>> = {
  dns: `Check ${SERVER_URL} in the credentials, and the DNS of the Dify machine.`,
  refused: ({ loopback }) =>
    `Check that Xinference runs there, with --host 0.0.0.0 to be reachable from elsewhere.${insideContainer(loopback)}`,
  'proxy-refused': PROXIES,
  'connect-timeout': ({ loopback }) =>
    `Check ${SERVER_URL} in the credentials, and the firewalls and proxies between Dify and Xinference.${insideContainer(loopback)}`,
  'no-route': `Check ${SERVER_URL} in the credentials, and the network of the Dify machine.`,
  'too-many-open': 'Try again, or raise the limit of open files of the plugin daemon.',
  closed: 'The server may be restarting, or a proxy in front of it gave up. Try again.',
  'certificate-name': `Use the name that stands in it, ${UNSIGNED}.`,
  'certificate-time': 'Renew it, and check the clock of the Dify machine.',
  'certificate-untrusted': `Set NODE_EXTRA_CA_CERTS to your authority's certificate on the Dify machine, ${UNSIGNED}.`,
  'no-tls': `Use http:// instead of https:// in ${SERVER_URL} in the credentials.`,
  tls: `Check ${SERVER_URL} in the credentials, and the TLS settings of what answers there.`,
  'no-http': `Check the port in ${SERVER_URL} in the credentials, and whether it wants https:// instead of http://.`,
  'proxy-url': 'Write it as http://host:port, and what is special in a password percent-encoded.',
  proxy: PROXIES,
  network: `Check ${SERVER_URL} in the credentials, and Xinference's log.`,
  'may-have-worked': CRASHED,
  silent: `The model may be overloaded or stuck; for long prompts on slow machines raise ${fieldName('invoke_timeout')} in the credentials.`,
  endless: `The model may be overloaded: ask for less at once, or raise ${fieldName('invoke_timeout')} in the credentials.`,
  'broke-off': CRASHED,
  'key-missing': `Enter a key of this Xinference server into ${API_KEY} in the credentials.`,
  'key-refused': `Check ${API_KEY} in the credentials: it may be mistyped, expired or disabled. On newer servers, ten wrong tries lock the address out for an hour.`,
  'access-denied': `Check that the key in ${API_KEY} may list and use this model (models:list, models:read), and that Xinference and the proxies in front of it let the Dify machine in.`,
  banned: `Correct ${API_KEY} in the credentials wherever this server is used, then wait (an hour by default) or restart Xinference.`,
  'rate-limited': 'Try again later, or launch the model with a higher request limit or more replicas.',
  loading: 'Wait until Xinference shows it as ready.',
  unavailable: 'Check that Xinference and the proxies in front of it are up, and try again.',
  'model-failed': ofWords,
  'server-failed': FAILED,
  'path-unknown': ({ path }) => `${XINFERENCE_ITSELF}${ageFor(path)}`,
  'model-unknown': `Check that the model is running, and that its UID (not its name) stands in ${MODEL_UID} in the credentials as Xinference lists it.`,
  'model-not-running': `Launch the model, or type the UID of one that runs into ${MODEL_UID} in the credentials.`,
  redirect: ({ elsewhere }) =>
    elsewhere === undefined
      ? `Check ${SERVER_URL} in the credentials, and whether a login stands before the server: redirects are not followed.`
      : `Redirects are not followed: type ${elsewhere} into ${SERVER_URL} in the credentials, if that is Xinference.`,
  'too-large': 'Send less at once, or raise the limit of the proxy in front of Xinference.',
  'request-refused': ofWords,
  'images-refused': 'Images can be ranked by servers from Xinference 4 on; older ones take texts only.',
  'status-4xx': BETWEEN,
  'status-5xx': BETWEEN,
  'web-page': ({ path }) => `${XINFERENCE_ITSELF}${ageFor(path)}`,
  'page-as-answer': XINFERENCE_ITSELF,
  'no-answer': BETWEEN,
  'no-stream': XINFERENCE_ITSELF,
  'broken-answer': ANEW,
  'not-a-number': NOT_A_NUMBER,
  'too-long': 'Ask for less at once.',
  'too-many-numbers': `Lower ${fieldName('max_chunks')} in the credentials.`,
  'uneven-embeddings': `Embeddings of one model have one length: ${ITS_LOG}, and whether all replicas run the same model.`,
  abandoned: "Look into Xinference's log, and try again.",
  filtered: "Change what is asked, or the filter's settings.",
  'endless-calls': 'Lower max tokens, or give it fewer or simpler tools.',
  'no-sound': `Check that the model speaks with the chosen voice and ${fieldName('audio_format')}, and that ${SERVER_URL} in the credentials is the address of Xinference itself; the server's log may say more.`,
};

/** What to try, by what the server's own words point at. The first that matches counts. */
const BY_WORDS: readonly (readonly [RegExp, Advice])[] = [
  [
    /check the server logs|__aiter__/i, // newer servers mask the errors of chat models
    'The server hides the cause: its log has it. Likely causes: a conversation longer than the context the model was launched with, a model of another type, tools or parameters that this engine does not take.',
  ],
  [
    /context (?:length|size)|max(?:imum)?[ _](?:model )?length|too long|too large to process|exceeds? the (?:model|maximum)/i,
    ({ path }) =>
      /embed|rerank/.test(path)
        ? 'Shorten the texts, such as by a smaller chunk length in Dify; the context the model was launched with can be smaller than its nominal one.'
        : 'Shorten the conversation or lower max tokens; the context the model was launched with can be smaller than its nominal one.',
  ],
  [SAYS_NOTHING, FAILED],
  [
    /(?:roles?|messages?) (?:must|should|need to|have to) (?:strictly )?alternate|alternat(?:e|ing) (?:between )?(?:the )?(?:roles|user)|(?:first|last) (?:role|message)|only user and assistant roles/i,
    "The model's template takes messages of the user and of the assistant in turn alone, the user's first: merge those of one role that follow each other.",
  ],
  [
    /system (?:role|messages?|prompts?) (?:is |are )?not (?:supported|allowed)|does not support (?:the )?system/i,
    "The model's template takes no system message: write what it says into the user's first message.",
  ],
  [
    /system message|role.{0,100}order|strict_system_first|got system/i,
    'This model takes a system message at the very beginning only: move or merge the system prompts.',
  ],
  [
    /not JSON serializable: list_iterator/i, // seen on 1.11.0 and 1.17.1
    `Xinference before 2.7.0 fails so with tools on llama.cpp: update it, or set ${fieldName('tool_calling')} to ${optionName('tool_calling', 'off')} for this model.`,
  ],
  [
    /^'(?:id|choices)'$/, // a key that llama.cpp's own error lacks; seen on 1.17.1, still so in the source of 2.11.0
    'Xinference before 2.12.0 says so, and no more, of a conversation that is longer than the context llama.cpp was launched with: shorten it, or launch the model with a larger n_ctx.',
  ],
  [
    /please specify the prompt/i,
    "The conversation is empty, or its last message is the assistant's, which Xinference before 2.7.0 refuses: end it with one of the user.",
  ],
  [
    /support tool calls/i,
    `Set ${fieldName('tool_calling')} to ${optionName('tool_calling', 'off')} for this model, or use a model with tools.`,
  ],
  [/\bNaN\b|not JSON compliant/i, NOT_A_NUMBER],
  [/out of memory/i, 'The server ran out of memory: shorten the input or give the model more room.'],
  [
    /in error state|remote server .{1,100} closed|actor .{1,100} does not exist|EngineCore|EngineDead|CUDA error/i,
    "The model's process has broken down: look into the server's log, and launch the model anew.",
  ],
  [
    /is not for creating|has no attribute 'model_spec'/i,
    'The model is of another type than the one chosen in Dify.',
  ],
];

/** A version of Xinference that has the path, where older ones lack it: 0.6.3, 0.8.0 and 0.11.3 do. */
const FIRST_WITH: Readonly<Record<string, string>> = {
  '/v1/rerank': '0.6.5',
  '/v1/audio/transcriptions': '0.8.5',
  '/v1/audio/translations': '0.8.5',
  '/v1/audio/speech': '0.12.0',
};

/** What a user can try about a failure, in one or more sentences. */
export function adviceFor(error: ServerError): string {
  return textOf(ADVICE[error.code], error);
}

function ofWords(error: ServerError): string {
  const [, advice] = BY_WORDS.find(([pattern]) => error.said.test(pattern)) ?? [];
  return textOf(advice ?? "Check the request's parameters and the server's log.", error);
}

function textOf(advice: Advice, error: ServerError): string {
  return typeof advice === 'string' ? advice : advice(error);
}

function insideContainer(loopback: string | undefined): string {
  if (loopback === undefined) return '';
  return ` Inside a container ${loopback} is the container itself: use the address that the machine has in the network, or host.docker.internal.`;
}

function ageFor(path: string): string {
  const first = FIRST_WITH[path];
  return first === undefined
    ? ''
    : ` Xinference has this path from ${first} on: an older one must be updated.`;
}
