import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LlmChunk } from '../../src/dify/protocol/results.schemas.ts';
import { brokenAnswer, brokenEnd } from '../fake/host/host-answers.ts';
import { hostRequest } from '../fake/host/host-request.ts';
import type { SessionMessage } from '../fake/host/host-session.ts';
import { bodyBytes, recording, recordingNames } from '../fake/xinference/recordings/recordings.ts';
import { CannedPlugin } from './canned-plugin.ts';
import { type Change, type Cut, changes, cuts, damage, jsonOf, wound } from './hostile.ts';
import { fullChat, goodRequests } from './requests.ts';
import { seed } from './seed.ts';

const STREAMS = 10_000;
const BATCH = 50;
/** More in one piece than a socket ever gives. */
const LONGEST = 4 * 1024 * 1024;

/** The payloads of every stream that a server was recorded to send, but for the long ones. */
const recorded: readonly (readonly string[])[] = recordingNames()
  .map(recording)
  .filter(({ response }) =>
    response.headers.some(header => /^content-type: text\/event-stream/i.test(header)),
  )
  .map(bodyBytes)
  .filter(bytes => bytes.length < 10_000)
  .map(bytes =>
    bytes
      .toString('utf8')
      .split(/\r?\n\r?\n/)
      .filter(event => event !== '')
      .map(event => event.replace(/^data: /, '')),
  );

/** What a model can be, as far as the reading of its answers depends on it. */
const models: readonly object[] = [
  { model_engine: 'vLLM', model_name: 'qwen3', model_ability: ['chat', 'tools', 'hybrid', 'vision'] },
  { model_engine: 'llama.cpp', model_name: 'qwen3', model_ability: ['chat', 'tools', 'vision'] },
  {
    model_engine: 'vLLM',
    model_name: 'glm4-chat',
    model_family: 'glm4',
    model_ability: ['chat', 'tools', 'vision'],
  },
  { model_engine: 'vLLM', model_name: 'qwen', model_ability: ['generate'] },
];

const EVENT_ENDS = ['\r\n\r\n', '\n\n', '\r\r', '\n', '\r\n', '\n\n: ping\n\n', '\nid: 1\n\n', '\n\n\n'];
const STARTS = ['data: ', 'data:', 'data: ', 'data', 'event: x\ndata: ', '\ufeffdata: ', 'date: ', ': '];

interface Hostile {
  readonly stream: number;
  readonly model: number;
  readonly tools: boolean;
  /** Of which event, in thousandths; and what happens to it. */
  readonly events: readonly { at: number; kind: string; changes: readonly Change[]; style: number }[];
  readonly cuts: readonly Cut[];
  /** Where the bytes are parted, in thousandths. */
  readonly parts: readonly number[];
}

const hostile: fc.Arbitrary<Hostile> = fc.record({
  stream: fc.nat(recorded.length - 1),
  model: fc.nat(models.length - 1),
  tools: fc.boolean(),
  events: fc.array(
    fc.record({
      at: fc.nat(999),
      kind: fc.constantFrom(
        'damage',
        'damage',
        'damage',
        'drop',
        'double',
        'swap',
        'start',
        'end',
        'break',
        'error',
      ),
      changes,
      style: fc.nat(1000),
    }),
    { maxLength: 4 },
  ),
  cuts,
  parts: fc.array(fc.nat(999), { maxLength: 6 }),
});

/** The bytes of a hostile stream. */
function bytesOf({ stream, events, cuts }: Hostile): Buffer {
  const lines = (recorded[stream] ?? []).map(payload => ({ start: 'data: ', payload, end: '\r\n\r\n' }));
  for (const { at, kind, changes, style } of events) {
    const index = Math.floor((lines.length * at) / 1000);
    const line = lines[index];
    if (line === undefined) continue;
    switch (kind) {
      case 'damage':
        line.payload = damaged(line.payload, changes);
        break;
      case 'drop':
        lines.splice(index, 1);
        break;
      case 'double':
        lines.splice(index, 0, { ...line });
        break;
      case 'swap':
        lines.push(...lines.splice(index, 1));
        break;
      case 'start':
        line.start = STARTS[style % STARTS.length] ?? '';
        break;
      case 'end':
        line.end = EVENT_ENDS[style % EVENT_ENDS.length] ?? '';
        break;
      case 'break':
        lines.length = index;
        break;
      default:
        line.payload =
          ['{"error":"rate limit"}', '{"error":{"message":"x"}}', '{"error":7}', '[]', 'null'][style % 5] ??
          '';
    }
  }
  const text = lines.map(({ start, payload, end }) => start + payload + end).join('');
  return wound(Buffer.from(text).subarray(0, LONGEST), cuts);
}

