import { describe, expect, test } from 'vitest';
import { LlmWriter } from '../../../src/dify/actions/llm-writer.ts';
import type { LlmAnswer } from '../../../src/dify/index.ts';
import { aSession, type SentLine } from '../../models/openai/samples.ts';

function aWriter(maxLineBytes?: number) {
  const { session, lines } = aSession(maxLineBytes);
  return { writer: new LlmWriter(session, 'My "model" 模型', () => undefined), lines, session };
}

const end: LlmAnswer = { text: '', toolCalls: [], finishReason: 'stop', usage: { prompt: 9, completion: 4 } };
const call = { id: 'a', type: 'function' as const, function: { name: 'f', arguments: '{"x":1}' } };

function contents(sent: readonly SentLine[]): string[] {
  return sent.map(({ data }) => data.delta.message.content);
}

describe('a stream', () => {
  test('is a chunk for each text, and one of its own for the end', async () => {
    const { writer, lines } = aWriter();
    await writer.write('Hel');
    await writer.write('');
    await writer.write('lo "\n\u0000\u2028😀');
    await writer.finish({ ...end, toolCalls: [call] });
    expect((await lines()).map(({ data }) => data)).toEqual([
      textChunk('Hel'),
      textChunk('lo "\n\u0000\u2028😀'),
      {
        ...textChunk(''),
        delta: {
          index: 0,
          message: { role: 'assistant', content: '', name: null, tool_calls: [call] },
          usage: {
            prompt_tokens: 9,
            prompt_unit_price: '0',
            prompt_price_unit: '0',
            prompt_price: '0',
            completion_tokens: 4,
            completion_unit_price: '0',
            completion_price_unit: '0',
            completion_price: '0',
            total_tokens: 13,
            total_price: '0',
            currency: 'USD',
            latency: expect.any(Number),
          },
          finish_reason: 'stop',
        },
      },
    ]);
  });

  test('text that is left at the end goes before the finish reason', async () => {
    const { writer, lines } = aWriter();
    await writer.write('<think>');
    await writer.finish({ ...end, text: '</think>' });
    expect(contents(await lines())).toEqual(['<think>', '</think>', '']);
  });

  function textChunk(content: string) {
    return {
      model: 'My "model" 模型',
      prompt_messages: [],
      system_fingerprint: '',
      delta: {
        index: 0,
        message: { role: 'assistant', content, name: null, tool_calls: [] },
        usage: null,
        finish_reason: null,
      },
    };
  }
});

test('a whole answer is one message', async () => {
  const { writer, lines } = aWriter();
  await writer.finish({ ...end, text: 'Hello', toolCalls: [call], finishReason: 'tool_calls' });
  const sent = await lines();
  expect(sent).toHaveLength(1);
  expect(sent[0]?.data.delta).toMatchObject({
    message: { content: 'Hello', tool_calls: [call] },
    finish_reason: 'tool_calls',
    usage: { total_tokens: 13 },
  });
});

test('latency is the time since the request, in seconds', async () => {
  const { writer, lines, session } = aWriter();
  const before = (performance.now() - session.startedAt) / 1000;
  await writer.finish(end);
  const latency = (await lines())[0]?.data.delta.usage?.latency ?? Number.NaN;
  expect(latency).toBeGreaterThanOrEqual(Math.floor(before * 1000) / 1000);
  expect(latency).toBeLessThanOrEqual((performance.now() - session.startedAt) / 1000 + 0.001);
});

describe('a text that is longer than a line takes', () => {
  const limit = 10_000;
  test.each([
    ['plain', 'a'.repeat(30_000)],
    ['three bytes each', '文'.repeat(12_000)],
    ['six bytes each', '\u0001'.repeat(12_000)],
    ['pairs', `a${'😀'.repeat(8_000)}`],
    ['halves of pairs', '\ud83d'.repeat(4_000)],
  ])('%s', async (_name, text) => {
    for (const send of ['text', 'finish'] as const) {
      const { writer, lines } = aWriter(limit);
      if (send === 'text') await writer.write(text);
      else await writer.finish({ ...end, text });
      const sent = await lines();
      expect(sent.length).toBeGreaterThan(2);
      expect(Math.max(...sent.map(({ bytes }) => bytes))).toBeLessThanOrEqual(limit);
      expect(contents(sent).join('')).toBe(text);
      if (text.isWellFormed()) expect(contents(sent).every(content => content.isWellFormed())).toBe(true);
      if (send !== 'text') expect(sent.at(-1)?.data.delta.finish_reason).toBe('stop');
    }
  });
});
