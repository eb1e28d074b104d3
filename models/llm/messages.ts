import { InvokeBadRequestError } from '../../src/dify/protocol/errors.ts';
import type { ContentPart, PromptMessage } from '../../src/dify/protocol/requests.schemas.ts';
import type { LlmModel } from './model.ts';
import { withoutThinking } from './thinking.ts';

/** A message as the server takes it. */
export type ChatMessage = Record<string, unknown>;

/**
 * Dify's messages as the server takes them. Nothing is dropped without a word: a server flattens what a model cannot
 * take to its text and says nothing.
 * @throws InvokeBadRequestError that names the part and the model
 */
export function toMessages(messages: readonly PromptMessage[], model: LlmModel): ChatMessage[] {
  return messages.map(message => {
    switch (message.role) {
      case 'system':
      case 'developer':
        return { role: 'system', content: textOf(message) };
      case 'user':
        return { role: 'user', content: contentOf(message, model) };
      case 'assistant':
        return assistantMessage(message);
      case 'tool':
        return toolMessage(message);
    }
    return message.role satisfies never;
  });
}

/** All texts of a message; other parts are left out. */
export function textOf({ content }: PromptMessage): string {
  if (typeof content === 'string') return content;
  const texts = content?.filter(part => part.type === 'text').map(part => part.data ?? '') ?? [];
  return texts.join('\n');
}

/** How many parts of the messages are no text. */
export function mediaParts(messages: readonly PromptMessage[]): ContentPart[] {
  return messages.flatMap(({ content }) =>
    Array.isArray(content) ? content.filter(part => part.type !== 'text') : [],
  );
}

function assistantMessage(message: PromptMessage): ChatMessage {
  const content = withoutThinking(textOf(message));
  const calls = message.tool_calls ?? [];
  if (calls.length === 0) return { role: 'assistant', content };
  return {
    role: 'assistant',
    content,
    tool_calls: calls.map((call, index) => ({
      id: call.id || `call_${index}`,
      type: 'function',
      function: { name: call.function.name ?? '', arguments: call.function.arguments || '{}' },
    })),
  };
}

/** Templates of several families insist on the tool's name. */
function toolMessage(message: PromptMessage): ChatMessage {
  return {
    role: 'tool',
    content: textOf(message),
    ...(message.tool_call_id && { tool_call_id: message.tool_call_id }),
    ...(message.name && { name: message.name }),
  };
}

function contentOf(message: PromptMessage, model: LlmModel): string | ChatMessage[] {
  const { content } = message;
  if (!Array.isArray(content)) return content ?? '';
  // A plain text passes through every template; a list of parts does not.
  if (content.every(part => part.type === 'text')) return textOf(message);
  return content.map(part => toPart(part, model));
}

function toPart(part: ContentPart, model: LlmModel): ChatMessage {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.data ?? '' };
    case 'image':
      demand(model.can.image, part, model, 'Choose a model with vision, or set vision to "on" if it has it.');
      return {
        type: 'image_url',
        image_url: { url: mediaUrl(part, 'image/png'), ...(part.detail && { detail: part.detail }) },
      };
    case 'audio':
      demand(model.can.audio, part, model, 'Choose a model that listens (ability audio or omni).');
      return model.engine === 'llama.cpp' && !part.url
        ? inputAudio(part)
        : { type: 'audio_url', audio_url: { url: mediaUrl(part, 'audio/wav') } };
    case 'video':
      demand(model.can.video, part, model, 'Choose a model that watches (ability omni or vision).');
      return { type: 'video_url', video_url: { url: mediaUrl(part, 'video/mp4') } };
    case 'document':
      throw new InvokeBadRequestError(
        `The model ${model.uid} cannot take the part ${describe(part)}: Xinference reads no documents. Extract its text first.`,
      );
    default:
      throw new InvokeBadRequestError(
        `The model ${model.uid} cannot take a part of the type ${JSON.stringify(part.type.slice(0, 50))}. Known are text, image, audio and video.`,
      );
  }
}

function demand(able: boolean | undefined, part: ContentPart, model: LlmModel, advice: string): void {
  if (able !== false) return;
  throw new InvokeBadRequestError(`The model ${model.uid} cannot take the part ${describe(part)}. ${advice}`);
}

/** A remote URL as it is, else a data URL of exactly the form `data:<mime>;base64,<data>`: the server splits it at `;`. */
function mediaUrl(part: ContentPart, defaultMime: string): string {
  if (part.url) return part.url;
  const data = part.base64_data ?? '';
  if (data === '') {
    throw new InvokeBadRequestError(`The part ${describe(part)} has neither a URL nor data.`);
  }
  if (data.startsWith('data:')) return data;
  return `data:${mimeOf(part, defaultMime)};base64,${data}`;
}

/** llama.cpp gets messages as they are and knows OpenAI's form of sound alone. */
function inputAudio(part: ContentPart): ChatMessage {
  const url = mediaUrl(part, 'audio/wav');
  const [head = '', data = ''] = url.split(',', 2);
  const format = /audio\/(?:x-|vnd\.)?(\w+)/.exec(head)?.[1] ?? 'wav';
  return { type: 'input_audio', input_audio: { data, format: format === 'mpeg' ? 'mp3' : format } };
}

function mimeOf(part: ContentPart, defaultMime: string): string {
  const [mime = ''] = (part.mime_type ?? '').split(';', 1);
  if (mime.trim() !== '') return mime.trim();
  return part.format ? `${defaultMime.split('/', 1)[0]}/${part.format}` : defaultMime;
}

function describe({ type, filename }: ContentPart): string {
  return filename ? `${type} ${JSON.stringify(filename)}` : type;
}
