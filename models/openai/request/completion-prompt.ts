import { InvokeBadRequestError, type PromptMessage } from '../../../src/dify/index.ts';
import { mediaParts, messageText } from './messages.ts';

const SPEAKER = {
  system: 'System',
  developer: 'System',
  user: 'User',
  assistant: 'Assistant',
  tool: 'Tool',
} as const;

/**
 * The prompt of a model that only goes on with a text. One user message is the prompt itself; several become a transcript
 * that the assistant goes on with.
 * @throws InvokeBadRequestError for media
 */
export function toPrompt(messages: readonly PromptMessage[], uid: string): string {
  const [media] = mediaParts(messages);
  if (media !== undefined) {
    throw new InvokeBadRequestError(
      `The model ${uid} is a completion model and takes text only, not ${media.type}.`,
    );
  }
  const [only] = messages;
  if (only !== undefined && messages.length === 1 && only.role === 'user') return messageText(only);
  const lines = messages.map(message => `${SPEAKER[message.role]}: ${messageText(message)}`);
  return [...lines, 'Assistant:'].join('\n');
}
