import { InvokeBadRequestError } from '../../../src/dify/protocol/errors.ts';
import type { PromptMessage, RequestOf } from '../../../src/dify/protocol/requests.schemas.ts';
import type { LlmModel } from '../../llm/model.ts';
import { streamFields } from './chat-request.ts';
import { mediaParts, textOf } from './messages.ts';
import { toParameters } from './parameters.ts';

const SPEAKER = {
  system: 'System',
  developer: 'System',
  user: 'User',
  assistant: 'Assistant',
  tool: 'Tool',
} as const;

/**
 * The body of `/v1/completions`, for models that only go on with a text.
 * @throws InvokeBadRequestError for media and tools
 */
export function completionRequest(
  request: RequestOf<'invoke_llm'>,
  model: LlmModel,
  stream: boolean,
): Record<string, unknown> {
  if ((request.tools ?? []).length > 0) {
    throw new InvokeBadRequestError(
      `The model ${model.uid} is a completion model and cannot call tools. Choose a chat model.`,
    );
  }
  return {
    ...toParameters(request, model),
    model: model.uid,
    prompt: toPrompt(request.prompt_messages ?? [], model.uid),
    ...streamFields(stream),
  };
}

/** One user message is the prompt itself; several become a transcript that the assistant goes on with. */
export function toPrompt(messages: readonly PromptMessage[], uid: string): string {
  const [media] = mediaParts(messages);
  if (media !== undefined) {
    throw new InvokeBadRequestError(
      `The model ${uid} is a completion model and takes text only, not ${media.type}.`,
    );
  }
  const [only] = messages;
  if (only !== undefined && messages.length === 1 && only.role === 'user') return textOf(only);
  const lines = messages.map(message => `${SPEAKER[message.role]}: ${textOf(message)}`);
  return [...lines, 'Assistant:'].join('\n');
}
