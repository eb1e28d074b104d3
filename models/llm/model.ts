import type { RawCredentials } from '../../src/dify/index.ts';
import type { Fields } from '../../src/text/json.ts';
import type { ModelDescription } from '../../src/xinference/description.ts';
import { extraBodyOf, invalidAdvanced, readAdvanced } from '../common/advanced.ts';
import { type Choice, contextSizeField, switchField } from '../common/credentials.ts';
import type { ChatModel } from '../openai/model.ts';
import { engineOf } from './engines.ts';

/** Context where neither the form nor the server says. */
const DEFAULT_CONTEXT = 8192;

/** What the form of an LLM has beyond the common fields. */
export interface LlmForm {
  readonly contextSize: number | undefined;
  readonly toolCalling: Choice;
  readonly vision: Choice;
  readonly structuredOutput: Choice;
  readonly thinking: Choice;
  /** Fields that go into each request. */
  readonly extraBody: Fields;
  /** Who counts the tokens of a prompt when Dify asks. */
  readonly tokenCount: 'estimate' | 'server';
}

/** @throws InvalidCredentialsError */
export function readLlmForm(form: RawCredentials): LlmForm {
  const advanced = readAdvanced(form, 'token_count');
  const { token_count: tokenCount = 'estimate' } = advanced;
  if (tokenCount !== 'estimate' && tokenCount !== 'server') {
    throw invalidAdvanced('token_count', '"estimate" or "server"');
  }
  return {
    tokenCount,
    extraBody: extraBodyOf(advanced),
    contextSize: contextSizeField(form),
    toolCalling: switchField(form, 'tool_calling'),
    vision: switchField(form, 'vision'),
    structuredOutput: switchField(form, 'structured_output'),
    thinking: switchField(form, 'thinking'),
  };
}

/** @param description undefined where it could not be had */
export function llmModel(uid: string, description: ModelDescription | undefined, form: LlmForm): ChatModel {
  const abilities = description?.abilities;
  const has = (...names: string[]) =>
    abilities === undefined ? undefined : names.some(name => abilities.includes(name));
  const engine = engineOf(description);
  return {
    uid,
    name: description?.name,
    family: description?.family,
    engine,
    mode: has('generate') === true && has('chat') === false ? 'completion' : 'chat',
    contextSize: form.contextSize ?? description?.contextLength ?? DEFAULT_CONTEXT,
    can: {
      tools: decide(form.toolCalling, has('tools')),
      image: decide(form.vision, has('vision', 'omni')),
      audio: has('audio', 'omni'),
      // A vision family may take videos too; nothing tells which, so the server judges.
      video: decide(form.vision, has('vision', 'omni')),
      omni: has('omni'),
      structuredOutput: decide(form.structuredOutput, engine.heedsSchema),
      reason: has('reasoning', 'hybrid'),
      switchThinking: switchesThinking(description),
    },
    thinking: form.thinking,
  };
}

/**
 * Whether a model's thinking can be switched; undefined where nothing tells. Before abilities told `hybrid`, as on 1.5.1, one
 * family could be; an engine is not told there either.
 */
export function switchesThinking(description: ModelDescription | undefined): boolean | undefined {
  const { abilities, engine, family } = description ?? {};
  if (abilities?.includes('hybrid')) return true;
  return abilities?.includes('reasoning') && engine === undefined && family === 'qwen3';
}

function decide(choice: Choice, reported: boolean | undefined): boolean | undefined {
  return choice === 'auto' ? reported : choice === 'on';
}

/**
 * Whether the tool calls of a streamed answer come as such. One family's parser fails in the middle of every stream with
 * tools.
 */
export function streamsToolCalls({ engine, family, name }: ChatModel): boolean {
  if (engine.streamedCalls !== 'family parser') return engine.streamedCalls === 'own parser';
  return !/^deepseek-r1/i.test(family ?? name ?? '');
}
