import { describe, expect, it } from 'vitest';
import {
  deltaChunk,
  EVENT_STREAM_HEAD,
  event,
  finishChunk,
  usageChunk,
  whole,
} from '../../bench/compare/framing.ts';
import { bodyBytes, recording } from '../fake/xinference/recordings/recordings.ts';

/** Header lines without their values, but for those that say how the body comes. */
function headLines(head: readonly string[]): string[] {
  const varied = /^(date|x-request-id|content-length): .*/;
  const ours = head.filter(line => !line.toLowerCase().startsWith('connection:')); // the recorder asked for `close`
  return ours.map(line => line.replace(varied, '$1'));
}

const linesOf = (head: Buffer) => head.toString('latin1').trimEnd().split('\r\n');

describe('the server of the benchmarks answers as a real one', () => {
  it('in a stream: each event as the vLLM engine writes it', () => {
    const { chunks } = recording('vllm-qwen-plain-stream').response;
    const chat = { id: 'chate0000000-0000-0000-0000-000000000001', model: 'vllm-model', promptTokens: 100 };
    const [at, atEnd] = [1_767_225_600, 1_795_332_366];
    const events = [
      deltaChunk(chat, at, 'Hello!', true),
      deltaChunk(chat, at, ' 😀 How'),
      finishChunk(chat, atEnd, 4),
      usageChunk(chat, at, 4),
    ];
    const recorded = [chunks[0], chunks[1], chunks.at(-3), chunks.at(-2)];
    expect(events.map(payload => `data: ${payload}\r\n\r\n`)).toEqual(recorded.map(chunk => chunk?.text));
  });

  it('in a stream: each event is an HTTP chunk', () => {
    expect(event('[DONE]').toString()).toBe('10\r\ndata: [DONE]\r\n\r\n\r\n');
  });

  it('in a stream: with the same head', () => {
    const { headers } = recording('chat-transformers-stream').response;
    expect(headLines(linesOf(EVENT_STREAM_HEAD))).toEqual(['HTTP/1.1 200 OK', ...headLines(headers)]);
  });

  it.each(['embeddings-batch-3', 'rerank-basic'])('whole, with its length: %s', name => {
    const { response } = recording(name);
    const recorded = bodyBytes(recording(name));
    const [head, body] = whole(JSON.parse(recorded.toString('utf8')));
    expect(headLines(linesOf(head))).toEqual(['HTTP/1.1 200 OK', ...headLines(response.headers)]);
    expect(head.toString('latin1')).toContain(`content-length: ${body.length}\r\n`);
    expect(body.equals(recorded)).toBe(true);
  });
});
