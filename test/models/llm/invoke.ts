import type { LlmChunk } from '../../../src/dify/protocol/results.schemas.ts';
import type { FakeHost } from '../../fake/host/host.ts';
import type { SessionError, SessionResult } from '../../fake/host/host-session.ts';
import { event, type Handler, startEvents, write } from '../../fake/xinference/replies.ts';
import type { FakeXinference } from '../../fake/xinference/xinference-server.ts';

export const CHAT = 'POST /v1/chat/completions';

/** What came back for an `invoke_llm`. */
export interface Answered {
  readonly chunks: readonly LlmChunk[];
  readonly text: string;
  readonly last: LlmChunk['delta'] | undefined;
  readonly error: SessionError | undefined;
}

export function answered({ stream, error }: SessionResult): Answered {
  const chunks = stream as readonly LlmChunk[];
  const text = chunks.map(({ delta }) => delta.message.content).join('');
  return { chunks, text, last: chunks.at(-1)?.delta, error };
}

/** The credentials of a model on the fake server. */
export function credentials(server: FakeXinference, model_uid: string, rest: object = {}) {
  return { server_url: server.url, model_uid, max_retries: '0', ...rest };
}

/** Asks the model a question, streamed unless `data` says otherwise. */
export async function ask(
  host: FakeHost,
  server: FakeXinference,
  uid: string,
  data: Readonly<Record<string, unknown>> = {},
  form: object = {},
): Promise<Answered> {
  const session = host.request('invoke_llm', {
    model: 'M',
    prompt_messages: [{ role: 'user', content: 'Hello', name: '' }],
    stream: true,
    credentials: credentials(server, uid, form),
    ...data,
  });
  return answered(await session.result());
}

/** Bodies of the chat requests that the server has seen. */
export function bodies(server: FakeXinference): Record<string, unknown>[] {
  return server.seen(CHAT).map(request => request.body as Record<string, unknown>);
}

/** Answers by these events, in one write each, and then ends; with `hangs` it does not. */
export function stream(events: readonly string[], options: { hangs?: boolean } = {}): Handler {
  return async (_request, response) => {
    startEvents(response);
    for (const one of events) await write(response, event(one));
    if (!options.hangs) response.end();
  };
}
