import { expect, test, vi } from 'vitest';
import { promptFeatures } from '../../../models/llm/prompt-tokens.ts';
import { TokenMeter } from '../../../models/llm/token-meter.ts';
import { TokenEstimator } from '../../../src/tokens/estimator.ts';
import { FeatureCounter } from '../../../src/tokens/features.ts';
import { user } from '../openai/samples.ts';

const { signal } = new AbortController();
const prompt = () =>
  promptFeatures([user('The quick brown fox jumps over the lazy dog. '.repeat(20))], [], signal);

function answer(text: string) {
  const counter = new FeatureCounter();
  counter.add(text);
  return () => counter.features();
}

test('the server’s counts stand, and cost no counting', async () => {
  const count = vi.fn(prompt);
  const meter = new TokenMeter(new TokenEstimator('qwen3'), count);
  expect(await meter.complete({ prompt: 9, completion: 4 }, answer('Hello'))).toEqual({
    prompt: 9,
    completion: 4,
  });
  expect(count).not.toHaveBeenCalled();
});

test('only what is missing is estimated', async () => {
  const meter = new TokenMeter(new TokenEstimator('qwen3'), prompt);
  const both = await meter.complete({}, answer('Hello there, how are you?'));
  expect(both.prompt).toBeGreaterThan(150);
  expect(both.prompt).toBeLessThan(300);
  expect(both.completion).toBeGreaterThan(3);
  expect(both.completion).toBeLessThan(15);
  expect(await meter.complete({ prompt: 7 }, answer('Hello there, how are you?'))).toEqual({
    ...both,
    prompt: 7,
  });
  expect(await meter.complete({ completion: 7 }, answer(''))).toEqual({ ...both, completion: 7 });
  expect(await meter.complete({}, answer(''))).toEqual({ ...both, completion: 0 });
});

test('a count of the prompt moves the next estimate towards it', async () => {
  const estimator = new TokenEstimator(undefined);
  const meter = new TokenMeter(estimator, prompt);
  const before = estimator.promptUsage(await prompt());
  await meter.learn({});
  expect(estimator.promptUsage(await prompt())).toBe(before);
  await meter.learn({ prompt: 2 * before, completion: 1 });
  expect(estimator.promptUsage(await prompt())).toBeGreaterThan(1.1 * before);
});

test('later, few of the server’s counts are looked at: the prompt is counted for each', async () => {
  const count = vi.fn(prompt);
  const meter = new TokenMeter(new TokenEstimator('qwen3'), count);
  const learn = async (times: number) => {
    count.mockClear();
    for (let i = 0; i < times; i++) await meter.learn({ prompt: 200 });
    return count.mock.calls.length;
  };
  expect(await learn(32)).toBe(32);
  expect(await learn(320)).toBe(20);
});
