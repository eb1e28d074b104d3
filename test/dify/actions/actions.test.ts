import { describe, expect, test } from 'vitest';
import { createActions } from '../../../src/dify/actions/actions.ts';
import type { Action } from '../../../src/dify/index.ts';
import { aSession } from '../../models/openai/samples.ts';

const validate = async () => undefined;
const schema = () => Promise.reject(new Error('not asked for'));
const actions = createActions({
  provider: 'Xinference',
  models: {
    llm: {
      validate,
      schema,
      invoke: async () => ({
        text: 'Hi',
        toolCalls: [],
        finishReason: 'stop',
        usage: { prompt: 1, completion: 1 },
      }),
    },
    tts: { validate, schema, invoke: async () => undefined, voices: async () => [] },
  },
});

async function answerTo(action: Action, request: object): Promise<unknown[]> {
  const { session, lines } = aSession();
  const handler = actions[action] as (request: object, session: unknown) => Promise<void>;
  await handler({ model: 'm', ...request }, session);
  return (await lines()).map(({ data }) => data);
}

describe('what a plugin leaves out is refused', () => {
  test.each<[Action, object, string]>([
    [
      'validate_model_credentials',
      { model_type: 'moderation' },
      'Xinference has no models of the type moderation. This plugin serves: llm, tts.',
    ],
    ['invoke_rerank', {}, 'Xinference has no models of the type rerank. This plugin serves: llm, tts.'],
    ['invoke_moderation', {}, 'Xinference has no moderation models.'],
    ['start_polling', {}, 'Xinference has no models that are polled.'],
    ['get_llm_num_tokens', {}, 'The models of Xinference do not count tokens in this plugin.'],
  ])('%s %j', async (action, request, message) => {
    await expect(answerTo(action, request)).rejects.toThrow(message);
  });
});

test('a provider without a check of its own takes all credentials, and gives them back', async () => {
  const credentials = { server_url: 'http://localhost' };
  expect(await answerTo('validate_provider_credentials', { credentials })).toEqual([
    { result: true, credentials },
  ]);
});
