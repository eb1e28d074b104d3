import type { LlmChunk } from '../../../../src/dify/protocol/results.schemas.ts';
import type { FakeHost } from '../../../fake/host/host.ts';
import type { FakeModel } from '../../../fake/xinference/models.ts';
import { type Recording, recording } from '../../../fake/xinference/recordings/recordings.ts';
import type { FakeXinference } from '../../../fake/xinference/xinference-server.ts';

/** What a user of Dify gets for one recorded answer. */
export type Outcome = Answered | Failed;

interface Answered {
  readonly text: string;
  /** Each as its name and its arguments. */
  readonly calls: readonly string[];
  readonly finish: string;
  /** Prompt and completion as the server counted them, else `estimated`. */
  readonly usage: readonly [number, number] | 'estimated';
}

interface Failed {
  readonly error: string;
  /** Stand in the message. */
  readonly says: readonly string[];
  /** What had gone out before. */
  readonly text: string;
}

/** Recorded answers of one model. A name `a, b` is a first answer and the one to what is asked after that. */
export interface Table {
  /** `undefined`: the server does not describe it. */
  readonly model: FakeModel | undefined;
  readonly rows: Readonly<Record<string, Outcome>>;
}

type Usage = Answered['usage'];

/** An answer of text alone. */
export function says(text: string, usage: Usage, finish = 'stop'): Outcome {
  return { text, calls: [], finish, usage };
}

/** An answer with tool calls. */
export function calls(text: string, names: readonly string[], usage: Usage, finish = 'tool_calls'): Outcome {
  return { text, calls: names, finish, usage };
}

export function fails(error: string, ...fragments: string[]): Outcome {
  return { error, says: fragments, text: '' };
}

export function failsAfter(text: string, error: string, ...fragments: string[]): Outcome {
  return { error, says: fragments, text };
}

/** The names of the recordings that stand in a row's name. */
export function namesOf(row: string): string[] {
  return row.split(', ');
}

export const hello = 'Hello! I am a tiny test model. How can I help you today?';
export const unicode = '你好！我是一个很小的测试模型。😀 Ünïcödé — done.';
export const paris = 'get_weather {"city": "Paris"}';
export const tokyo = 'get_time {"city": "Tokyo"}';
export const onePlusOne = '<think>\nOne plus one is two. Let me check: 1 + 1 = 2.\n</think>';
export const toForty = Array.from({ length: 40 }, (_none, at) => at + 1).join(' ');
/** Newer servers mask what went wrong in a chat engine: the message must say where to look. */
export const masked = fails(
  'InvokeServerUnavailableError',
  'Check the server logs',
  'its log has it',
  'longer than the context',
);

/** A request that did not pass the server's own check, under its misleading 500. */
export function refused(...fragments: string[]): Outcome {
  return fails('InvokeBadRequestError', 'The server refuses the request', ...fragments);
}

/** Dify's name for every model; no server knows it. */
const model = 'Model in Dify';

/** Asks for what was asked when the answer was recorded: streamed or not, with tools or without. */
export async function play(
  host: FakeHost,
  server: FakeXinference,
  row: string,
  uid: string,
): Promise<Outcome> {
  const recorded = namesOf(row).map(recording);
  const asked = askedBy(recorded[0]);
  for (const one of recorded) server.replay(one);
  const session = host.request('invoke_llm', {
    model,
    prompt_messages: [{ role: 'user', content: 'Hello', name: '' }],
    stream: asked.stream ?? false,
    model_parameters: asked.enable_thinking === undefined ? null : { enable_thinking: asked.enable_thinking },
    tools: asked.tools?.length ? [{ name: 'get_weather', description: '', parameters: null }] : null,
    credentials: { server_url: server.url, model_uid: uid, max_retries: '0' },
  });
  const result = await session.result();
  const chunks = result.stream as LlmChunk[];
  const text = chunks.map(({ delta }) => delta.message.content).join('');
  if (result.error) return { error: result.error.error_type, says: [result.error.message], text };
  checkShape(chunks, asked.stream ?? false);
  const last = chunks.at(-1)?.delta;
  const usage = last?.usage;
  return {
    text,
    calls: last?.message.tool_calls.map(call => `${call.function.name} ${call.function.arguments}`) ?? [],
    finish: last?.finish_reason ?? '',
    usage: [usage?.prompt_tokens ?? Number.NaN, usage?.completion_tokens ?? Number.NaN],
  };
}

interface Asked {
  readonly stream?: boolean;
  readonly tools?: unknown[];
  readonly enable_thinking?: boolean;
}

/** Some errors were recorded for a body that is no JSON. */
function askedBy(recorded: Recording | undefined): Asked {
  try {
    return JSON.parse(recorded?.request.text ?? '{}');
  } catch {
    return {};
  }
}

/** What holds for every answer, whatever the model said. */
function checkShape(chunks: readonly LlmChunk[], stream: boolean): void {
  const wrong = (what: string) => new Error(`${what}: ${JSON.stringify(chunks)}`);
  if (!chunks.every(chunk => chunk.model === model)) throw wrong('a chunk of another model');
  if (!stream && chunks.length !== 1) throw wrong('several messages for a whole answer');
  for (const { delta } of chunks.slice(0, -1)) {
    if (delta.usage || delta.finish_reason || delta.message.tool_calls.length > 0)
      throw wrong('an end before the end');
    if (delta.message.content === '') throw wrong('a chunk of nothing');
  }
  const ids = chunks.at(-1)?.delta.message.tool_calls.map(({ id }) => id) ?? [];
  if (ids.includes('') || new Set(ids).size !== ids.length) throw wrong('calls that cannot be told apart');
}
