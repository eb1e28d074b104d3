import type { ServerResponse } from 'node:http';
import { type FakeModel, isAble } from '../models.ts';
import { refusal } from '../refusal.ts';
import { errorEvent, startEvents } from '../replies.ts';
import type { FakeRequest } from '../request.ts';
import type { ServerState } from '../routes.ts';
import { type ChatAnswer, countWords, pieces, sendChat, type ToolCall, textOf } from './chat-answer.ts';
import { sample } from './sample.ts';
import { type Body, checkChat, jsonObject } from './validation.ts';

/** What a chat model answers when the test has not said. */
export const defaultReply =
  'Hello! I am a small model that lives in a test server. I answer every question with these same words, ' +
  'a few at a time, so that you can watch them come in. Ask me for a tool and I will call it. Have a nice day!';

const masked = 'The chat completion request failed. Check the server logs for details.';

/** `POST /v1/chat/completions` */
export async function chat(
  request: FakeRequest,
  response: ServerResponse,
  server: ServerState,
): Promise<void> {
  const body = jsonObject(request.body);
  checkChat(body);
  if (body['logit_bias'] != null) throw refusal(501, 'Not implemented');
  const last = (body['messages'] as Body[]).at(-1);
  if (last === undefined) throw refusal(400, 'Invalid input. Please specify the prompt.');
  const model = server.find(body['model']);
  if ((Array.isArray(body['tools']) || last['role'] === 'tool') && !isAble(model, 'tools')) {
    throw refusal(
      400,
      "Only {'qwen3', 'qwen2.5-instruct', 'glm-4.5', 'llama-3.1-instruct'} support tool calls",
    );
  }
  if (isAble(model, 'chat') && body['tools'] !== null) {
    await sendChat(request, response, cut(think(model, body, reply(body, last, server)), body), server);
    return;
  }
  // The engine fails; a stream learns of it when its 200 is out.
  if (body['stream'] !== true) throw refusal(500, masked);
  startEvents(response);
  response.end(errorEvent(masked));
}

function reply(body: Body, last: Body, server: ServerState): ChatAnswer {
  const call = toolCall(body, last);
  if (call !== undefined) return { toolCalls: [call] };
  const schema = wantedSchema(body);
  if (schema !== undefined) return { content: JSON.stringify(sample(schema)) };
  if (server.reply !== undefined) return { content: server.reply };
  if (last['role'] === 'tool') return { content: `The tool said: ${textOf(last['content'])}` };
  const images = Array.isArray(last['content'])
    ? last['content'].filter(part => 'image_url' in part).length
    : 0;
  return {
    content: images > 0 ? `I see ${images} image${images > 1 ? 's' : ''}. ${defaultReply}` : defaultReply,
  };
}

function toolCall(body: Body, last: Body): ToolCall | undefined {
  const tools = Array.isArray(body['tools']) ? (body['tools'] as { function: Body }[]) : [];
  if (last['role'] !== 'user' || body['tool_choice'] === 'none') return undefined;
  const wanted = (body['tool_choice'] as { function?: { name?: string } } | undefined)?.function?.name;
  const tool = tools.find(({ function: { name } }) => wanted === undefined || name === wanted);
  return tool && { name: String(tool.function['name']), arguments: sample(tool.function['parameters']) };
}

function wantedSchema(body: Body): unknown {
  const format = body['response_format'] as
    | { type?: string; json_schema?: { schema?: unknown } }
    | null
    | undefined;
  if (format?.type === 'json_schema') return format.json_schema?.schema ?? {};
  return format?.type === 'json_object' ? { type: 'object' } : undefined;
}

/** Models that can be told to think do so only when told; those that cannot always do. */
function think(model: FakeModel, body: Body, answer: ChatAnswer): ChatAnswer {
  const kwargs = body['chat_template_kwargs'] as { enable_thinking?: unknown } | undefined;
  const asked = body['enable_thinking'] ?? kwargs?.enable_thinking;
  const thinks = isAble(model, 'reasoning') && (!isAble(model, 'hybrid') || asked === true);
  return thinks ? { ...answer, reasoning: 'The user wants an answer. I know one by heart.' } : answer;
}

function cut(answer: ChatAnswer, body: Body): ChatAnswer {
  const stops = [body['stop'] ?? []].flat() as string[];
  const ends = stops.map(stop => answer.content?.indexOf(stop) ?? -1).filter(at => at >= 0);
  const content = ends.length > 0 ? answer.content?.slice(0, Math.min(...ends)) : answer.content;
  const stopped: ChatAnswer = content === undefined ? answer : { ...answer, content };
  const limit = (body['max_completion_tokens'] ?? body['max_tokens'] ?? Number.POSITIVE_INFINITY) as number;
  if (content === undefined || countWords(answer.reasoning ?? '') + countWords(content) <= limit)
    return stopped;
  const reasoning =
    answer.reasoning === undefined ? undefined : pieces(answer.reasoning).slice(0, limit).join('');
  const left = Math.max(0, limit - countWords(reasoning ?? ''));
  return { ...stopped, reasoning, content: pieces(content).slice(0, left).join(''), finishReason: 'length' };
}
