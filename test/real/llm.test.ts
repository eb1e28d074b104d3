import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LlmChunk } from '../../src/dify/protocol/results.schemas.ts';
import type { SessionResult } from '../fake/host/host-session.ts';
import { type PluginInProcess, startPlugin } from '../fake/plugin/plugin.ts';
import { describeUnless, missing, realServer, testUnless, tooOld } from './server.ts';

const tool = (name: string) => ({
  name,
  description: name,
  parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
});
const tools = [tool('get_weather'), tool('get_time')];
const hello = 'Hello! I am a tiny test model. How can I help you today?';
const toForty = Array.from({ length: 40 }, (_none, at) => at + 1).join(' ');

for (const [engine, uid] of [
  ['Transformers', 'tiny-llm'],
  ['llama.cpp', 'tiny-gguf'],
] as const) {
  const babbles =
    engine === 'Transformers'
      ? tooOld('1.11.0.post1', 'answers turn into random characters', '1.11.0')
      : undefined;
  describeUnless(missing(uid) ?? babbles, `chats with a real server, ${engine}`, () => {
    const noTools = engine === 'llama.cpp' ? tooOld('2.7.0', 'tools on llama.cpp end in a 500') : undefined;
    let plugin: PluginInProcess;

    beforeAll(async () => {
      plugin = await startPlugin({ logLevel: 'error' });
    });

    afterAll(() => plugin.close());

    const send = (action: string, data: object): Promise<SessionResult> =>
      plugin.host
        .request(action, {
          model: 'Tiny',
          credentials: { server_url: `${realServer}/v1/`, model_uid: uid },
          ...data,
        })
        .result();

    async function ask(content: string | object[], data: object = {}) {
      const result = await send('invoke_llm', {
        prompt_messages: [{ role: 'user', content }],
        stream: true,
        ...data,
      });
      const chunks = result.stream as LlmChunk[];
      const text = chunks.map(({ delta }) => delta.message.content).join('');
      return { chunks, text, last: chunks.at(-1)?.delta, error: result.error };
    }

    test.each([true, false])('a chat, streamed: %s', async stream => {
      const { text, last, chunks } = await ask('Hello', { stream });
      expect(text).toBe(hello);
      expect(last).toMatchObject({ finish_reason: 'stop', usage: { prompt_tokens: 29 } });
      expect(last?.usage?.completion_tokens).toBeGreaterThanOrEqual(16);
      expect(last?.usage?.completion_tokens).toBeLessThanOrEqual(17);
      expect(last?.usage?.latency).toBeGreaterThan(0);
      expect(chunks.every(({ model }) => model === 'Tiny')).toBe(true);
      expect(chunks.length === 1).toBe(!stream);
    });

    const leaksStops =
      engine === 'llama.cpp' ? tooOld('1.17.1', 'half of a stop word stays in the text') : undefined;
    testUnless(leaksStops, 'a stop word', async () => {
      const { text, last } = await ask('Please count', { stop: ['12'] });
      expect(text).toBe('1 2 3 4 5 6 7 8 9 10 11 ');
      expect(last?.finish_reason).toBe('stop');
    });

    test('a long answer, and one that is cut', async () => {
      const whole = await ask('Please count');
      expect(whole.text).toBe(toForty);
      expect(whole.last?.usage?.prompt_tokens).toBe(32);
      expect(whole.last?.usage?.completion_tokens).toBeGreaterThanOrEqual(111);
      expect(whole.last?.usage?.completion_tokens).toBeLessThanOrEqual(113); // 1.5.1 counts its end too
      const cut = await ask('Please count', { model_parameters: { max_tokens: 10 } });
      expect(cut).toMatchObject({ text: '1 2 3 4 5 ', last: { finish_reason: 'length' } });
    });

    test('characters that fall apart into tokens', async () => {
      expect((await ask('Please say unicode')).text).toBe('你好！我是一个很小的测试模型。😀 Ünïcödé — done.');
    });

    test('inline thoughts', async () => {
      const { text } = await ask('Please think about it');
      expect(text).toMatch(/^<think>\nOne plus one is two\..*\n<\/think>\s*The answer is 2\.$/s);
    });

    test('every parameter that the rules offer is taken', async () => {
      const model_parameters = {
        temperature: 0.1,
        top_p: 0.9,
        top_k: 5,
        max_tokens: 100,
        presence_penalty: 0.1,
        frequency_penalty: 0.1,
        repetition_penalty: 1.01,
        seed: 1,
      };
      const { text, error } = await ask('Hello', { model_parameters });
      expect(error).toBeUndefined();
      expect(text).toMatch(/^Hello!/);
    });

    for (const stream of [true, false])
      testUnless(noTools, `a call, streamed: ${stream}`, async () => {
        const { text, last } = await ask('What is the weather?', { tools, stream });
        expect(text).toBe('');
        expect(last).toMatchObject({
          finish_reason: 'tool_calls',
          message: {
            tool_calls: [
              { type: 'function', function: { name: 'get_weather', arguments: '{"city": "Paris"}' } },
            ],
          },
        });
        expect(last?.message.tool_calls[0]?.id).not.toBe('');
      });

    const noText = noTools ?? tooOld('1.11.0', 'text beside tool calls is dropped');
    testUnless(noText, 'text beside calls', async () => {
      expect((await ask('Please do both', { tools })).text.trim()).toBe('I will check both.');
    });

    testUnless(noTools, 'two calls', async () => {
      const { last } = await ask('Please do both', { tools });
      expect(last?.message.tool_calls.map(call => call.function)).toEqual([
        { name: 'get_weather', arguments: '{"city": "Paris"}' },
        { name: 'get_time', arguments: '{"city": "Tokyo"}' },
      ]);
    });

    testUnless(noTools, 'the round after a call', async () => {
      const call = {
        id: 'a',
        type: 'function',
        function: { name: 'get_weather', arguments: '{"city": "Paris"}' },
      };
      const prompt_messages = [
        { role: 'user', content: 'What is the weather?' },
        { role: 'assistant', content: '', tool_calls: [call] },
        { role: 'tool', content: 'sunny, 21', name: 'get_weather', tool_call_id: 'a' },
      ];
      expect((await ask('', { tools, prompt_messages })).text).toBe('It is sunny in Paris, 21 degrees.');
    });

    test('parts of text are one text; a picture is refused before the model is asked', async () => {
      expect((await ask([{ type: 'text', data: 'Hello' }])).text).toBe(hello);
      const { error } = await ask([{ type: 'image', url: 'https://example.invalid/x.png' }]);
      expect(error).toMatchObject({ error_type: 'InvokeBadRequestError' });
      expect(error?.message).toContain(`The model ${uid} cannot take the part image`);
    });

    test('the estimate of a prompt comes nearer to what the server counts', async () => {
      const text = 'Please count all of the apples and the pears in the old garden behind the house. '.repeat(
        20,
      );
      const counted = async () => {
        const { last } = await ask(text, { model_parameters: { max_tokens: 1 } });
        return last?.usage?.prompt_tokens ?? Number.NaN;
      };
      const estimated = async () => {
        const answer = await send('get_llm_num_tokens', {
          prompt_messages: [{ role: 'user', content: text }],
        });
        return (answer.stream[0] as { num_tokens: number }).num_tokens;
      };
      const truth = await counted();
      const first = await estimated();
      // The tiny model's vocabulary has 600 words: it makes more than twice the tokens of any real one.
      expect(first).toBeGreaterThan(truth / 3);
      expect(first).toBeLessThan(truth * 3);
      for (let round = 0; round < 3; round++) await counted();
      expect(Math.abs((await estimated()) - truth)).toBeLessThan(Math.abs(first - truth));
    });

    test('the schema', async () => {
      const [result] = (await send('get_ai_model_schemas', {})).stream as {
        model_schema: { features: string[] };
      }[];
      const structured = engine === 'llama.cpp' ? ['structured-output'] : [];
      expect(result?.model_schema).toMatchObject({
        model_properties: { mode: 'chat', context_size: 32768 },
        features: ['tool-call', 'multi-tool-call', 'stream-tool-call', ...structured],
      });
    });

    testUnless(missing('tiny-embedding'), 'credentials', async () => {
      expect((await send('validate_model_credentials', {})).stream).toMatchObject([{ result: true }]);
      const wrong = await send('validate_model_credentials', {
        credentials: { server_url: realServer, model_uid: 'tiny-embedding' },
      });
      expect(wrong.error).toMatchObject({ error_type: 'CredentialsValidateFailedError' });
      expect(wrong.error?.message).toMatch(/of the type embedding.*not LLM.*Text Embedding/);
    });

    testUnless(missing('tiny-embedding'), 'a model of another type, and one that is not there', async () => {
      const other = await ask('Hello', {
        credentials: { server_url: realServer, model_uid: 'tiny-embedding' },
      });
      expect(other.error).toMatchObject({ error_type: 'InvokeBadRequestError' });
      const none = await ask('Hello', {
        credentials: { server_url: realServer, model_uid: 'no-such-model' },
      });
      expect(none.error).toMatchObject({ error_type: 'InvokeBadRequestError' });
      expect(none.error?.message).toContain('no-such-model');
    });
  });
}

