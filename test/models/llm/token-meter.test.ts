import { expect, test, vi } from 'vitest';
import { promptFeatures } from '../../../models/llm/prompt-tokens.ts';
import { TokenMeter } from '../../../models/llm/token-meter.ts';
import type { AnswerEnd } from '../../../models/openai/answer/answer.ts';
import type { TokenCounts } from '../../../models/openai/answer/usage.ts';
import { TokenEstimator } from '../../../src/tokens/estimator.ts';
import { user } from '../openai/samples.ts';

const { signal } = new AbortController();
const prompt = () =>
  promptFeatures([user('The quick brown fox jumps over the lazy dog. '.repeat(20))], [], signal);

function answer(text: string, usage: TokenCounts = {}): AnswerEnd {
  return { text, toolCalls: [], finishReason: 'stop', usage, failure: undefined };
}

test('the server’s counts stand, and cost no counting', async () => {
  const count = vi.fn(prompt);
  const estimator = new TokenEstimator('qwen3');
  vi.spyOn(estimator, 'wantsObservation').mockReturnValue(false);
  const meter = new TokenMeter(estimator, count);
  expect(await meter.complete(answer('Hello', { prompt: 9, completion: 4 }))).toEqual({
    prompt: 9,
    completion: 4,
  });
  expect(count).not.toHaveBeenCalled();
});

test('only what is missing is estimated', async () => {
  const meter = () => new TokenMeter(new TokenEstimator('qwen3'), prompt);
  const both = await meter().complete(answer('Hello there, how are you?'));
  expect(both.prompt).toBeGreaterThan(150);
  expect(both.prompt).toBeLessThan(300);
  expect(both.completion).toBeGreaterThan(3);
  expect(both.completion).toBeLessThan(15);
  expect(await meter().complete(answer('Hello there, how are you?', { prompt: 7 }))).toEqual({
    ...both,
    prompt: 7,
  });
  expect(await meter().complete(answer('', { completion: 7 }))).toEqual({ ...both, completion: 7 });
  expect(await meter().complete(answer(''))).toEqual({ ...both, completion: 0 });
});

test('a count of the prompt moves the next estimate towards it', async () => {
  const estimator = new TokenEstimator(undefined);
  const meter = new TokenMeter(estimator, prompt);
  const before = estimator.promptUsage(await prompt());
  await meter.complete(answer(''));
  expect(estimator.promptUsage(await prompt())).toBe(before);
  await meter.complete(answer('', { prompt: 2 * before, completion: 1 }));
  expect(estimator.promptUsage(await prompt())).toBeGreaterThan(1.1 * before);
});

test('later, few of the server’s counts are looked at: the prompt is counted for each', async () => {
  const count = vi.fn(prompt);
  const meter = new TokenMeter(new TokenEstimator('qwen3'), count);
  const learn = async (times: number) => {
    count.mockClear();
    for (let i = 0; i < times; i++) await meter.complete(answer('', { prompt: 200, completion: 1 }));
    return count.mock.calls.length;
  };
  expect(await learn(32)).toBe(32);
  expect(await learn(320)).toBe(20);
});

const called = { id: 'a', type: 'function' as const, function: { name: 'f', arguments: '{"x":1}' } };

test.each<[string, AnswerEnd, number]>([
  ['a text', answer('Hello there, how are you?'), 4],
  ['a call alone', { ...answer(''), toolCalls: [called] }, 3],
])('what is not counted is estimated from what was said: %s', async (_name, end, least) => {
  const meter = new TokenMeter(new TokenEstimator('qwen3'), prompt);
  const { completion } = await meter.complete(end);
  expect(completion).toBeGreaterThanOrEqual(least);
  expect(completion).toBeLessThanOrEqual(4 * least);
});

test('all pieces of a stream count', async () => {
  const meter = new TokenMeter(new TokenEstimator('qwen3'), prompt);
  const text = meter.watch({ write: () => undefined, begin: () => undefined });
  for (let piece = 0; piece < 100; piece++) await text.write('word ');
  const { prompt: counted, completion } = await meter.complete(answer('', { prompt: 9 }));
  expect(counted).toBe(9);
  expect(completion).toBeGreaterThan(80);
});
