import { describe, expect, test } from 'vitest';
import type { ChatModel } from '../../../../models/openai/model.ts';
import { calls, chunk, content, read, reasoning, stop } from '../chunks.ts';
import { model } from '../samples.ts';

describe('an answer in the place of the reasoning', () => {
  const llama = model({ model_engine: 'llama.cpp' });
  const alone = (text: string) => chunk({ reasoning_content: text });

  test('llama.cpp: moved there after real reasoning, it goes out as the answer', () => {
    expect(read([alone('Hm'), alone('.\n'), reasoning('The'), reasoning(' end'), stop], llama).texts).toEqual(
      ['<think>\nHm', '.', '\n</think>The', ' end', '', ''],
    );
  });

  test.each(['llama.cpp', 'Transformers', 'vLLM', 'SGLang', 'MLX', undefined])(
    '%s: all there was, it is said once more as the answer',
    engine => {
      const events = [reasoning('\n'), reasoning('The <think>'), reasoning('end'), stop];
      expect(read(events, model({ model_engine: engine })).all).toBe('<think>\nThe end\n</think>The end');
    },
  );

  test.each<[string, string[], string]>([
    ['cut', [reasoning('Hm.'), chunk({}, 'length')], 'llama.cpp'],
    ['with content', [reasoning('Hm.'), content('A'), stop], 'Transformers'],
    ['with a call', [reasoning('Hm.'), calls({ index: 0, function: { name: 'f' } }), stop], 'llama.cpp'],
  ])('%s it is reasoning and nothing else', (_name, events, model_engine) => {
    expect(read(events, model({ model_engine })).all.replace('A', '')).toBe('<think>\nHm.\n</think>');
  });

  test('after blank content too', () => {
    const events = [reasoning('The end'), content('\n'), stop];
    expect(read(events).all).toBe('<think>\nThe end\n</think>\nThe end');
  });

  test('is kept for that up to 4 Mi characters', () => {
    const long = Array.from({ length: 50 }, () => reasoning('x'.repeat(100_000)));
    expect(read([...long, stop]).all).toHaveLength(5_000_000 + '<think>\n\n</think>'.length);
  });

  describe('thinking is off', () => {
    const offByForm = model(
      { model_engine: 'vLLM', model_ability: ['chat', 'reasoning'] },
      { thinking: 'off' },
    );
    const hybrid = model({ model_engine: 'vLLM', model_ability: ['chat', 'hybrid'] });

    test.each<[string, string[], string]>([
      [
        'all of it in the reasoning field is the answer',
        [reasoning('<think>The'), reasoning(' end'), stop],
        'The end',
      ],
      ['thoughts before content are left out', [reasoning('Hm.'), content('A'), stop], 'A'],
      ['blank content is none', [reasoning('The end'), content('\n\n'), stop], 'The end'],
      [
        'thoughts before a call are left out',
        [reasoning('Hm.'), calls({ index: 0, function: { name: 'f' } }), stop],
        '',
      ],
      [
        'a block of the content that is never closed is the answer',
        [content('<think>\nThe'), content(' end'), stop],
        'The end',
      ],
      ['a block that is closed is none', [content('<think>\nHm.\n</think>'), stop], ''],
    ])('%s', (_name, events, text) => {
      expect(read(events, offByForm).all).toBe(text);
      expect(read(events, hybrid, false, false).all).toBe(text);
    });

    test('cut by the limit, it is an answer where the model was told not to think', () => {
      const events = [reasoning('The e'), chunk({}, 'length')];
      expect(read(events, hybrid, false, false)).toMatchObject({ all: 'The e', finishReason: 'length' });
      expect(read(events, offByForm)).toMatchObject({ all: '', finishReason: 'length' });
    });
  });

  test('asked for JSON by a schema, thoughts are left out, but not an answer among them', () => {
    const asked = (...events: string[]) => read([...events, stop], model(), false, undefined, true).all;
    expect(asked(reasoning('{"x": 0}?'), content('{"x":1}'))).toBe('{"x":1}');
    expect(asked(content('<think>{"x": 0}?</think>\n{"x":1}'))).toBe('{"x":1}');
    expect(asked(reasoning('{"x":1}'))).toBe('{"x":1}');
  });
});

describe('glm4 with tools repeats all content in each chunk', () => {
  const glm4 = model({ model_name: 'glm4-chat', model_family: 'glm4-chat' });
  const events = [content('Hel'), content('Hello'), content('Hello!'), chunk({ content: 'Hello!' }, 'stop')];

  test('the repetition is taken off', () => {
    expect(read(events, glm4, true).texts).toEqual(['Hel', 'lo', '!', '', '']);
  });

  test.each<[string, ChatModel, boolean]>([
    ['without tools', glm4, false],
    ['of another family', model({ model_name: 'glm-4.5', model_family: 'glm-4.5' }), true],
    ['on llama.cpp', model({ model_family: 'glm4-chat', model_engine: 'llama.cpp' }), true],
  ])('not %s', (_name, given, hasTools) => {
    expect(read(events, given, hasTools).all).toBe('HelHelloHello!Hello!');
  });

  test('not when the server does not repeat after all', () => {
    expect(read([content('ab'), content('cd'), content('abcd'), stop], glm4, true).all).toBe('abcdabcd');
  });
});
