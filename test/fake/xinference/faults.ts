import type { OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { mp3Tone } from '../sound/mp3.ts';
import {
  errorEvent,
  event,
  type Handler,
  head,
  pause,
  pythonJson,
  send,
  sendJson,
  startEvents,
  write,
} from './replies.ts';
import type { FakeRequest } from './request.ts';

/** The connection is reset before a byte of the answer. */
export const resetBeforeHead: Handler = (_request, _response, socket) => reset(socket);

/** Breaks a connection off without a word; TLS knows no reset, and is broken by a close. */
export function reset(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}

/** A head, the first part of an answer of the kind that was asked for, then a reset. */
export const resetMidBody: Handler = async (request, response, socket) => {
  await begin(request, response);
  // What has been written must have left before the reset, which throws away what has not.
  await pause(20, request.signal);
  reset(socket);
};

/** The same, but the connection is closed in an orderly way: the body's end is missing. */
export const closeMidBody: Handler = async (request, response, socket) => {
  await begin(request, response);
  socket.end();
};

/** Takes the request and never answers. */
export const blackHole: Handler = () => undefined;

/** A head and the first part of the answer, then nothing more for as long as the client waits. */
export const stall: Handler = async (request, response) => {
  await begin(request, response);
};

/** Answers `status` with `body`: a string as text, anything else as JSON. */
export function status(code: number, body: unknown = '', headers: OutgoingHttpHeaders = {}): Handler {
  return (_request, response) => {
    if (typeof body === 'string') send(response, code, 'text/plain; charset=utf-8', body, headers);
    else sendJson(response, code, body, headers);
  };
}

/** Answers `code` with an HTML page, as a proxy does whose server is away. */
export function page(code: number, title: string, headers: OutgoingHttpHeaders = {}): Handler {
  const html = `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>\r\n`;
  return (_request, response) => send(response, code, 'text/html', html, { ...headers, server: 'nginx' });
}

const engine = '[address=127.0.0.1:45193, pid=3663]';

export const badRequest = status(400, { detail: "Request exceeds the model's configured context length." });
export const unauthorized = status(
  401,
  { detail: 'Could not validate credentials' },
  { 'www-authenticate': 'Bearer scope="models:read"' },
);
export const forbidden = status(403, { detail: 'API key does not have access to model: chat' });
export const notFound = status(404, {
  detail: 'Model not found in the model list, uid: chat (cached, retry after 10.0s)',
});
export const unprocessable = status(422, {
  detail: [{ type: 'missing', loc: ['body', 'file'], msg: 'Field required', input: null }],
});
/** Too many requests at once: worth another try. */
export const rateLimited = status(429, { detail: 'Rate limit reached' });
/** Too many wrong keys: locked out for an hour, no try helps. */
export const banned = status(429, { detail: 'Too many failed attempts. IP temporarily banned.' });
export const engineFailure = status(500, { detail: `${engine} CUDA out of memory.` });
/** A request that did not pass validation: plain text under a misleading 500. */
export const invalidRequest = status(
  500,
  'Internal Server Error: 1 validation error for CreateChatCompletion\ntemperature\n  none is not an allowed value (type=type_error.none.not_allowed)',
);
export const notImplemented = status(501, { detail: 'Not implemented' });
export const badGateway = page(502, '502 Bad Gateway');
/** The model is being launched. */
export const loading = (seconds = 30): Handler =>
  status(
    503,
    {
      detail: `Model is loading, please retry later: ${engine} Model chat is launching, not yet ready for inference`,
    },
    { 'retry-after': String(seconds) },
  );
export const unavailable = page(503, '503 Service Temporarily Unavailable');
export const gatewayTimeout = page(504, '504 Gateway Time-out');
/** A web page where an answer should be: a wrong address, or a proxy's login. */
export const html200 = page(200, 'Sign in');
export const empty200: Handler = (_request, response) => send(response, 200, 'application/json', '');
/** Good JSON that is no answer to anything. */
export const wrongJson = status(200, { hello: 'world' });

/** An answer whose JSON stops in the middle while HTTP says that it is whole. */
export const truncatedJson: Handler = (request, response) => {
  if (streams(request)) {
    startEvents(response);
    response.end(textEvent(request, 'Hello').slice(0, -20));
  } else send(response, 200, 'application/json', '{"object":"list","model":"m","data":[{"index":0,"emb');
};

/** Some text, then an error as the last event: a string as Xinference sends it, or an object as others do. */
export function errorFrame(error: unknown): Handler {
  return async (request, response) => {
    await begin(request, response);
    response.end(errorEvent(error));
  };
}

/** `body` piece by piece, `bytes` of it every `every` milliseconds; without a body, good events without an end. */
export function slowDrip(options: {
  every: number;
  bytes?: number;
  body?: string | Buffer;
  type?: string;
}): Handler {
  const { every, bytes = 1, body, type } = options;
  return async (request, response) => {
    if (body === undefined) {
      await begin(request, response);
      while (await pause(every, request.signal)) await write(response, textEvent(request, ' drip'));
      return;
    }
    head(response, 200, {
      'content-type': type ?? (streams(request) ? 'text/event-stream' : 'application/json'),
    });
    const whole = Buffer.from(body);
    for (let at = 0; at < whole.length; at += bytes) {
      if (!(await write(response, whole.subarray(at, at + bytes))) || !(await pause(every, request.signal)))
        return;
    }
    response.end();
  };
}

/** Good events, or numbers of a list, as fast as the client reads and until it goes away. */
export const neverEndingBody: Handler = async (request, response) => {
  await begin(request, response);
  const more = streams(request) ? textEvent(request, ' more').repeat(64) : '0.25,'.repeat(2048);
  while (await write(response, more));
};

/** One event, or one JSON string, of `bytes` bytes without a line break, made while it is sent. */
export function longLine(bytes = 2 ** 30): Handler {
  return async (request, response) => {
    const [start, end] = streams(request) ? textEvent(request, '\n').split('\\n') : ['{"text":"', '"}'];
    if (streams(request)) startEvents(response);
    else head(response, 200, { 'content-type': 'application/json' });
    await write(response, start ?? '');
    const block = Buffer.alloc(65_536, 'a');
    for (let left = bytes; left > 0; left -= block.length) {
      if (!(await write(response, block.subarray(0, Math.min(left, block.length))))) return;
    }
    response.end(end);
  };
}

function streams(request: FakeRequest): boolean {
  return (request.body as { stream?: unknown } | undefined)?.stream === true;
}

/** A good event of the stream that was asked for. */
function textEvent(request: FakeRequest, text: string): string {
  const chat = request.path === '/v1/chat/completions';
  const choice = {
    index: 0,
    ...(chat ? { delta: { content: text } } : { text }),
    logprobs: null,
    finish_reason: null,
  };
  const object = chat ? 'chat.completion.chunk' : 'text_completion';
  return event(
    pythonJson({ id: 'chat-1', model: 'chat', created: 1, object, choices: [choice], usage: null }),
  );
}

/** The head and the first part of an answer: of an event stream, of a JSON body, of a sound. */
async function begin(request: FakeRequest, response: ServerResponse): Promise<void> {
  if (streams(request)) {
    startEvents(response);
    await write(response, textEvent(request, 'Hello'));
    return;
  }
  const sound = request.path === '/v1/audio/speech';
  head(response, 200, { 'content-type': sound ? 'audio/mpeg' : 'application/json' });
  await write(response, sound ? mp3Tone(48) : '{"object":"list","data":[{"embedding":[0.5,');
}
