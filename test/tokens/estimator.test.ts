import { expect, test } from 'vitest';
import { SUMS } from '../../src/tokens/automaton.ts';
import { type Prompt, TokenEstimator } from '../../src/tokens/estimator.ts';
import { TokenEstimators } from '../../src/tokens/estimators.ts';
import type { TextFeatures } from '../../src/tokens/features.ts';
import { features } from './features.ts';

const chinese = prompt('你好，世界。'.repeat(50));

function prompt(text: string, more: Partial<Prompt> = {}): Prompt {
  return { text: features(text), messages: 1, tools: 0, images: 0, otherMedia: 0, ...more };
}

test('the estimate follows what the server counted, and ignores what it cannot have counted', () => {
  const estimator = new TokenEstimator(undefined);
  expect(estimator.promptTokens(chinese)).toBe(373);
  estimator.observe(chinese, 300);
  expect(estimator.promptTokens(chinese)).toBe(319);
  expect(estimator.promptUsage(chinese)).toBe(300);
  estimator.observe(chinese, 300);
  expect(estimator.promptTokens(chinese)).toBe(316);
  for (const count of [-1, 0, 5000, 74, 299.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    estimator.observe(chinese, count);
  }
  expect(estimator.promptTokens(chinese)).toBe(316);
});

test.each<[what: string, prompt: Prompt, count: number]>([
  ['tools', prompt('你好，世界。'.repeat(50), { tools: 1 }), 400],
  ['an image', prompt('你好，世界。'.repeat(50), { images: 1 }), 400],
  ['audio or video', prompt('你好，世界。'.repeat(50), { otherMedia: 1 }), 400],
  ['fewer than twenty tokens', prompt('你好，世界。你'), 25],
])('nothing is learned from a prompt with %s', (_what, observed, count) => {
  const estimator = new TokenEstimator(undefined);
  for (let i = 0; i < 10; i++) estimator.observe(observed, count);
  expect(estimator.promptTokens(chinese)).toBe(373);
});

test('no messages, no tokens', () => {
  expect(new TokenEstimator('qwen3').promptTokens(prompt('', { messages: 0 }))).toBe(0);
  expect(new TokenEstimator('qwen3').promptUsage(prompt('', { messages: 0 }))).toBe(0);
});

test('each message costs what the template of the family adds', () => {
  const tokens = (name: string, messages: number) =>
    new TokenEstimator(name).promptUsage(prompt('', { messages }));
  expect([tokens('qwen3', 1), tokens('qwen3', 10)]).toEqual([8, 53]);
  expect([tokens('deepseek-v3', 1), tokens('deepseek-v3', 10)]).toEqual([5, 23]);
});

test('tools cost their frame once', () => {
  const estimator = new TokenEstimator(undefined);
  const tokens = [0, 1, 5].map(tools => estimator.promptUsage(prompt('Hi', { tools })));
  expect(tokens).toEqual([9, 94, 94]);
});

test('each image adds a thousand tokens', () => {
  const estimator = new TokenEstimator(undefined);
  const plain = estimator.promptTokens(prompt('What is this?'));
  expect(estimator.promptTokens(prompt('What is this?', { images: 2 }))).toBe(plain + 2000);
  expect(estimator.promptTokens(prompt('What is this?', { otherMedia: 2 }))).toBe(plain);
});

test('a text alone has no template; a blank one is a token, an empty one none', () => {
  const estimator = new TokenEstimator(undefined);
  expect(estimator.textUsage(features('你好，世界。'.repeat(50)))).toBe(291);
  expect(estimator.textTokens(features('你好，世界。'.repeat(50)))).toBe(365);
  expect(estimator.textUsage(features(' '))).toBe(1);
  expect(estimator.textUsage(features(''))).toBe(0);
  expect(estimator.textTokens(features(''))).toBe(0);
});

test('a known family starts from its own factors with a smaller margin', () => {
  const text = features('你好，世界。'.repeat(50));
  expect(new TokenEstimator('qwen3.5').textUsage(text)).toBe(230);
  expect(new TokenEstimator('qwen3.5').textTokens(text)).toBe(242);
});

test('counts stay finite and positive for the longest prompts', () => {
  const huge: TextFeatures = {
    units: 2 ** 40,
    sums: SUMS.map(() => 2 ** 42),
  };
  const estimator = new TokenEstimator('qwen3');
  estimator.observe({ ...chinese, text: huge }, 2 ** 41);
  expect(estimator.promptTokens(chinese)).toBeGreaterThan(200);
  expect(Number.isSafeInteger(estimator.promptTokens({ ...chinese, text: huge }))).toBe(true);
});

const server = { serverUrl: 'http://localhost:9997', modelUid: 'chat', modelName: undefined };

test('a model keeps what was learned of it, others are untouched', () => {
  const estimators = new TokenEstimators();
  estimators.of(server).observe(chinese, 300);
  expect(estimators.of({ ...server }).promptTokens(chinese)).toBe(319);
  for (const other of [{ serverUrl: 'http://other:9997' }, { modelUid: 'chat-2' }, { modelName: 'glm-4' }]) {
    expect(estimators.of({ ...server, ...other }).promptTokens(chinese)).toBe(373);
  }
});

test('of 257 models the one not used for longest is forgotten', () => {
  const estimators = new TokenEstimators();
  const models = Array.from({ length: 257 }, (_, i) => ({ ...server, modelUid: `model-${i}` }));
  const [first, second, ...rest] = models;
  if (!first || !second) throw new Error('no models');
  for (const model of [first, second]) estimators.of(model).observe(chinese, 300);
  for (const model of rest.slice(0, -1)) estimators.of(model);
  estimators.of(first);
  for (const model of rest.slice(-1)) estimators.of(model);
  expect(estimators.of(first).promptTokens(chinese)).toBe(319);
  expect(estimators.of(second).promptTokens(chinese)).toBe(373);
});
