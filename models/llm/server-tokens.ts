import type { PromptMessage, PromptTool } from '../../src/dify/index.ts';
import type { HttpClient } from '../../src/http/client.ts';
import { ServerError } from '../../src/http/errors/errors.ts';
import { readJsonObject } from '../../src/http/response/body.ts';
import { modelKey } from '../../src/http/server.ts';
import { type Fields, isObject, tryParseJson } from '../../src/text/json.ts';
import type { ModelCredentials } from '../common/credentials.ts';
import { Remembered } from '../common/remembered.ts';
import { mediaParts, textOf } from '../openai/request/messages.ts';

const PATH = '/anthropic/v1/messages/count_tokens';
/** A count takes 0.1 s; an estimate is there at once. */
const LONGEST_MS = 5_000;

/** What is counted. */
export interface CountedPrompt {
  readonly messages: readonly PromptMessage[];
  readonly tools: readonly PromptTool[];
}

/**
 * Lets servers count the tokens of prompts, through the model's own template: Xinference does from 4.1.0 on, in the words of
 * Anthropic's API, but not for llama.cpp, for models that only go on with a text, or with images.
 */
export class ServerTokens {
  readonly #client: HttpClient;
  /** Models whose server does not count. */
  readonly #refused = new Remembered();

  constructor(client: HttpClient) {
    this.#client = client;
  }

  /**
   * Asks once, without retries.
   * @returns undefined where the server does not count, or not in time
   * @throws the signal's reason
   */
  async count(
    { server, modelUid }: ModelCredentials,
    { messages, tools }: CountedPrompt,
    signal: AbortSignal,
  ): Promise<number | undefined> {
    const key = modelKey(server, modelUid);
    if (messages.length === 0 || mediaParts(messages).length > 0 || this.#refused.has(key)) return undefined;
    const limited = AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]);
    try {
      const body = JSON.stringify(countRequest(modelUid, messages, tools));
      const response = await this.#client.send(server, {
        method: 'POST',
        path: PATH,
        body,
        signal: limited,
        maxRetries: 0,
      });
      const { input_tokens: tokens } = await readJsonObject(response, limited);
      if (typeof tokens === 'number' && Number.isSafeInteger(tokens) && tokens >= 0) return tokens;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ServerError) && !limited.aborted) throw error;
      const isTransient = !(error instanceof ServerError) || error.isRetryable || error.status === undefined;
      if (isTransient) return undefined;
    }
    this.#refused.add(key);
    return undefined;
  }
}

function countRequest(
  model: string,
  messages: readonly PromptMessage[],
  tools: readonly PromptTool[],
): Fields {
  return {
    model,
    messages: messages.map(counted),
    ...(tools.length > 0 && {
      tools: tools.map(({ name, description, parameters }) => ({
        name,
        description,
        input_schema: parameters,
      })),
    }),
  };
}

/** A message in Anthropic's words, in which what a tool says is the user's. */
function counted(message: PromptMessage): Fields {
  const text = textOf(message).toWellFormed();
  if (message.role === 'tool') {
    const result = { type: 'tool_result', tool_use_id: message.tool_call_id ?? '', content: text };
    return { role: 'user', content: [result] };
  }
  const calls = (message.tool_calls ?? []).map(({ id, function: called }) => ({
    type: 'tool_use',
    id: id ?? '',
    name: called.name ?? '',
    input: objectOf(called.arguments ?? ''),
  }));
  const role = message.role === 'assistant' || message.role === 'system' ? message.role : 'user';
  if (calls.length === 0) return { role, content: text };
  return { role, content: [...(text === '' ? [] : [{ type: 'text', text }]), ...calls] };
}

function objectOf(json: string): Fields {
  const value = tryParseJson(json);
  return isObject(value) ? value : {};
}