function damaged(payload: string, changes: readonly Change[]): string {
  let value: unknown;
  try {
    value = JSON.parse(payload);
  } catch {
    return payload.slice(1);
  }
  if (payload.length > 100_000) return payload; // it has had enough
  damage(value, changes);
  return jsonOf(value);
}

function partsOf(bytes: Buffer, parts: readonly number[]): Buffer[] {
  const ends = parts.map(part => Math.floor((bytes.length * part) / 1000)).sort((a, b) => a - b);
  return [...ends, bytes.length]
    .map((end, at) => bytes.subarray(ends[at - 1] ?? 0, end))
    .filter(({ length }) => length > 0);
}

/** What is wrong with the answer to one stream. */
function faultOf(messages: readonly SessionMessage[]): string | undefined {
  const types = messages.map(({ type }) => type).join(' ');
  if (!/^(stream )*(error )?end$/.test(types)) return `${types} in one session`;
  const results = messages.flatMap(message => (message.type === 'stream' ? [message.data] : []));
  const broken = results.map(result => brokenAnswer('invoke_llm', result)).find(fault => fault !== undefined);
  if (broken !== undefined) return broken;
  const error = messages.find(({ type }) => type === 'error');
  if (error?.type !== 'error') return brokenEnd('invoke_llm', results);
  return error.data.error_type === 'InternalError' ? error.data.message : undefined;
}

/** What a user sees of an answer: its text, its calls, how it ended. Ids that were made for it are left out. */
function gist(messages: readonly SessionMessage[]): unknown {
  const deltas = messages.flatMap(message =>
    message.type === 'stream' ? [(message.data as LlmChunk).delta] : [],
  );
  return {
    text: deltas.map(({ message }) => message.content).join(''),
    calls: deltas.flatMap(({ message }) => message.tool_calls.map(({ function: called }) => called)),
    ends: deltas.map(({ finish_reason }) => finish_reason).filter(Boolean),
    tokens: deltas.map(({ usage }) => usage?.total_tokens).filter(Boolean),
    error: messages.filter(({ type }) => type === 'error'),
  };
}

describe('streams of a server gone mad', () => {
  it(`end their sessions well or with an error, the same however their bytes arrive: ${STREAMS} of them`, async () => {
    const answers = new Map<string, readonly Buffer[]>();
    const plugin = new CannedPlugin((_server, { method, path, body }) => {
      const uid =
        method === 'GET'
          ? decodeURIComponent(path.slice('/v1/models/'.length))
          : JSON.parse(String(body)).model;
      if (method === 'POST') return { contentType: 'text/event-stream', pieces: answers.get(uid) ?? [] };
      const description = { model_type: 'LLM', ...models[Number(uid.split(' ')[1])] };
      return { contentType: 'application/json', pieces: [Buffer.from(JSON.stringify(description))] };
    });
    let last = 0;
    let good = 0;
    const ask = (hostile: Hostile, pieces: readonly Buffer[]) => {
      const id = `s${++last}`;
      const uid = `${id} ${hostile.model}`;
      answers.set(uid, pieces);
      const data = hostile.tools && hostile.model < 3 ? fullChat : goodRequests.invoke_llm;
      return {
        id,
        line: Buffer.from(
          JSON.stringify(hostRequest(id, 'invoke_llm', data, { server_url: 'http://h', model_uid: uid })),
        ),
      };
    };
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { minLength: 1, maxLength: BATCH, size: 'max' }), async batch => {
        answers.clear();
        const asked = batch.map(hostile => {
          const bytes = bytesOf(hostile);
          return { bytes, whole: ask(hostile, [bytes]), parted: ask(hostile, partsOf(bytes, hostile.parts)) };
        });
        const received = await plugin.run(asked.flatMap(({ whole, parted }) => [whole.line, parted.line]));
        for (const { bytes, whole, parted } of asked) {
          const [one, other] = [whole, parted].map(({ id }) => received.get(id) ?? []);
          const fault = faultOf(one ?? []) ?? faultOf(other ?? []);
          if (fault !== undefined) throw new Error(`${fault}: ${bytes.toString('utf8').slice(0, 3000)}`);
          expect(gist(other ?? [])).toEqual(gist(one ?? []));
          if (!one?.some(({ type }) => type === 'error')) good++;
        }
      }),
      { seed, numRuns: STREAMS / BATCH },
    );
    expect(good).toBeGreaterThan(STREAMS / 10);
  }, 300_000);
});
