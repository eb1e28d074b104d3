import { expect, test } from 'vitest';
import { promptFeatures } from '../../../models/llm/prompt-tokens.ts';
import { FeatureCounter, sumFeatures } from '../../../src/tokens/features.ts';
import { user, weather } from '../openai/samples.ts';

const { signal } = new AbortController();

function featuresOf(...texts: string[]) {
  return sumFeatures(
    texts.map(text => {
      const counter = new FeatureCounter();
      counter.add(text);
      return counter.features();
    }),
  );
}

test('texts, calls, tools and pictures are what a prompt is made of', async () => {
  const image = { type: 'image', url: 'https://x' };
  const messages = [
    { role: 'system' as const, content: 'Be brief.' },
    user([{ type: 'text', data: 'What is this?' }, image, image, { type: 'audio', url: 'https://y' }]),
    {
      role: 'assistant' as const,
      content: '',
      tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{"x":1}' } }],
    },
    { role: 'tool' as const, content: '1', tool_call_id: 'a' },
  ];
  expect(await promptFeatures(messages, [weather], signal)).toEqual({
    text: featuresOf('Be brief.', 'What is this?', 'f{"x":1}', '1', JSON.stringify(weather)),
    messages: 4,
    tools: 1,
    images: 2,
    otherMedia: 1,
  });
});

test('what an assistant thought is not sent again, so it does not count', async () => {
  const thought = [{ role: 'assistant' as const, content: '<think>\nHm, hm, hm.\n</think>\n\nHello' }];
  expect((await promptFeatures(thought, [], signal)).text).toEqual(featuresOf('Hello'));
});

test('an empty prompt', async () => {
  expect(await promptFeatures([], [], signal)).toMatchObject({ messages: 0, tools: 0, images: 0 });
});

test('a count that nobody waits for any more stops', async () => {
  const reason = new Error('gone');
  await expect(promptFeatures([user('x')], [], AbortSignal.abort(reason))).rejects.toBe(reason);
});
