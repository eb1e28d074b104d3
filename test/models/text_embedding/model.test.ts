import { describe, expect, it } from 'vitest';
import { InvalidCredentialsError } from '../../../models/common/credentials.ts';
import { embeddingModel, readEmbeddingForm } from '../../../models/text_embedding/model.ts';
import { embeddingSchema } from '../../../models/text_embedding/schema.ts';
import { parseDescription } from '../../../src/xinference/description.ts';

const model = (fields: object = {}, form: Record<string, unknown> = {}, maxResultBytes = 5_000_000) =>
  embeddingModel(
    'm',
    parseDescription({ model_type: 'embedding', ...fields }),
    readEmbeddingForm(form),
    maxResultBytes,
  );

describe('readEmbeddingForm', () => {
  it('has defaults for what is left empty', () => {
    expect(readEmbeddingForm({ max_chunks: '', query_prefix: '', context_size: null })).toEqual({
      contextSize: undefined,
      maxChunks: 64,
      queryPrefix: '',
      dimensions: undefined,
      extraBody: {},
    });
  });

  it('keeps the blank at the end of a prefix, and reads \\n as a line break', () => {
    expect(readEmbeddingForm({ query_prefix: 'query: ' }).queryPrefix).toBe('query: ');
    expect(readEmbeddingForm({ query_prefix: 'Instruct: find\\nQuery:' }).queryPrefix).toBe(
      'Instruct: find\nQuery:',
    );
  });

  it.each([
    ['e5', 'query:', 'query: '],
    ['e5 with its blank', 'query: ', 'query: '],
    [
      'bge in English',
      'Represent this sentence for searching relevant passages:',
      'Represent this sentence for searching relevant passages: ',
    ],
    ['a word', 'Search', 'Search '],
    ['a digit', 'Task 1', 'Task 1 '],
    ['a bracket', '[QUERY]', '[QUERY] '],
    ['bge in Chinese', '为这个句子生成表示以用于检索相关文章：', '为这个句子生成表示以用于检索相关文章：'],
    ['Qwen3', 'Instruct: find\\nQuery:', 'Instruct: find\nQuery:'],
    ['e5 with instructions', 'Instruct: find\\nQuery: ', 'Instruct: find\nQuery: '],
    ['Qwen3, pasted with its line break', 'Instruct: find\nQuery:', 'Instruct: find\nQuery:'],
    ['a line break at the end', 'Find:\\n', 'Find:\n'],
    ['nothing', '', ''],
  ])('puts a blank behind one line in Latin script: %s', (_, query_prefix, expected) => {
    expect(readEmbeddingForm({ query_prefix }).queryPrefix).toBe(expected);
  });

  it.each([{ max_chunks: '0' }, { max_chunks: '1.5' }, { max_chunks: 'many' }, { context_size: '-1' }])(
    'refuses %j',
    form => {
      expect(() => readEmbeddingForm(form)).toThrow(InvalidCredentialsError);
    },
  );
});

describe('embeddingModel', () => {
  it.each([
    ['the default', { dimensions: 1024 }, {}, 64],
    ["the form's", { dimensions: 384 }, { max_chunks: '256' }, 256],
    ['fewer, for long embeddings', { dimensions: 4096 }, {}, 42],
    ['fewer, for many texts', { dimensions: 1024 }, { max_chunks: '1000' }, 170],
    ['the form’s when it is less', { dimensions: 4096 }, { max_chunks: '8' }, 8],
    ['at least one', { dimensions: 10_000_000 }, {}, 1],
    ['the form’s when the dimensions are not known', {}, { max_chunks: '300' }, 300],
  ])('has as max_chunks %s', (_, fields, form, expected) => {
    expect(model(fields, form).maxChunks).toBe(expected);
  });

  it('fits a host that takes shorter lines', () => {
    expect(model({ dimensions: 1024 }, {}, 1_000_000).maxChunks).toBe(40);
  });

  it.each([
    ['the server’s', { max_tokens: 8192 }, {}, { contextSize: 8192, tokenLimit: 8192, truncateTo: -1 }],
    ['512', {}, {}, { contextSize: 512, tokenLimit: undefined, truncateTo: -1 }],
    [
      'the form’s',
      { max_tokens: 8192 },
      { context_size: '2048' },
      { contextSize: 2048, tokenLimit: 2048, truncateTo: 2048 },
    ],
    [
      'the form’s, not believed to be more than the server takes',
      { max_tokens: 512 },
      { context_size: '8192' },
      { contextSize: 8192, tokenLimit: 512, truncateTo: -1 },
    ],
  ])('has as context %s', (_, fields, form, expected) => {
    expect(model(fields, form)).toMatchObject(expected);
  });

  it.each([
    ['jina-embeddings-v2-base-en', false],
    ['jina-embeddings-v3', true],
    ['jina-embeddings-v4', true],
    ['jina-embeddings-v5-omni-small', true],
    ['jina-clip-v2', false],
    ['bge-m3', false],
  ])('knows whether %s takes a task', (model_name, takesTask) => {
    expect(model({ model_name }).takesTask).toBe(takesTask);
  });

  it.each([
    ['jina-clip-v2', undefined, true],
    ['jina-embeddings-v4', ['embed'], true],
    ['Qwen3-VL-Embedding-2B', undefined, true],
    ['jina-embeddings-v5-omni-nano', undefined, true],
    ['jina-embeddings-v5-text-nano', undefined, false],
    ['gme-Qwen2-VL-2B-Instruct', ['embed', 'embed_vision'], true],
    ['bge-m3', ['embed'], false],
    [undefined, undefined, false],
  ])('knows whether %s with the abilities %j takes images', (model_name, model_ability, takesImages) => {
    const known = model({ model_name, model_ability });
    expect(known.takesImages).toBe(takesImages);
    expect(embeddingSchema('name', known).features).toEqual(takesImages ? ['vision'] : []);
  });

  it('does not know what an undescribed model takes', () => {
    const unknown = embeddingModel('m', undefined, readEmbeddingForm({}), 5_000_000);
    expect(unknown).toMatchObject({ takesImages: undefined, takesTask: false, maxChunks: 64 });
  });
});
