import type { EmbeddingUsage, LlmChunk, LlmUsage, ToolCall } from './results.schemas.ts';

/** Prices of a self-hosted model: it is free, and Dify wants every field. */
const FREE = { currency: 'USD', total_price: '0' } as const;

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

/** A chunk of an LLM's answer. */
export function llmChunk(
  model: string,
  content: string,
  rest: { toolCalls?: readonly ToolCall[]; usage?: LlmUsage; finishReason?: string } = {},
): LlmChunk {
  return {
    model,
    prompt_messages: [],
    system_fingerprint: '',
    delta: {
      index: 0,
      message: { role: 'assistant', content, name: null, tool_calls: [...(rest.toolCalls ?? [])] },
      usage: rest.usage ?? null,
      finish_reason: rest.finishReason ?? null,
    },
  };
}

/** @param latency seconds since the request came in */
export function embeddingUsage(tokens: number, latency: number): EmbeddingUsage {
  return { tokens, total_tokens: tokens, unit_price: '0', price_unit: '0', ...FREE, latency };
}
