/**
 * What a plugin is compared with: a program that does nothing but hand on. It checks nothing, knows no errors, retries,
 * timeouts, models or tokens. With `--raw` it does not even parse what the server sends.
 */
import { request } from 'undici';

const isRaw = process.argv.includes('--raw');
const HEARTBEAT = '{"event":"heartbeat","session_id":null,"data":{}}\n';

let out: string[] = [];
let drained: Promise<void> | undefined;

/** One write a turn of the event loop. Returns a promise while the host does not keep up. */
function write(line: string): Promise<void> | undefined {
  if (out.length === 0) setImmediate(flush);
  out.push(line);
  return drained;
}

function flush(): void {
  const text = out.join('');
  out = [];
  if (process.stdout.write(text) || drained) return;
  drained = new Promise(resolve => {
    process.stdout.once('drain', () => {
      drained = undefined;
      resolve();
    });
  });
}

function result(id: string, json: string): Promise<void> | undefined {
  return write(`{"event":"session","session_id":"${id}","data":{"type":"stream","data":${json}}}\n`);
}

async function relay(id: string, data: Record<string, unknown>): Promise<void> {
  const { server_url: url, model_uid: model } = data['credentials'] as Record<string, string>;
  const post = async (path: string, fields: object) => {
    const body = JSON.stringify({ model, ...fields });
    const headers = { 'content-type': 'application/json' };
    return (await request(`${url}${path}`, { method: 'POST', headers, body })).body;
  };
  switch (data['action']) {
    case 'invoke_llm': {
      const messages = data['prompt_messages'];
      await relayEvents(id, String(model), await post('/v1/chat/completions', { messages, stream: true }));
      break;
    }
    case 'invoke_text_embedding': {
      const text = await (await post('/v1/embeddings', { input: data['texts'] })).text();
      await result(id, isRaw ? text : embedding(String(model), text));
      break;
    }
    case 'invoke_rerank': {
      const { query, docs } = data as { query: string; docs: string[] };
      const text = await (await post('/v1/rerank', { query, documents: docs })).text();
      await result(id, isRaw ? text : rerank(String(model), docs, text));
      break;
    }
  }
  await write(`{"event":"session","session_id":"${id}","data":{"type":"end","data":{}}}\n`);
}

async function relayEvents(id: string, model: string, body: AsyncIterable<Buffer>): Promise<void> {
  let rest = '';
  const decoder = new TextDecoder();
  for await (const bytes of body) {
    const text = rest + decoder.decode(bytes, { stream: true });
    let start = 0;
    for (;;) {
      const end = text.indexOf('\r\n\r\n', start);
      if (end < 0) break;
      const payload = text.slice(start + 'data: '.length, end);
      start = end + 4;
      if (payload === '[DONE]') continue;
      const backlog = result(id, isRaw ? payload : chunk(model, JSON.parse(payload)));
      if (backlog) await backlog;
    }
    rest = text.slice(start);
  }
}

function chunk(model: string, { choices, usage }: { choices: Choice[]; usage: unknown }): string {
  const [choice] = choices;
  const message = { role: 'assistant', content: choice?.delta.content ?? '', name: null, tool_calls: [] };
  const delta = { index: 0, message, usage: usage ?? null, finish_reason: choice?.finish_reason ?? null };
  return JSON.stringify({ model, prompt_messages: [], system_fingerprint: '', delta });
}

interface Choice {
  readonly delta: { readonly content?: string };
  readonly finish_reason: string | null;
}

function embedding(model: string, text: string): string {
  const { data, usage } = JSON.parse(text);
  return JSON.stringify({
    model,
    embeddings: data.map((row: { embedding: number[] }) => row.embedding),
    usage,
  });
}

function rerank(model: string, texts: readonly string[], text: string): string {
  const { results } = JSON.parse(text) as { results: { index: number; relevance_score: number }[] };
  const docs = results.map(({ index, relevance_score: score }) => ({ index, text: texts[index], score }));
  return JSON.stringify({ model, docs });
}

process.stdout.write(HEARTBEAT);
setInterval(() => process.stdout.write(HEARTBEAT), 10_000);
let rest = '';
process.stdin.setEncoding('utf8').on('data', (text: string) => {
  const lines = (rest + text).split('\n');
  rest = lines.pop() ?? '';
  for (const line of lines) {
    const { session_id, data } = JSON.parse(line);
    void relay(session_id, data);
  }
});
