import { type ContentPart, InvokeBadRequestError, type PromptMessage } from '../../../src/dify/index.ts';
import { isObject, tryParseJson } from '../../../src/text/json.ts';
import type { ChatModel } from '../model.ts';
import { withoutThinking } from '../thinking/think-tags.ts';
import { jsonText } from './json.ts';
import { inputAudio, mediaUrl, partName } from './media.ts';

/** A message as the server takes it. */
export type ChatMessage = Record<string, unknown>;

/**
 * Dify's messages as the server takes them. Nothing is dropped without a word: a server flattens what a model cannot
 * take to its text and says nothing.
 * @throws InvokeBadRequestError that names the part and the model
 */
export function toMessages(messages: readonly PromptMessage[], model: ChatModel): ChatMessage[] {
  const called = new Map<string, string>();
  return messages.map(message => {
    const content = contentOf(message, model);
    switch (message.role) {
      case 'system':
      case 'developer':
        return { role: 'system', content };
      case 'user':
        return { role: 'user', content };
      case 'assistant':
        for (const call of message.tool_calls ?? []) called.set(call.id ?? '', call.function.name ?? '');
        return { role: 'assistant', content, ...toolCallsOf(message) };
      case 'tool':
        return { role: 'tool', content, ...answeredCall(message, called) };
    }
    return message.role satisfies never;
  });
}

/** All texts of a message, an assistant's without what it thought; other parts are left out. */
export function messageText({ role, content }: PromptMessage): string {
  const texts = Array.isArray(content)
    ? content.filter(isText).map(part => part.data ?? '')
    : [content ?? ''];
  return said(role, texts.join('\n'));
}

function said(role: PromptMessage['role'], text: string): string {
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
function contentOf(message: PromptMessage, model: ChatModel): string | ChatMessage[] {
  const { role, content } = message;
  if (!Array.isArray(content) || content.every(isText)) return messageText(message);
  return content.map(part =>
    isText(part) ? { type: 'text', text: said(role, part.data ?? '') } : toPart(part, model),
  );
}

function toolCallsOf({ tool_calls }: PromptMessage): ChatMessage {
  if (!tool_calls || tool_calls.length === 0) return {};
  const calls = tool_calls.map((call, index) => ({
    id: call.id || `call_${index}`,
    type: 'function',
    function: { name: call.function.name ?? '', arguments: argumentsOf(call.function.arguments ?? '') },
  }));
  return { tool_calls: calls };
}

/**
 * A call's arguments as the text of a JSON object: templates that take several kinds of media fail on anything else. What a
 * model wrote instead, such as arguments cut by the length limit, stands in an object by that name, for it to see.
 */
function argumentsOf(text: string): string {
  if (text.trim() === '') return '{}';
  const given = tryParseJson(text);
  if (!isObject(given)) return JSON.stringify({ invalid_arguments: text });
  return /\\ud/i.test(text) ? jsonText(given) : text; // half a character can stand there as an escape
}

/**
 * Templates of several families insist on the tool's name; where the host left it out, it is that of the call.
 * @param called the names of the calls so far, by id; where ids come again, the last one counts
 */
function answeredCall(
  { tool_call_id, name }: PromptMessage,
  called: ReadonlyMap<string, string>,
): ChatMessage {
  const answered = name || called.get(tool_call_id ?? '');
  return { ...(tool_call_id && { tool_call_id }), ...(answered && { name: answered }) };
}

/** @param part anything but a text */
function toPart(part: ContentPart, model: ChatModel): ChatMessage {
  switch (part.type) {
    case 'image':
      demand(model.can.image, part, model, 'Choose a model with vision; if it has it, set "Vision" to "On".');
      return {
        type: 'image_url',
        image_url: { url: mediaUrl(part, 'image/png'), ...(part.detail && { detail: part.detail }) },
      };
    case 'audio':
      demand(model.can.audio, part, model, 'Choose a model that listens (ability audio or omni).');
      return toSound(mediaUrl(part, 'audio/wav'), model);
    case 'video':
      demand(model.can.video, part, model, 'Choose a model that watches (ability omni or vision).');
      return { type: 'video_url', video_url: { url: mediaUrl(part, 'video/mp4') } };
    case 'document':
      throw new InvokeBadRequestError(
        `The model ${model.uid} cannot take the part ${partName(part)}: model servers read no documents. Extract its text first.`,
      );
    default:
      throw new InvokeBadRequestError(
        `The model ${model.uid} cannot take a part of the type ${JSON.stringify(part.type.slice(0, 50))}. Known are text, image, audio and video.`,
      );
  }
}

function toSound(url: string, { engine }: ChatModel): ChatMessage {
  return engine.soundPart === 'input_audio' && url.startsWith('data:')
    ? inputAudio(url)
    : { type: 'audio_url', audio_url: { url } };
}

function demand(able: boolean | undefined, part: ContentPart, model: ChatModel, advice: string): void {
  if (able !== false) return;
  throw new InvokeBadRequestError(`The model ${model.uid} cannot take the part ${partName(part)}. ${advice}`);
}
