import type { PromptMessage, PromptTool } from '../../src/dify/index.ts';
import type { HttpClient } from '../../src/http/client.ts';
import { ServerError } from '../../src/http/errors/errors.ts';
import { readJsonObject } from '../../src/http/response/body.ts';
import { type Fields, isObject, tryParseJson } from '../../src/text/json.ts';
import type { ModelCredentials } from '../common/credentials.ts';
import { ExpiringSet } from '../common/expiring-set.ts';
import { mediaParts, messageText } from '../openai/request/messages.ts';
import { toTool } from '../openai/request/tools.ts';

const PATH = '/anthropic/v1/messages/count_tokens';
/** A count takes 0.1 s; an estimate is there at once. */
const LONGEST_MS = 5_000;
/** Dify counts several times a message: a server that says nothing is not waited for each time. */
const PASSED_OVER_MS = 30_000;
/** The answers of servers that do not count for this model at all, or not for this key. */
const REFUSALS: ReadonlySet<number | undefined> = new Set([401, 403, 405, 501]);

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
  /** Models whose server does not count, by the key that was sent. */
  readonly #refused = new ExpiringSet();
  /** Models whose server cannot be reached, or is silent. */
  readonly #silent = new ExpiringSet(undefined, PASSED_OVER_MS);

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
    const key = JSON.stringify([server.url, server.apiKey, modelUid]);
    if (messages.length === 0 || mediaParts(messages).length > 0) return undefined;
    if (this.#refused.has(key) || this.#silent.has(key)) return undefined;
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
      this.#refused.add(key);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof ServerError) && !limited.aborted) throw error;
      if (!(error instanceof ServerError) || error.status === undefined) this.#silent.add(key);
      else if (error.code === 'path-unknown' || REFUSALS.has(error.status)) this.#refused.add(key);
    }
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
    // In OpenAI's words, which Xinference takes there too: else the template gets them in another order.
    ...(tools.length > 0 && { tools: tools.map(toTool) }),
  };
}

/** A message in Anthropic's words, in which what a tool says is the user's. */
function counted(message: PromptMessage): Fields {
  const text = messageText(message).toWellFormed();
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
  const role = message.role === 'developer' ? 'system' : message.role;
  if (calls.length === 0) return { role, content: text };
  return { role, content: [...(text === '' ? [] : [{ type: 'text', text }]), ...calls] };
}

function objectOf(json: string): Fields {
  const value = tryParseJson(json);
  return isObject(value) ? value : {};
}
