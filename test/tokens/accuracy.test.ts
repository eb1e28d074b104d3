import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { TokenEstimator } from '../../src/tokens/estimator.ts';
import { features } from './features.ts';

/** Tokenizers of the samples' true counts, and a model that uses each. */
const MODELS = {
  qwen: 'qwen2.5-instruct',
  qwen35: 'qwen3.5',
  deepseek: 'deepseek-v3',
  llama3: 'llama-3.1-instruct',
  tekken: 'mistral-nemo-instruct',
  gemma3: 'gemma-3-it',
  o200k: 'gpt-oss',
} as const;

type Tokenizer = keyof typeof MODELS;
type Sample = { text: string; class: string } & Record<Tokenizer, number>;

const fixture = new URL('../fixtures/token-counts.jsonl', import.meta.url);
const samples = readFileSync(fixture, 'utf8')
  .split('\n')
  .filter(line => line !== '')
  .map((line): Sample => JSON.parse(line));

/** Size of the error relative to the true count, of each sample, smallest first. */
function errors(modelName: string | undefined, tokenizer: Tokenizer, among = samples): number[] {
  const estimator = new TokenEstimator(modelName);
  return among
    .map(sample => Math.abs(estimator.textUsage(features(sample.text)) / sample[tokenizer] - 1))
    .sort((a, b) => a - b);
}

/** Between two values, as far as the share lies between theirs. */
function quantile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1);
  const [low = Number.NaN, high = low] = sorted.slice(Math.floor(place), Math.floor(place) + 2);
  return low + (high - low) * (place % 1);
}

describe.each(Object.entries(MODELS) as [Tokenizer, string][])('tokens of %s', (tokenizer, modelName) => {
  test(`as ${modelName}`, () => {
    const sorted = errors(modelName, tokenizer);
    expect(sorted).toHaveLength(107);
    expect(quantile(sorted, 0.5)).toBeLessThanOrEqual(0.1);
    expect(quantile(sorted, 0.9)).toBeLessThanOrEqual(0.25);
  });

  test('as an unknown model', () => {
    const sorted = errors(undefined, tokenizer);
    expect(quantile(sorted, 0.5)).toBeLessThanOrEqual(0.1);
    expect(quantile(sorted, 0.9)).toBeLessThanOrEqual(0.31);
  });

  test('of Chinese', () => {
    const chinese = samples.filter(sample => sample.class === 'zh');
    expect(quantile(errors(modelName, tokenizer, chinese), 0.5)).toBeLessThanOrEqual(0.15);
  });
});
