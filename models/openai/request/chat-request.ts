import type { RequestOf } from '../../../src/dify/index.ts';
import { type Fields, isObject } from '../../../src/text/json.ts';
import type { ChatModel } from '../model.ts';
import { toPrompt } from './completion-prompt.ts';
import { toMessages } from './messages.ts';
import { extraBody, parameters } from './parameters.ts';
import { responseFormat } from './response-format.ts';
import { toolFields } from './tools.ts';

type InvokeLlm = RequestOf<'invoke_llm'>;

/**
 * The body of `/v1/chat/completions`, or of `/v1/completions` for a model that only goes on with a text, but for how the
 * answer shall come.
 * @param own fields that the server takes beside those of OpenAI
 * @throws InvokeBadRequestError for what the model cannot do
 */
export function chatBody(request: InvokeLlm, model: ChatModel, own: Fields = {}): Fields {
  const messages = request.prompt_messages ?? [];
  const format = model.mode === 'chat' ? responseFormat(request, model) : undefined;
  return {
    ...parameters(request),
    ...(format !== undefined && { response_format: format }),
    ...merged(own, extraBody(request)),
    ...toolFields(request, model),
    model: model.uid,
    ...(model.mode === 'chat'
      ? { messages: toMessages(messages, model) }
      : { prompt: toPrompt(messages, model.uid) }),
  };
}

/** Two objects as one: the second wins, within an object of both too. */
export function merged(own: Fields, extra: Fields): Fields {
  const both = Object.entries(own).flatMap(([name, value]) => {
    const other = Object.hasOwn(extra, name) ? extra[name] : undefined;
    return isObject(value) && isObject(other) ? [[name, { ...value, ...other }] as const] : [];
  });
  return { ...own, ...extra, ...Object.fromEntries(both) };
}

/** How the answer shall come. An empty `stream_options` crashes some engines, so the field goes with a stream alone. */
export function streamFields(stream: boolean): Fields {
  return stream ? { stream: true, stream_options: { include_usage: true } } : { stream: false };
}
