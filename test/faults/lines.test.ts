import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Action } from '../../src/dify/protocol/requests.schemas.ts';
import { hostRequest } from '../fake/host/host-request.ts';
import type { SessionMessage } from '../fake/host/host-session.ts';
import { cannedAnswer } from './canned-answers.ts';
import { CannedPlugin } from './canned-plugin.ts';
import { type Change, type Cut, changes, cuts, damage, jsonOf, wound } from './hostile.ts';
import { fullChat, goodRequests } from './requests.ts';
import { seed } from './seed.ts';

const BATCH = 100;
const LINES = 100_000;

const credentials = {
  server_url: 'http://127.0.0.1:9',
  model_uid: 'llm',
  api_key: 'sk-1',
  max_retries: '0',
  context_size: '',
};

/** A good message for an action; the id stands for itself, and the UID of a model is its type. */
function message(action: string, data: Readonly<Record<string, unknown>>): object {
  const bare = hostRequest('ID', action, data, null) as { data: { model_type?: string } };
  return hostRequest('ID', action, data, { ...credentials, model_uid: bare.data.model_type ?? 'llm' });
}

const messages: readonly string[] = [
  ...Object.entries(goodRequests).map(([action, data]) => message(action, { ...data, stream: false })),
  ...['text-embedding', 'rerank', 'speech2text', 'tts'].flatMap(model_type => [
    message('validate_model_credentials', { model_type }),
    message('get_ai_model_schemas', { model_type }),
  ]),
  ...[1, 2, 3, 4].map(() => message('invoke_llm', fullChat)),
  { session_id: 'ID', event: 'cancel', data: {} },
].map(message => JSON.stringify(message));

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
    const plugin = new CannedPlugin((_server, request) => cannedAnswer(request));
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
  }, 300_000);

  it.each(Object.keys(goodRequests).filter(action => !/polling|moderation/.test(action)))(
    'answer a good %s',
    async action => {
      const plugin = new CannedPlugin((_server, request) => cannedAnswer(request));
      const line = JSON.stringify(message(action, goodRequests[action as Action])).replace('"ID"', '"s1"');
      const received = await plugin.run([Buffer.from(line)]);
      expect(
        received
          .get('s1')
          ?.map(({ type }) => type)
          .join(' '),
      ).toMatch(/^(stream )+end$/);
    },
  );

  it.each<[string, string, string]>([
    [
      'credentials',
      'validate_model_credentials',
      '"credentials":{"server_url":"http://h","model_uid":"m","x":DEEP}',
    ],
    ['a tool', 'invoke_llm', '"tools":[{"name":"f","parameters":{"x":DEEP}}]'],
  ])('refuses %s nested more deeply than can be written again', async (_name, action, field) => {
    const plugin = new CannedPlugin((_server, request) => cannedAnswer(request));
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
    const plugin = new CannedPlugin((_server, request) => cannedAnswer(request));
    const request = hostRequest('s1', 'invoke_llm', { ...goodRequests.invoke_llm, ...data }, credentials);
    const received = await plugin.run([Buffer.from(JSON.stringify(request))]);
    expect(received.get('s1')?.map(({ type }) => type)).toEqual(['stream', 'stream', 'end']);
  });
});
