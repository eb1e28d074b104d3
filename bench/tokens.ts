/**
 * How fast text is counted: `node bench/tokens.ts`. Times are the best of many runs, but for the first call of the
 * process, which builds the tables and runs uncompiled code.
 */
import { readFileSync } from 'node:fs';
import { TokenEstimator } from '../src/tokens/estimator.ts';
import { FeatureCounter } from '../src/tokens/features.ts';

interface Sample {
  readonly text: string;
  readonly class: string;
}

const fixture = new URL('../test/fixtures/token-counts.jsonl', import.meta.url);
const samples: Sample[] = readFileSync(fixture, 'utf8')
  .trim()
  .split('\n')
  .map(line => JSON.parse(line));

/** Text of the given classes, repeated to a length in UTF-8 bytes. */
function text(bytes: number, ...classes: string[]): string {
  const once = Buffer.from(
    samples
      .filter(sample => classes.includes(sample.class))
      .map(sample => sample.text)
      .join('\n'),
  );
  return Buffer.alloc(bytes, once).toString();
}

function count(text: string): void {
  const counter = new FeatureCounter();
  counter.add(text);
  counter.features();
}

function milliseconds(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

function best(work: () => void, runs = 50): number {
  return Math.min(...Array.from({ length: runs }, () => milliseconds(work)));
}

const MB = 1_000_000;
const docs = text(99_000, 'en', 'md');
const rows: [what: string, figure: string][] = [
  ['99 kB of English, first call', `${milliseconds(() => count(docs)).toFixed(2)} ms`],
  ['99 kB of English', `${best(() => count(docs)).toFixed(2)} ms`],
  ['60,000 × a', `${best(() => count('a'.repeat(60_000))).toFixed(2)} ms`],
  ['1 MB of a', `${best(() => count('a'.repeat(MB))).toFixed(2)} ms`],
];
for (const [what, ...classes] of [
  ['English', 'en', 'md'],
  ['code', 'code'],
  ['Chinese', 'zh'],
  ['all samples', ...new Set(samples.map(sample => sample.class))],
] as [string, ...string[]][]) {
  const megabyte = text(MB, ...classes);
  rows.push([what, `${(1000 / best(() => count(megabyte))).toFixed(0)} MB/s`]);
}
const one = text(MB, 'en', 'md');
const two = one + one;
rows.push([
  'time of 2 MB to that of 2 × 1 MB',
  (best(() => count(two)) / (2 * best(() => count(one)))).toFixed(2),
]);

const delta = ' a token';
const stream = new FeatureCounter();
const deltas = best(() => {
  for (let i = 0; i < 10_000; i++) stream.add(delta);
});
rows.push(['a streamed delta of 8 characters', `${(deltas * 100).toFixed(0)} ns`]);

const estimator = new TokenEstimator('qwen3');
const prompt = { text: stream.features(), messages: 1, tools: 0, images: 0, otherMedia: 0 };
const estimates = best(() => {
  for (let i = 0; i < 10_000; i++) estimator.promptTokens(prompt);
});
const expected = estimator.promptUsage(prompt);
const observations = best(() => {
  for (let i = 0; i < 10_000; i++) estimator.observe(prompt, expected);
});
rows.push(
  ['an estimate', `${(estimates * 100).toFixed(0)} ns`],
  ['an observation', `${(observations * 100).toFixed(0)} ns`],
);

for (const [what, figure] of rows) console.log(`${what.padEnd(34)}${figure.padStart(10)}`);
