import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { isAble } from '../models.ts';
import { engineError } from '../refusal.ts';
import { errorEvent, event, pause, pythonJson, sendJson, startEvents, write } from '../replies.ts';
import type { FakeRequest } from '../request.ts';
import type { ServerState } from '../routes.ts';
import { defaultReply } from './chat.ts';
import { countWords, pieces, type Usage } from './chat-answer.ts';
import { checkCompletion, jsonObject } from './validation.ts';

/** `POST /v1/completions`. A stream has usage on every event and no `[DONE]` at its end. */
export async function completion(
  request: FakeRequest,
  response: ServerResponse,
  server: ServerState,
): Promise<void> {
  const body = jsonObject(request.body);
  checkCompletion(body);
  const model = server.find(body['model']);
  if (!isAble(model, 'generate')) {
    // The chat template is laid over the bare prompt; a stream learns of it when its 200 is out.
    const error = engineError("'str' object has no attribute 'get'");
    if (body['stream'] !== true) throw error;
    startEvents(response);
    response.end(errorEvent(error.message));
    return;
  }
  const limit = typeof body['max_tokens'] === 'number' ? body['max_tokens'] : Number.POSITIVE_INFINITY;
  const all = pieces(server.reply ?? defaultReply, server.chunkCount);
  const words = all.slice(0, limit);
  const finish = words.length < all.length ? 'length' : 'stop';
  const usage = (done: number): Usage => {
    const prompt_tokens = countWords(body['prompt'] as string);
    return { prompt_tokens, completion_tokens: done, total_tokens: prompt_tokens + done };
  };
  const base = {
    id: randomUUID(),
    object: 'text_completion',
    created: Math.floor(Date.now() / 1000),
    model: model.uid,
  };
  const choice = (text: string, finish_reason: string | null) => [
    { text, index: 0, logprobs: null, finish_reason },
  ];
  if (body['stream'] !== true) {
    return sendJson(response, 200, {
      ...base,
      choices: choice(words.join(''), finish),
      usage: usage(words.length),
    });
  }
  startEvents(response);
  const frame = (rest: object) => write(response, event(pythonJson({ ...base, ...rest })));
  for (const [at, word] of words.entries()) {
    if (!(await pause(server.chunkDelay, request.signal))) return;
    if (!(await frame({ choices: choice(word, null), usage: usage(at + 1) }))) return;
  }
  await frame({ choices: choice('', finish), usage: usage(words.length) });
  const options = body['stream_options'] as { include_usage?: boolean } | null | undefined;
  if (options?.include_usage === true) await frame({ choices: [], usage: usage(words.length) });
  response.end();
}
