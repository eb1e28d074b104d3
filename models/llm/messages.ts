import { InvokeBadRequestError } from '../../src/dify/protocol/errors.ts';
import type { ContentPart, PromptMessage } from '../../src/dify/protocol/requests.schemas.ts';
import type { LlmModel } from './model.ts';
import { withoutThinking } from './think-tags.ts';

/** A message as the server takes it. */
export type ChatMessage = Record<string, unknown>;

/**
 * Dify's messages as the server takes them. Nothing is dropped without a word: a server flattens what a model cannot
 * take to its text and says nothing.
 * @throws InvokeBadRequestError that names the part and the model
 */
export function toMessages(messages: readonly PromptMessage[], model: LlmModel): ChatMessage[] {
  return messages.map(message => {
    const content = contentOf(message, model);
    switch (message.role) {
      case 'system':
      case 'developer':
        return { role: 'system', content };
      case 'user':
        return { role: 'user', content };
      case 'assistant':
        return { role: 'assistant', content, ...toolCallsOf(message) };
      case 'tool':
        return { role: 'tool', content, ...answeredCall(message) };
    }
    return message.role satisfies never;
  });
}

/** All texts of a message, an assistant's without what it thought; other parts are left out. */
export function textOf({ role, content }: PromptMessage): string {
  const texts = Array.isArray(content)
    ? content.filter(isText).map(part => part.data ?? '')
    : [content ?? ''];
  const text = texts.join('\n');
  return role === 'assistant' ? withoutThinking(text) : text;
}

/** The parts of all messages that are no text. */
export function mediaParts(messages: readonly PromptMessage[]): ContentPart[] {
  return messages.flatMap(({ content }) =>
    Array.isArray(content) ? content.filter(part => !isText(part)) : [],
  );
}

function isText({ type }: ContentPart): boolean {
  return type === 'text';
}

/** A plain text passes through every template; a list of parts does not. */
function contentOf(message: PromptMessage, model: LlmModel): string | ChatMessage[] {
  const { content } = message;
  return Array.isArray(content) && !content.every(isText)
    ? content.map(part => toPart(part, model))
    : textOf(message);
}

/** Arguments must be the text of a JSON object. */
function toolCallsOf({ tool_calls }: PromptMessage): ChatMessage {
  if (!tool_calls || tool_calls.length === 0) return {};
  const calls = tool_calls.map((call, index) => ({
    id: call.id || `call_${index}`,
    type: 'function',
    function: { name: call.function.name ?? '', arguments: call.function.arguments || '{}' },
  }));
  return { tool_calls: calls };
}

/** Templates of several families insist on the tool's name. */
function answeredCall({ tool_call_id, name }: PromptMessage): ChatMessage {
  return { ...(tool_call_id && { tool_call_id }), ...(name && { name }) };
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
