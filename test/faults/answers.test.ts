import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HttpRequest } from '../../src/http/client.ts';
import { brokenAnswer, brokenEnd } from '../fake/host/host-answers.ts';
import { hostRequest } from '../fake/host/host-request.ts';
import type { SessionMessage } from '../fake/host/host-session.ts';
import { askingActions } from './actions.ts';
import { cannedAnswer } from './canned-answers.ts';
import { type CannedAnswer, CannedPlugin } from './canned-plugin.ts';
import { type Change, type Cut, changes, cuts, damage, jsonOf, wound } from './hostile.ts';
import { seed } from './seed.ts';

const ANSWERS = 10_000;
const BATCH = 50;

/** Streams have a test of their own. */
const actions = askingActions.filter(({ streams }) => !streams);
const typeOf: Readonly<Record<string, string>> = {
  chat: 'llm',
  embedding: 'text-embedding',
  rerank: 'rerank',
  whisper: 'speech2text',
  tts: 'tts',
};

interface Hostile {
  readonly action: number;
  readonly changes: readonly Change[];
  readonly cuts: readonly Cut[];
  /** Whether the description is damaged, or what answers the request itself. */
  readonly described: boolean;
}

const hostile: fc.Arbitrary<Hostile> = fc.record({
  action: fc.nat(actions.length - 1),
  changes,
  cuts,
  described: fc.boolean(),
});

function damaged({ contentType, pieces }: CannedAnswer, { changes, cuts }: Hostile): CannedAnswer {
  const bytes = Buffer.concat(pieces);
  if (contentType !== 'application/json') return { contentType, pieces: [wound(bytes, cuts)] };
  const value = JSON.parse(bytes.toString('utf8'));
  damage(value, changes);
  return { contentType, pieces: [wound(Buffer.from(jsonOf(value)), cuts)] };
}

function faultOf(action: string, messages: readonly SessionMessage[]): string | undefined {
  const types = messages.map(({ type }) => type).join(' ');
  if (!/^(stream )*(error )?end$/.test(types)) return `${types} in one session`;
  const results = messages.flatMap(message => (message.type === 'stream' ? [message.data] : []));
  const broken = results.map(result => brokenAnswer(action, result)).find(fault => fault !== undefined);
  if (broken !== undefined) return broken;
  const error = messages.find(({ type }) => type === 'error');
  if (error?.type !== 'error') return brokenEnd(action, results);
  return error.data.error_type === 'InternalError' ? error.data.message : undefined;
}

describe('answers of a server gone mad', () => {
  it(`are what Dify can read, or an error: ${ANSWERS} of them`, async () => {
    let good = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: BATCH, size: 'max' }), async batch => {
        // Each has a server of its own: what one says of its models is not asked of it again.
        const plugin = new CannedPlugin(({ url }, request: HttpRequest) => {
          const one = batch[Number(url.split('/').at(-1))];
          const answer = cannedAnswer(request);
          return one !== undefined && one.described === (request.method === 'GET')
            ? damaged(answer, one)
            : answer;
        });
        const lines = batch.map(({ action }, index) => {
          const { action: name, data, uid } = actions[action] ?? { action: '', data: {}, uid: '' };
          const credentials = { server_url: `http://h/${index}`, model_uid: typeOf[uid] };
          return Buffer.from(
            JSON.stringify(hostRequest(`s${index}`, name, { ...data, model: 'm' }, credentials)),
          );
        });
        const received = await plugin.run(lines);
        for (const [index, one] of batch.entries()) {
          const name = actions[one.action]?.action ?? '';
          const got = received.get(`s${index}`) ?? [];
          const fault = faultOf(name, got);
          if (fault !== undefined) throw new Error(`${name}: ${fault}`);
          if (!got.some(({ type }) => type === 'error')) good++;
        }
      }),
      { seed, numRuns: ANSWERS / BATCH },
    );
    expect(good).toBeGreaterThan(ANSWERS / 10);
  }, 300_000);
});
