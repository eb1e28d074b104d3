import { describe, expect, it } from 'vitest';
import type { RerankRequest } from '../../../../models/openai/rerank/scores.ts';
import { bestScores, readScores } from '../../../../models/openai/rerank/scores.ts';
import { ServerError } from '../../../../src/http/errors/errors.ts';
import { answerOf } from '../embeddings/answer-of.ts';

const request: RerankRequest = { query: 'q', documents: ['a', 'b', 'c'], places: [4, 7, 9] };
const read = (results: unknown) => readScores({ results }, answerOf([]), request);

it.each([
  [null, 'null'],
  ['NaN', 'NaN'],
  ['nan', 'nan'],
  [['-inf'], '-inf'],
  [[null], 'null'],
])('a score that is %j is said to be no number', (relevance_score, shown) => {
  expect(() => read([{ index: 0, relevance_score }])).toThrow(
    `has no score for document 5 but ${shown}, which is no number.`,
  );
});

describe('readScores', () => {
  it.each([
    [0.5, 0.5],
    [-3, -3],
    [0, 0],
    [[0.25], 0.25],
    [['0.25'], 0.25],
    ['-1.5e-3', -0.0015],
  ])('reads the score %j', (relevance_score, score) => {
    expect(read([{ index: 1, relevance_score }])).toEqual([{ index: 7, score }]);
  });

  it.each([[null], [undefined], [''], [' '], ['high'], ['NaN'], [[]], [[0.1, 0.2]], [{}], [true], [[null]]])(
    'refuses the score %j, and names the document',
    relevance_score => {
      expect(() => read([{ index: 2, relevance_score }])).toThrow(ServerError);
      expect(() => read([{ index: 2, relevance_score }])).toThrow(/no score for document 10/);
    },
  );

  it.each([3, -1, 0.5, '0', null, undefined])('refuses the index %j', index => {
    expect(() => read([{ index, relevance_score: 1 }])).toThrow(
      /a document with the index .*, and 3 were sent/,
    );
  });

  it('refuses a document that is ranked twice', () => {
    const result = { index: 0, relevance_score: 1 };
    expect(() => read([result, result])).toThrow(/ranks document 5 twice/);
  });

  it.each([undefined, null, {}, 'x'])('refuses %j for results', results => {
    expect(() => read(results)).toThrow(/has no results/);
  });

  it('refuses a result that is none', () => {
    expect(() => read([null])).toThrow(ServerError);
  });
});

describe('bestScores', () => {
  const scores = [0.1, -2, 0.9, 0.5, 0.5].map((score, index) => ({ index, score }));
  const order = (topN?: number | null, threshold?: number | null) =>
    bestScores(scores, { top_n: topN, score_threshold: threshold }).map(({ index }) => index);

  it('puts the best first, equals in their order', () => {
    expect(order()).toEqual([2, 3, 4, 0, 1]);
  });

  it.each([
    [2, undefined, [2, 3]],
    [99, undefined, [2, 3, 4, 0, 1]],
    [0, 0, [2, 3, 4, 0, 1]],
    [null, null, [2, 3, 4, 0, 1]],
    [undefined, 0.5, [2, 3, 4]],
    [1, 0.1, [2]],
    [undefined, -1, [2, 3, 4, 0]],
    [undefined, 1, []],
  ])('keeps with top_n %j and threshold %j the documents %j', (topN, threshold, expected) => {
    expect(order(topN, threshold)).toEqual(expected);
  });
});