describeUnless(missing('tiny-reasoning'), 'thinking on a real server', () => {
  test('is switched (before 1.17.0 by the arguments of the template)', async () => {
    await using plugin = await startPlugin({ logLevel: 'error' });
    const promptTokens = async (enable_thinking: boolean) => {
      const session = plugin.host.request('invoke_llm', {
        model: 'Tiny',
        credentials: { server_url: realServer, model_uid: 'tiny-reasoning' },
        prompt_messages: [{ role: 'user', content: 'Hello' }],
        model_parameters: { enable_thinking },
        stream: false,
      });
      const [chunk] = (await session.result()).stream as LlmChunk[];
      return chunk?.delta.usage?.prompt_tokens ?? Number.NaN;
    };
    // The template of this family closes the thoughts at once where there shall be none.
    expect((await promptTokens(false)) - (await promptTokens(true))).toBe(5);
  });
});

const ignoresSchema = tooOld('1.15.0', 'llama.cpp ignores a schema');
describeUnless(missing('tiny-gguf') ?? ignoresSchema, 'structured output of a real server', () => {
  test('llama.cpp writes what the schema allows, and nothing else', async () => {
    await using plugin = await startPlugin({ logLevel: 'error' });
    const schema = {
      type: 'object',
      properties: { answer: { type: 'string', enum: ['yes', 'no'] } },
      required: ['answer'],
      additionalProperties: false,
    };
    const session = plugin.host.request('invoke_llm', {
      model: 'Tiny',
      credentials: { server_url: realServer, model_uid: 'tiny-gguf' },
      prompt_messages: [{ role: 'user', content: 'Hello' }],
      model_parameters: {
        response_format: 'json_schema',
        json_schema: JSON.stringify({ name: 'answer', schema }),
        max_tokens: 50,
      },
      stream: true,
    });
    const text = ((await session.result()).stream as LlmChunk[])
      .map(({ delta }) => delta.message.content)
      .join('');
    // Between the schema's own words the grammar allows blanks, which the tiny model does not tire of.
    expect(text).toMatch(/^\s*{\s*"answer"\s*:\s*"(yes|no)"\s*(}\s*)?$/);
  });
});
