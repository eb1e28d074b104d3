import { describe, expect, it } from 'vitest';
import { imageForm } from '../../../models/rerank/model.ts';
import { rerankRequests } from '../../../models/rerank/rerank-request.ts';
import { InvokeBadRequestError } from '../../../src/dify/protocol/errors.ts';
import { parseDescription } from '../../../src/xinference/description.ts';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ';
const URI = `data:image/png;base64,${PNG}`;
const text = (content: string) => ({ content, content_type: 'text' as const });
const image = (content = PNG) => ({ content, content_type: 'image' as const });

describe('imageForm', () => {
  it.each([
    ['bge-reranker-base', ['rerank'], 'none'],
    ['jina-reranker-v3', undefined, 'none'],
    ['jina-reranker-m0', undefined, 'kwargs'],
    ['jina-reranker-m0', ['rerank', 'rerank_vision'], 'kwargs'],
    ['Qwen3-VL-Reranker-2B', undefined, 'objects'],
    ['my-own', ['rerank', 'rerank_vision'], 'objects'],
  ])('of %s with the abilities %j is %s', (model_name, model_ability, form) => {
    expect(imageForm(parseDescription({ model_type: 'rerank', model_name, model_ability }))).toBe(form);
  });

  it('is unknown without a description', () => {
    expect(imageForm(undefined)).toBe('unknown');
  });
});

describe('rerankRequests', () => {
  it.each(['none', 'kwargs', 'objects', 'unknown'] as const)(
    'sends texts alike where the form is %s',
    form => {
      expect(rerankRequests(text('q\ud800'), [text('a'), text('\udc00')], form, 'm')).toEqual([
        { query: 'q\ufffd', documents: ['a', '\ufffd'], places: [0, 1] },
      ]);
    },
  );

  it.each([
    [text('q'), [text('a'), image()]],
    [image(), [text('a')]],
  ])('refuses an image for a model that ranks texts only', (query, documents) => {
    expect(() => rerankRequests(query, documents, 'none', 'm')).toThrow(InvokeBadRequestError);
    expect(() => rerankRequests(query, documents, 'none', 'm')).toThrow(
      /m ranks texts only.*jina-reranker-m0/,
    );
  });

  it.each(['objects', 'unknown'] as const)('sends images as objects where the form is %s', form => {
    expect(rerankRequests(image(), [text('a'), image()], form, 'm')).toEqual([
      { query: { image: URI }, documents: ['a', { image: URI }], places: [0, 1] },
    ]);
  });

  it('sends texts and images apart to a model that takes one kind at a time', () => {
    const requests = rerankRequests(text('q'), [image(), text('a'), image(), text('b')], 'kwargs', 'm');
    expect(requests).toEqual([
      { query: 'q', documents: ['a', 'b'], places: [1, 3], kwargs: expect.any(String) },
      { query: 'q', documents: [URI, URI], places: [0, 2], kwargs: expect.any(String) },
    ]);
    expect(requests.map(({ kwargs }) => JSON.parse(kwargs ?? ''))).toEqual([
      { query_type: 'text', doc_type: 'text' },
      { query_type: 'text', doc_type: 'image' },
    ]);
  });

  it('makes one request of images alone', () => {
    const [request, ...more] = rerankRequests(image(), [image()], 'kwargs', 'm');
    expect(more).toEqual([]);
    expect(JSON.parse(request?.kwargs ?? '')).toEqual({ query_type: 'image', doc_type: 'image' });
  });

  it('says which image it cannot read', () => {
    expect(() => rerankRequests(text('q'), [image(), image('AAAA')], 'objects', 'm')).toThrow(/document 2/);
    expect(() => rerankRequests(image('AAAA'), [text('a')], 'objects', 'm')).toThrow(/the query/);
  });
});
