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

  test.each(['llama.cpp', 'Transformers'])(
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
    ['on another engine', [reasoning('Hm.'), stop], 'vLLM'],
  ])('%s it is reasoning and nothing else', (_name, events, model_engine) => {
    expect(read(events, model({ model_engine })).all.replace('A', '')).toBe('<think>\nHm.\n</think>');
  });

  test('hidden thoughts do not hide it', () => {
    const given = model({ model_engine: 'Transformers' }, { thinking: 'off' });
    expect(read([reasoning('The end'), stop], given).all).toBe('The end');
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
