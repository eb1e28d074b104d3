import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/dify/protocol/requests.schemas.ts';
import { hostRequest } from '../fake/host-request.ts';
import type { SessionMessage } from '../fake/host-session.ts';
import { type CannedAnswer, CannedPlugin } from './canned-plugin.ts';
import { type Change, type Cut, changes, cuts, damage, jsonOf, wound } from './hostile.ts';
import { fullChat, goodRequests } from './requests.ts';
import { seed } from './seed.ts';

const BATCH = 100;
const LINES = 100_000;

const credentials = {
  server_url: 'http://127.0.0.1:9',
  model_uid: 'm',
  api_key: 'sk-1',
  max_retries: '0',
  context_size: '',
};

/** Good messages as JSON text, one for each action and some more; the id stands for itself. */
const messages: readonly string[] = [
  ...Object.entries(goodRequests).map(([action, data]) =>
    hostRequest('ID', action as Action, { ...data, stream: false }, credentials),
  ),
  ...[1, 2, 3, 4].map(() => hostRequest('ID', 'invoke_llm', fullChat, credentials)),
  { session_id: 'ID', event: 'cancel', data: {} },
].map(message => JSON.stringify(message));

/** One answer for each path, to a request of any kind. */
const answers: Readonly<Record<string, string>> = {
  '/v1/models/m':
    '{"model_type":"LLM","model_name":"qwen3","model_ability":["chat","tools","vision","hybrid"],"model_engine":"vLLM"}',
  '/v1/models': '{"data":[{"id":"m","model_type":"LLM"}]}',
  '/v1/chat/completions':
    '{"choices":[{"index":0,"message":{"role":"assistant","content":"hi"},"finish_reason":"stop"}],"usage":null}',
};
const stream =
  'data: {"choices":[{"index":0,"delta":{"content":"hi"},"finish_reason":"stop"}]}\r\n\r\ndata: [DONE]\r\n\r\n';

function answer(path: string, body: string): CannedAnswer {
  const streams = path === '/v1/chat/completions' && body.includes('"stream":true');
  const text = streams ? stream : (answers[path] ?? '{}');
  return { contentType: streams ? 'text/event-stream' : 'application/json', pieces: [Buffer.from(text)] };
}

interface Hostile {
  readonly message: number;
  readonly changes: readonly Change[];
  readonly cuts: readonly Cut[];
}

const hostile: fc.Arbitrary<Hostile> = fc.record({ message: fc.nat(messages.length - 1), changes, cuts });

function lineOf(id: string, { message, changes, cuts }: Hostile): Buffer {
  const value = JSON.parse((messages[message] ?? '').replace('"ID"', `"${id}"`));
  damage(value, changes);
  return wound(Buffer.from(jsonOf(value)), cuts);
}

/** No damage to one byte turns it into another's. */
function idOf(count: number): string {
  return `${count}-${count}`;
}

/** How many times the session of a line must have ended; nothing where the line is broken where that would stand. */
function endsOf(id: string, line: Buffer): number | undefined {
  let message: unknown;
  try {
    message = JSON.parse(line.toString('utf8'));
  } catch {
    const readable = line.toString('utf8').startsWith(`{"session_id":"${id}"`);
    return readable && line.includes('"event":"request"') ? 1 : undefined;
  }
  const { session_id, event } = (message ?? {}) as Record<string, unknown>;
  return session_id === id && event === 'request' ? 1 : undefined;
}

/** What is wrong with what a session got. */
function faultOf(messages: readonly SessionMessage[]): string | undefined {
  const types = messages.map(({ type }) => type).join(' ');
  if (!/^(stream )*(error )?end$/.test(types)) return `${types} in one session`;
  const error = messages.find(({ type }) => type === 'error');
  if (error?.type === 'error' && error.data.error_type === 'InternalError') return error.data.message;
  return undefined;
}

describe('lines of a host gone mad', () => {
  it(`are survived, and answered where their session can be read: ${LINES} of them`, async () => {
    const plugin = new CannedPlugin((_server, { path, body }) => answer(path, String(body ?? '')));
    let last = 0;
    let answered = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: BATCH, size: 'max' }), async batch => {
        const lines = batch
          .map(one => ({ id: idOf(++last), one }))
          .map(({ id, one }) => ({ id, line: lineOf(id, one) }));
        const received = await plugin.run(lines.map(({ line }) => line));
        for (const { id, line } of lines) {
          const got = received.get(id);
          const ends = endsOf(id, line);
          if (got !== undefined) answered++;
          const fault = got === undefined ? (ends === undefined ? undefined : 'no answer') : faultOf(got);
          if (fault !== undefined) throw new Error(`${fault}: ${line.toString('utf8').slice(0, 3000)}`);
        }
      }),
      { seed, numRuns: LINES / BATCH },
    );
    // The damage leaves most lines readable: they go all the way through.
    expect(answered).toBeGreaterThan(LINES / 4);
    const good = JSON.stringify(hostRequest('good', 'invoke_llm', goodRequests.invoke_llm, credentials));
    const received = await plugin.run([Buffer.from(good)]);
    expect(received.get('good')?.map(({ type }) => type)).toEqual(['stream', 'stream', 'end']);
  }, 60_000);

  it.each<[string, string, string]>([
    [
      'credentials',
      'validate_model_credentials',
      '"credentials":{"server_url":"http://h","model_uid":"m","x":DEEP}',
    ],
    ['a tool', 'invoke_llm', '"tools":[{"name":"f","parameters":{"x":DEEP}}]'],
  ])('refuses %s nested more deeply than can be written again', async (_name, action, field) => {
    const plugin = new CannedPlugin((_server, { path, body }) => answer(path, String(body ?? '')));
    const text = JSON.stringify(hostRequest('s1', action, goodRequests.invoke_llm, credentials));
    const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`;
    const line = text.replace(/\}\}$/, `,${field.replace('DEEP', deep)}}}`);
    const received = await plugin.run([Buffer.from(line)]);
    expect(received.get('s1')).toMatchObject([
      {
        type: 'error',
        data: { error_type: 'InvokeBadRequestError', message: expect.stringContaining('nested') },
      },
      { type: 'end' },
    ]);
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    ['a model whose name is a control character', { model: '\u0000' }],
    ['a UID that ends in half a character', { credentials: { ...credentials, model_uid: 'm\ud800' } }],
  ])('takes %s', async (_name, data) => {
    const plugin = new CannedPlugin((_server, { path, body }) => answer(path, String(body ?? '')));
    const request = hostRequest('s1', 'invoke_llm', { ...goodRequests.invoke_llm, ...data }, credentials);
    const received = await plugin.run([Buffer.from(JSON.stringify(request))]);
    expect(received.get('s1')?.map(({ type }) => type)).toEqual(['stream', 'stream', 'end']);
  });
});
