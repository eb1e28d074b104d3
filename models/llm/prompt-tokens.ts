import type { PromptMessage, PromptTool } from '../../src/dify/index.ts';
import { countTexts } from '../../src/tokens/counting.ts';
import type { Prompt } from '../../src/tokens/estimator.ts';
import { sumFeatures } from '../../src/tokens/features.ts';
import { mediaParts, messageText } from '../openai/request/messages.ts';

/**
 * What a prompt is made of, as far as its tokens go. Long texts are counted in slices, so nobody else waits.
 * @throws the signal's reason when it aborts meanwhile
 */
export async function promptFeatures(
  messages: readonly PromptMessage[],
  tools: readonly PromptTool[],
  signal: AbortSignal,
): Promise<Prompt> {
  const texts = messages.flatMap(message => [messageText(message), ...calledArguments(message)]);
  const counted = countTexts([...texts, ...tools.map(tool => JSON.stringify(tool))], signal);
  const media = mediaParts(messages);
  const images = media.filter(part => part.type === 'image').length;
  return {
    text: sumFeatures(counted instanceof Promise ? await counted : counted),
    messages: messages.length,
    tools: tools.length,
    images,
    otherMedia: media.length - images,
  };
}

/** What a model called stands in the prompt again. */
function calledArguments({ tool_calls }: PromptMessage): string[] {
  return tool_calls?.map(call => `${call.function.name ?? ''}${call.function.arguments ?? ''}`) ?? [];
}
