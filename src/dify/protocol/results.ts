/** Prices of a self-hosted model: it is free, and Dify wants every field. */
const FREE = { currency: 'USD', total_price: '0' } as const;

/** A whole tool call, as Dify takes it: every field a string, never null. */
export interface ToolCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

/** Why a generation ended. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | (string & {});

/** Tokens and time of an LLM answer, every field present as the host demands. `latency` in seconds. */
export interface LlmUsage {
  prompt_tokens: number;
  prompt_unit_price: string;
  prompt_price_unit: string;
  prompt_price: string;
  completion_tokens: number;
  completion_unit_price: string;
  completion_price_unit: string;
  completion_price: string;
  total_tokens: number;
  total_price: string;
  currency: string;
  latency: number;
}

/** One `stream` message of `invoke_llm`. */
export interface LlmChunk {
  model: string;
  prompt_messages: [];
  system_fingerprint: string;
  delta: {
    index: number;
    message: { role: 'assistant'; content: string; name: null; tool_calls: ToolCall[] };
    usage: LlmUsage | null;
    finish_reason: FinishReason | null;
  };
}

/** @param latency seconds since the request came in */
export function llmUsage(promptTokens: number, completionTokens: number, latency: number): LlmUsage {
  return {
    prompt_tokens: promptTokens,
    prompt_unit_price: '0',
    prompt_price_unit: '0',
    prompt_price: '0',
    completion_tokens: completionTokens,
    completion_unit_price: '0',
    completion_price_unit: '0',
    completion_price: '0',
    total_tokens: promptTokens + completionTokens,
    ...FREE,
    latency,
  };
}

/** A chunk of an LLM's answer. `content` must not be null: the host fails the session on one. */
export function llmChunk(
  model: string,
  content: string,
  rest: { toolCalls?: ToolCall[]; usage?: LlmUsage; finishReason?: FinishReason } = {},
): LlmChunk {
  return {
    model,
    prompt_messages: [],
    system_fingerprint: '',
    delta: {
      index: 0,
      message: { role: 'assistant', content, name: null, tool_calls: rest.toolCalls ?? [] },
      usage: rest.usage ?? null,
      finish_reason: rest.finishReason ?? null,
    },
  };
}

/** Tokens and time of an embedding. */
export interface EmbeddingUsage {
  tokens: number;
  total_tokens: number;
  unit_price: string;
  price_unit: string;
  total_price: string;
  currency: string;
  latency: number;
}

/** @param latency seconds since the request came in */
export function embeddingUsage(tokens: number, latency: number): EmbeddingUsage {
  return { tokens, total_tokens: tokens, unit_price: '0', price_unit: '0', ...FREE, latency };
}
