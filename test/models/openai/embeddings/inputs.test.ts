import { describe, expect, it } from 'vitest';
import { documentInputs, splitInputs, textInputs } from '../../../../models/openai/embeddings/inputs.ts';
import { embeddingModel, readEmbeddingForm } from '../../../../models/text_embedding/model.ts';
import { InvokeBadRequestError } from '../../../../src/dify/protocol/errors.ts';
import { parseDescription } from '../../../../src/xinference/description.ts';

const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJ';
const model = (fields: object) =>
  embeddingModel(
    'm',
    parseDescription({ model_type: 'embedding', ...fields }),
    readEmbeddingForm({}),
    5_000_000,
  );
const text = (content: string) => ({ content, content_type: 'text' as const });
const image = (content: string) => ({ content, content_type: 'image' as const });

describe('textInputs', () => {
  it('puts the prefix before each text, an empty one too', () => {
    expect(textInputs(['a', ''], 'query: ')).toEqual(['query: a', 'query: ']);
  });

  it('replaces halves of surrogate pairs, and nothing else', () => {
    expect(textInputs(['a\ud800b', '\udc00', '😀', '\u0000', ''], '')).toEqual([
      'a\ufffdb',
      '\ufffd',
      '😀',
      '\u0000',
      '',
    ]);
  });
});

describe('documentInputs', () => {
  const vision = model({ model_name: 'jina-clip-v2', model_ability: ['embed', 'embed_vision'] });

  it('sends texts alone as any model takes them', () => {
    expect(documentInputs([text('a'), text('b\ud800')], 'p ', vision)).toEqual(['p a', 'p b\ufffd']);
  });

  it('sends each document as an object when one is an image', () => {
    expect(documentInputs([text('a\ud800'), image(PNG)], 'p ', vision)).toEqual([
      { text: 'p a\ufffd' },
      { image: `data:image/png;base64,${PNG}` },
    ]);
  });

  it('leaves it to the server when nothing is known of the model', () => {
    const unknown = embeddingModel('m', undefined, readEmbeddingForm({}), 5_000_000);
    expect(documentInputs([image(PNG)], '', unknown)).toHaveLength(1);
  });

  it('refuses an image for a model that embeds texts only, and says what to use', () => {
    const documents = [text('a'), image(PNG)];
    expect(() => documentInputs(documents, '', model({ model_name: 'bge-m3' }))).toThrow(
      InvokeBadRequestError,
    );
    expect(() => documentInputs(documents, '', model({ model_name: 'bge-m3' }))).toThrow(
      /embeds texts only.*jina-clip-v2/,
    );
  });

  it('says which image it cannot read', () => {
    expect(() => documentInputs([image(PNG), image('AAAA')], '', vision)).toThrow(/document 2/);
  });
});

describe('splitInputs', () => {
  it('splits by count, in order', () => {
    expect(splitInputs(['a', 'b', 'c', 'd', 'e'], 2)).toEqual([
      { inputs: ['a', 'b'], start: 0 },
      { inputs: ['c', 'd'], start: 2 },
      { inputs: ['e'], start: 4 },
    ]);
    expect(splitInputs(['a', 'b'], 2)).toEqual([{ inputs: ['a', 'b'], start: 0 }]);
    expect(splitInputs([], 2)).toEqual([]);
  });

  it('sends megabytes of text apart, and a text that is too long for that alone', () => {
    const long = 'x'.repeat(3_000_000);
    const longer = 'x'.repeat(5_000_000);
    expect(
      splitInputs([long, '', 'a', long, longer, 'b'], 64).map(part => [part.start, part.inputs.length]),
    ).toEqual([
      [0, 3],
      [3, 1],
      [4, 1],
      [5, 1],
    ]);
    expect(splitInputs([long, long, 'a', 'b'], 64)).toHaveLength(2);
    expect(splitInputs([{ image: long }, { text: long }], 64)).toHaveLength(2);
  });
});
