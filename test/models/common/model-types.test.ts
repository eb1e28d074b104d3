import { describe, expect, test } from 'vitest';
import { modelTypesOf, typeMismatch } from '../../../models/common/model-types.ts';
import { parseDescription } from '../../../src/xinference/description.ts';
import { bodyBytes, recording } from '../../fake/xinference/recordings/recordings.ts';

function described(model_type: string, model_ability?: readonly string[] | null) {
  const description = parseDescription({ model_type, model_ability });
  if (description === undefined) throw new Error('no description');
  return description;
}

describe('modelTypesOf', () => {
  test.each<[string, readonly string[] | null | undefined, readonly string[]]>([
    ['LLM', ['chat'], ['llm']],
    ['LLM', undefined, ['llm']],
    ['embedding', ['embed'], ['text-embedding']],
    ['embedding', undefined, ['text-embedding']],
    ['rerank', undefined, ['rerank']],
    ['audio', ['audio2text'], ['speech2text']],
    ['audio', ['text2audio', 'text2audio_zero_shot'], ['tts']],
    ['audio', ['text2audio_voice_cloning'], ['tts']],
    ['audio', ['audio2text', 'text2audio'], ['speech2text', 'tts']],
    ['audio', [], ['speech2text', 'tts']],
    ['audio', null, ['speech2text', 'tts']],
    ['audio', ['text2music'], []],
    ['image', ['text2image'], []],
    ['video', undefined, []],
    ['flexible', undefined, []],
  ])('%s that can %j is %j', (type, abilities, types) => {
    expect(modelTypesOf(described(type, abilities))).toEqual(types);
  });

  // The families of 1.5.1's model_spec.json, which told no abilities.
  test.each([
    ['whisper', ['speech2text']],
    ['funasr', ['speech2text']],
    ['CosyVoice', ['tts']],
    ['F5-TTS-MLX', ['tts']],
    ['Kokoro', ['tts']],
    ['MeloTTS', ['tts']],
    ['of-my-own', ['speech2text', 'tts']],
  ])('before 1.6.0, audio of the family %s is %j', (model_family, types) => {
    const description = parseDescription({ model_type: 'audio', model_family });
    expect(description && modelTypesOf(description)).toEqual(types);
  });

  test.each([
    ['1.5.1/describe-tiny-whisper', 'speech2text'],
    ['1.17.1/describe-tiny-whisper', 'speech2text'],
    ['1.17.1/describe-tiny-tts', 'tts'],
    ['describe-tiny-llm', 'llm'],
    ['describe-tiny-embedding', 'text-embedding'],
    ['describe-tiny-rerank', 'rerank'],
    ['describe-tiny-whisper', 'speech2text'],
    ['describe-tiny-tts', 'tts'],
  ])('recording %s is %s', (name, type) => {
    const description = parseDescription(JSON.parse(bodyBytes(recording(name)).toString('utf8')));
    expect(description && modelTypesOf(description)).toEqual([type]);
  });
});

test('typeMismatch says what the model is, and what to do', () => {
  expect(typeMismatch('m', described('embedding', ['embed']), 'llm')).toBe(
    'The model m is of the type embedding (abilities: embed), not LLM. Add it as Text Embedding.',
  );
  expect(typeMismatch('m', described('image'), 'llm')).toBe(
    'The model m is of the type image (abilities: none listed), not LLM. Dify has no model type for it: choose another model.',
  );
  expect(typeMismatch('m', described('audio'), 'llm')).toContain('Add it as Speech2text or TTS.');
});
