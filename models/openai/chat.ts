import type { RequestOf, TextWriter } from '../../src/dify/index.ts';
import type { HttpClient } from '../../src/http/client.ts';
import { type FailureCode, ServerError } from '../../src/http/errors/errors.ts';
import { jsonBody } from '../../src/http/json-body.ts';
import { readJsonObject, tooMuch } from '../../src/http/response/body.ts';
import { boundsOf } from '../../src/http/response/bounds.ts';
import { readEvents } from '../../src/http/response/event-stream.ts';
import type { HttpResponse } from '../../src/http/response/http-response.ts';
import type { ModelServer } from '../../src/http/server.ts';
import type { Fields } from '../../src/text/json.ts';
import { type AnswerEnd, readAnswer } from './answer/answer.ts';
import { AnswerStream } from './answer/answer-stream.ts';
import type { Asked } from './answer/asked.ts';
import type { ChatModel } from './model.ts';
import { chatBody, streamFields } from './request/chat-request.ts';
import { asksForSchema } from './request/response-format.ts';

/** One generation, prepared: all that is known of it before the server is asked. */
export interface ChatCall extends Asked {
  readonly server: ModelServer;
  readonly model: ChatModel;
  /** Of the request, but for how the answer shall come. */
  readonly body: Fields;
  /** Whether to ask for a stream; else the answer comes whole. */
  readonly streams: boolean;
  /** Called where a stream with tools failed before anything came, and the answer is asked for once more, whole. */
  readonly onStreamFailed: (error: ServerError) => void;
  /** Called in its place where the server refuses every stream with tools. */
  readonly onStreamRefused?: () => void;
}

/**
 * The call of a request, streamed where the host streams.
 * @param own fields of the body that the server takes beside those of OpenAI
 * @throws InvokeBadRequestError for what the model cannot do
 */
export function chatCall(
  request: RequestOf<'invoke_llm'>,
  server: ModelServer,
  model: ChatModel,
  own: Fields = {},
): Omit<ChatCall, 'onStreamFailed'> {
  return {
    server,
    model,
    body: chatBody(request, model, own),
    tools: (request.tools ?? []).length > 0,
    thinking: undefined,
    schema: asksForSchema(request),
    streams: request.stream === true,
  };
}

/**
 * Lets a chat or completion model answer. Text is written as it comes; what is returned is the rest of the answer, or all of one
 * that came whole.
 * @throws ServerError; the signal's reason
 */
export async function chat(
  client: HttpClient,
  call: ChatCall,
  text: TextWriter,
  signal: AbortSignal,
): Promise<AnswerEnd> {
  const streamed = call.streams ? await streamAnswer(client, call, text, signal) : undefined;
  const end = streamed ?? (await readWhole(await send(client, call, false, signal), call, signal));
  if (end.failure === undefined) return end;
  await text.write(end.text);
  throw end.failure;
}

/**
 * @returns undefined where streaming with tools is refused, or where some tool parser failed before anything came: those
 * that fail on every stream work without
 */
async function streamAnswer(
  client: HttpClient,
  call: ChatCall,
  text: TextWriter,
  signal: AbortSignal,
): Promise<AnswerEnd | undefined> {
  const response = await sendForStream(client, call, signal);
  if (response === undefined) return undefined;
  const stream = new AnswerStream(response, call.model, call, text);
  try {
    await readEvents(response, signal, stream, () => stream.isFinished);
    const end = stream.end();
    if (end.failure && !stream.isTold) throw end.failure;
    return end;
  } catch (error) {
    if (!call.tools || stream.isTold || !(error instanceof ServerError) || !FAILED_IN_BAND.has(error.code))
      throw error;
    call.onStreamFailed(error);
    return undefined;
  }
}

/** Failures that some tool parsers bring about. */
const FAILED_IN_BAND: ReadonlySet<FailureCode> = new Set(['model-failed', 'abandoned']);

/** @returns undefined where the server says that it does not stream with tools, as older ones do */
async function sendForStream(
  client: HttpClient,
  call: ChatCall,
  signal: AbortSignal,
): Promise<HttpResponse | undefined> {
  try {
    return await send(client, call, true, signal);
  } catch (error) {
    if (!call.tools || !(error instanceof ServerError) || !refusesStreamedTools(error)) throw error;
    call.onStreamRefused?.();
    return undefined;
  }
}

function refusesStreamedTools({ code, said }: ServerError): boolean {
  return code === 'request-refused' && said.test(/stream/i) && said.test(/tool/i);
}

/** Some gateways stream whatever is asked of them. */
async function readWhole(response: HttpResponse, call: ChatCall, signal: AbortSignal): Promise<AnswerEnd> {
  if (response.contentType === 'text/event-stream') return gatherStream(response, call, signal);
  return readAnswer(await readJsonObject(response, signal), response, call.model, call);
}

async function gatherStream(response: HttpResponse, call: ChatCall, signal: AbortSignal): Promise<AnswerEnd> {
  const pieces: string[] = [];
  let length = 0;
  const write = (piece: string) => {
    pieces.push(piece);
    length += piece.length;
    if (length > boundsOf(response.path).bytes)
      throw tooMuch(response, 'is longer than what was asked for in one piece may be');
    return undefined;
  };
  const stream = new AnswerStream(response, call.model, call, { begin: () => undefined, write });
  await readEvents(response, signal, stream, () => stream.isFinished);
  const end = stream.end();
  return { ...end, text: pieces.join('') + end.text };
}

async function send(
  client: HttpClient,
  { server, model, body }: ChatCall,
  stream: boolean,
  signal: AbortSignal,
): Promise<HttpResponse> {
  return client.send(server, {
    method: 'POST',
    path: model.mode === 'chat' ? '/v1/chat/completions' : '/v1/completions',
    body: await jsonBody({ ...body, ...streamFields(stream) }),
    signal,
    model: { uid: model.uid, givesWay: false },
  });
}
