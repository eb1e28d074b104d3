/**
 * How fast a streamed answer is converted: `node bench/llm.ts [chunks]`. The bytes of a server's events go through the
 * decoder, the reader of answers and the writer of lines, in this process and into nowhere: no sockets, no HTTP. Each
 * chunk arrives alone, as from a server that is slower than the plugin; `joined` arrives 64 KiB at a time.
 *
 * Times are CPU times, which a busy machine changes little. The last column compares the last tenth of the answer
 * with the first: 1 means that a chunk costs the same however much has come before it.
 */
import { Writable } from 'node:stream';
import { llmModel, readLlmForm } from '../models/llm/model.ts';
import { promptFeatures } from '../models/llm/prompt-tokens.ts';
import { TokenMeter } from '../models/llm/token-meter.ts';
import { AnswerStream } from '../models/openai/answer/answer-stream.ts';
import { LlmWriter } from '../src/dify/actions/llm-writer.ts';
import { Session } from '../src/dify/session.ts';
import { LineWriter } from '../src/dify/transport/lines/line-writer.ts';
import { EventDecoder } from '../src/http/response/event-decoder.ts';
import type { HttpResponse } from '../src/http/response/http-response.ts';
import { TokenEstimator } from '../src/tokens/estimator.ts';
import { parseDescription } from '../src/xinference/description.ts';

const CHUNKS = Number(process.argv[2] ?? 200_000);
const RUNS = 5;
const READ_BYTES = 64 * 1024;

const words = 'The quick brown fox jumps over the lazy dog, then rests in the shade. '.split(/(?= )/);
const word = (at: number) => words[at % words.length] ?? '';

/** One event as vLLM's chat streams have it behind Xinference. */
function event(delta: object, finishReason: string | null = null): Buffer {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }];
  const rest = { created: 1767225600, object: 'chat.completion.chunk', choices, usage: null };
  const id = 'chatcmpl-0c5a2b1e-6f5d-4a0e-9f57-1d0c3f1b7a55';
  return Buffer.from(`data: ${JSON.stringify({ id, model: 'qwen3', ...rest })}\r\n\r\n`);
}

const streams: Record<string, (at: number) => object> = {
  text: at => ({ content: word(at) }),
  reasoning: at =>
    at < CHUNKS * 0.9
      ? { reasoning_content: word(at), content: null }
      : { reasoning_content: null, content: word(at) },
  // Eight calls, their arguments a few characters at a time.
  tools: at => {
    const index = Math.floor((8 * at) / CHUNKS);
    const begins = Math.floor((8 * (at - 1)) / CHUNKS) !== index || at === 0;
    const first = {
      index,
      id: `call_${index}`,
      type: 'function',
      function: { name: 'search', arguments: '' },
    };
    return { content: '', tool_calls: [begins ? first : { index, function: { arguments: word(at) } }] };
  },
};

const head = { path: '/v1/chat/completions', contentType: 'text/event-stream' } as HttpResponse;
const description = parseDescription({
  model_type: 'LLM',
  model_name: 'qwen3',
  model_engine: 'vLLM',
  model_ability: ['chat', 'tools', 'reasoning', 'hybrid'],
});
const model = llmModel('qwen3', description, readLlmForm({}));

/** Converts the whole answer. @returns when each tenth of its reads was done, in ms of CPU from the start */
async function convert(reads: readonly Buffer[], tools: boolean): Promise<number[]> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const session = new Session('c0ffee00-0000-4000-8000-000000000001', new LineWriter(nowhere, 5_000_000));
  const prompt = () => promptFeatures([{ role: 'user', content: 'Hello' }], [], session.signal);
  const meter = new TokenMeter(new TokenEstimator('qwen3'), prompt);
  const writer = new LlmWriter(session, 'qwen3', () => undefined);
  const text = meter.watch(writer);
  const stream = new AnswerStream(head, model, { tools, thinking: undefined, schema: false }, text);
  const decoder = new EventDecoder(stream);
  const tenth = Math.floor(reads.length / 10);
  const done: number[] = [];
  const start = process.cpuUsage();
  for (const [at, bytes] of reads.entries()) {
    decoder.push(bytes);
    const backlog = stream.flush();
    if (backlog) await backlog;
    if ((at + 1) % tenth === 0) done.push(milliseconds(process.cpuUsage(start)));
  }
  const end = stream.end();
  await writer.finish({ ...end, usage: await meter.complete(end) });
  return done;
}

function milliseconds({ user, system }: NodeJS.CpuUsage): number {
  return (user + system) / 1000;
}

function joined(events: readonly Buffer[]): Buffer[] {
  const all = Buffer.concat(events);
  return Array.from({ length: Math.ceil(all.length / READ_BYTES) }, (_none, at) =>
    all.subarray(at * READ_BYTES, (at + 1) * READ_BYTES),
  );
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

console.log(`${CHUNKS} chunks, median of ${RUNS} runs\n`);
console.log(
  `${'stream'.padEnd(20)}${'chunks/s'.padStart(12)}${'µs a chunk'.padStart(12)}${'last : first tenth'.padStart(20)}`,
);
for (const [name, delta] of Object.entries(streams)) {
  const events = Array.from({ length: CHUNKS }, (_none, at) => event(delta(at)));
  events.push(
    event({ content: '' }, name === 'tools' ? 'tool_calls' : 'stop'),
    Buffer.from('data: [DONE]\r\n\r\n'),
  );
  for (const [how, reads] of [['', events] as const, [', joined', joined(events)] as const]) {
    await convert(reads, name === 'tools'); // compiles
    const totals: number[] = [];
    const growths: number[] = [];
    for (let run = 0; run < RUNS; run++) {
      const done = await convert(reads, name === 'tools');
      const total = done[9] ?? Number.NaN;
      totals.push(total);
      growths.push((total - (done[8] ?? Number.NaN)) / (done[0] ?? Number.NaN));
    }
    const ms = median(totals);
    const figures = [Math.round((1000 * CHUNKS) / ms).toString(), ((1000 * ms) / CHUNKS).toFixed(2)];
    console.log(
      `${(name + how).padEnd(20)}${figures.map(figure => figure.padStart(12)).join('')}${median(growths).toFixed(2).padStart(20)}`,
    );
  }
}
