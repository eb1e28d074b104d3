import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Calibration } from '../../src/tokens/calibration.ts';

const DEVIATION = [0.12, 0.3, 0.2, 0.5, 0.5, 0.3];
const GUESS = [1, 1, 1, 1, 1, 1];
const CHINESE = Float64Array.of(0, 0, 0, 1000, 0, 8);
const CODE = Float64Array.of(600, 50, 400, 0, 0, 8);

test('the factors and their uncertainty stay in bounds through a hundred thousand observations', () => {
  const [seed] = fc.sample(fc.integer({ min: 1, max: 0x7fffffff }), 1);
  const random = xorshift(seed ?? 1);
  const calibration = new Calibration(GUESS, DEVIATION);
  const bounds = { lowest: Infinity, highest: -Infinity, leastVariance: Infinity, mostVariance: -Infinity };
  for (let i = 0; i < 100_000; i++) {
    const parts = Float64Array.from(DEVIATION, () => (random() < 0.5 ? 0 : 10 ** (6 * random())));
    const total = Math.ceil(calibration.expect(parts) * 4 ** (2 * random() - 1)) + 1;
    calibration.learn(parts, total);
    bounds.lowest = Math.min(bounds.lowest, ...calibration.mean);
    bounds.highest = Math.max(bounds.highest, ...calibration.mean);
    bounds.leastVariance = Math.min(bounds.leastVariance, ...calibration.variance);
    bounds.mostVariance = Math.max(
      bounds.mostVariance,
      ...calibration.variance.map((v, k) => v / (DEVIATION[k] ?? 0) ** 2),
    );
  }
  expect(bounds.lowest, `seed ${seed}`).toBeGreaterThanOrEqual(0.25);
  expect(bounds.highest, `seed ${seed}`).toBeLessThanOrEqual(4);
  expect(bounds.leastVariance, `seed ${seed}`).toBeGreaterThanOrEqual(0);
  expect(bounds.mostVariance, `seed ${seed}`).toBeLessThanOrEqual(1 + 1e-12);
});

test('steady counts far away carry the factors to their bounds, no further', () => {
  const low = new Calibration(GUESS, DEVIATION);
  const high = new Calibration(GUESS, DEVIATION);
  for (let i = 0; i < 2000; i++) {
    low.learn(CHINESE, 100);
    high.learn(CHINESE, 8000);
  }
  expect(low.mean[3]).toBe(0.25);
  expect(high.mean[3]).toBe(4);
});

test('what is seen in one kind of text leaves the others alone', () => {
  const calibration = new Calibration(GUESS, DEVIATION);
  for (let i = 0; i < 10; i++) calibration.learn(CHINESE, 1500);
  expect(calibration.expect(CHINESE)).toBeGreaterThan(1400);
  expect(calibration.expect(CODE)).toBeCloseTo(1058, -1);
});

test('what was seen becomes more certain, the rest stays as it was', () => {
  const calibration = new Calibration(GUESS, DEVIATION);
  const before = { chinese: calibration.deviation(CHINESE), code: calibration.deviation(CODE) };
  calibration.learn(CHINESE, 1008);
  expect(calibration.deviation(CHINESE)).toBeLessThan(before.chinese / 2);
  expect(calibration.deviation(CODE)).toBeCloseTo(before.code, 1);
});

test('a single wild count moves an estimate by little', () => {
  const calibration = new Calibration(GUESS, DEVIATION);
  calibration.learn(CODE, 4000);
  expect(calibration.expect(CODE)).toBeGreaterThan(1100);
  expect(calibration.expect(CODE)).toBeLessThan(1200);
});

test('after many counts a swapped model is still learned', () => {
  const calibration = new Calibration(GUESS, DEVIATION);
  for (let i = 0; i < 500; i++) calibration.learn(CHINESE, 1008);
  for (let i = 0; i < 40; i++) calibration.learn(CHINESE, 1700);
  expect(calibration.expect(CHINESE)).toBeGreaterThan(1500);
});

function xorshift(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 0x100000000;
  };
}
