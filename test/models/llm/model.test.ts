import { describe, expect, test } from 'vitest';
import { InvalidCredentialsError } from '../../../models/common/credentials.ts';
import { llmModel, readLlmForm, streamsToolCalls } from '../../../models/llm/model.ts';
import type { ChatModel } from '../../../models/openai/model.ts';
import { description, emptyForm, model, unknownModel } from '../openai/samples.ts';

describe('readLlmForm', () => {
  test('a form without these fields leaves everything to the server', () => {
    expect(readLlmForm({ model_uid: 'x', completion_type: 'chat', context_length: '4096' })).toEqual({
      contextSize: undefined,
      toolCalling: 'auto',
      vision: 'auto',
      structuredOutput: 'auto',
      thinking: 'auto',
      extraBody: {},
      tokenCount: 'estimate',
    });
  });

  test('takes every field', () => {
    const form = {
      context_size: ' 4096 ',
      tool_calling: 'on',
      vision: 'off',
      structured_output: 'on',
      thinking: 'off',
      advanced: '{"extra_body": {"ignore_eos": true}, "token_count": "server"}',
    };
    expect(readLlmForm(form)).toEqual({
      contextSize: 4096,
      toolCalling: 'on',
      vision: 'off',
      structuredOutput: 'on',
      thinking: 'off',
      extraBody: { ignore_eos: true },
      tokenCount: 'server',
    });
  });

  test.each([
    [{ context_size: '0' }, '"Context size"'],
    [{ context_size: '4k' }, '"Context size"'],
    [{ context_size: '10.5' }, '"Context size"'],
    [{ tool_calling: 'yes' }, '"Tool calling"'],
    [{ thinking: 'maybe' }, '"Thinking"'],
    [{ advanced: '{"timestamps": true}' }, 'extra_body, token_count'],
    [{ advanced: '{"token_count": "exact"}' }, '"token_count" in the field "Advanced" must be'],
  ])('%j is refused by the label of its field', (form, field) => {
    expect(() => readLlmForm(form)).toThrow(InvalidCredentialsError);
    expect(() => readLlmForm(form)).toThrow(field);
  });
});

describe('llmModel', () => {
  test.each([
    [['chat'], 'chat'],
    [['generate'], 'completion'],
    [['generate', 'chat'], 'chat'],
    [[], 'chat'],
    [null, 'chat'],
  ])('abilities %j: mode %s', (model_ability, mode) => {
    expect(model({ model_ability }).mode).toBe(mode);
  });

  test.each<[string[] | null, Partial<ChatModel['can']>]>([
    [['chat'], { tools: false, image: false, audio: false, video: false, omni: false, reason: false }],
    [['chat', 'tools'], { tools: true }],
    [['chat', 'vision'], { image: true, video: true, audio: false, omni: false }],
    [['chat', 'audio'], { audio: true, image: false, video: false, omni: false }],
    [['chat', 'omni'], { audio: true, image: true, video: true, omni: true }],
    [['chat', 'reasoning'], { reason: true, switchThinking: false }],
    [['chat', 'hybrid'], { reason: true, switchThinking: true }],
    [null, { tools: undefined, image: undefined, audio: undefined, reason: undefined }],
  ])('abilities %j: can %j', (model_ability, can) => {
    expect(model({ model_ability }).can).toMatchObject(can);
  });

  test.each([
    ['qwen3', undefined, true], // 1.5.1
    ['QwQ-32B', undefined, false],
    ['Qwen3-Thinking', undefined, false],
    ['qwen3', 'vLLM', false],
  ])(
    '%s of the engine %s that reasons and lists no hybrid: switched %s',
    (model_family, model_engine, switched) => {
      const { can } = model({ model_family, model_engine, model_ability: ['chat', 'reasoning', 'tools'] });
      expect(can.switchThinking).toBe(switched);
    },
  );

  test('nothing known: nothing is denied', () => {
    expect(unknownModel()).toMatchObject({
      mode: 'chat',
      contextSize: 8192,
      can: {
        tools: undefined,
        image: undefined,
        audio: undefined,
        video: undefined,
        structuredOutput: undefined,
      },
    });
  });

  test('the form overrules the server, also where nothing is known of the model', () => {
    const on = { tool_calling: 'on', vision: 'on', structured_output: 'on' };
    const off = { tool_calling: 'off', vision: 'off', structured_output: 'off' };
    expect(model({ model_ability: ['chat'], model_engine: 'Transformers' }, on).can).toMatchObject({
      tools: true,
      image: true,
      video: true,
      structuredOutput: true,
    });
    expect(model({ model_engine: 'MLX' }, on).can).toMatchObject({ structuredOutput: true });
    expect(model({ model_ability: ['chat', 'tools', 'vision'] }, off).can).toMatchObject({
      tools: false,
      image: false,
      video: false,
      structuredOutput: false,
    });
    expect(unknownModel(on).can).toMatchObject({ tools: true, image: true });
  });

  test.each([
    ['vLLM', true],
    ['SGLang', true],
    ['Transformers', false],
    ['llama.cpp', true],
    ['MLX', false],
    ['LMDEPLOY', false],
    ['token_router', undefined],
    [null, undefined],
  ])('engine %j: structured output %s', (model_engine, structuredOutput) => {
    expect(model({ model_engine }).can).toMatchObject({ structuredOutput });
  });

  // Which engine takes which format is in its `match_json`, for example in 1.5.1, 1.17.1 and 2.12.0.
  test.each([
    ['ggufv2', true, true], // llama.cpp
    ['mlx', false, false],
    ['fp8', true, true], // vLLM or SGLang
    ['pytorch', undefined, false],
    ['awq', undefined, false],
    [null, undefined, false],
  ])(
    'no engine is told before 3.1.0: format %j tells of structured output %s, of streamed calls %s',
    (model_format, structuredOutput, streams) => {
      const old = model({ model_engine: undefined, model_format });
      expect(old.can).toMatchObject({ structuredOutput });
      expect(streamsToolCalls(old)).toBe(streams);
    },
  );

  test('an engine that is told counts, whatever the format', () => {
    expect(model({ model_engine: 'vLLM', model_format: 'ggufv2' }).engine.soundPart).toBe('audio_url');
    expect(model({ model_engine: 'token_router', model_format: 'ggufv2' }).can.structuredOutput).toBe(
      undefined,
    );
  });

  test.each([
    ['16384', 32768, 16384],
    ['', 32768, 32768],
    ['', null, 8192],
  ])('context: form %j, server %j: %i', (context_size, context_length, contextSize) => {
    expect(model({ context_length }, { context_size }).contextSize).toBe(contextSize);
  });

  test('the name and the family are the server’s', () => {
    expect(llmModel('my-uid', description({ model_name: 'a', model_family: 'b' }), emptyForm)).toMatchObject({
      uid: 'my-uid',
      name: 'a',
      family: 'b',
    });
  });
});

test.each([
  ['vLLM', 'qwen3', true],
  ['SGLang', 'glm-4.5', true],
  ['llama.cpp', 'qwen2.5-instruct', true],
  ['llama.cpp', 'deepseek-r1-0528', true],
  ['Transformers', 'qwen3', false],
  ['vLLM', 'deepseek-r1-0528', false],
  ['vLLM', 'Deepseek-V3.1', true],
  ['MLX', 'llama-3.1-instruct', false],
  ['token_router', 'qwen3', false],
  [null, null, false],
])('tool calls of %s with %s come as such in a stream: %s', (model_engine, model_family, streams) => {
  expect(streamsToolCalls(model({ model_engine, model_family, model_name: model_family }))).toBe(streams);
});
