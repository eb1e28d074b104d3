import { describe, expect, test } from 'vitest';
import { mediaParts, messageText, toMessages } from '../../../../models/openai/request/messages.ts';
import { InvokeBadRequestError } from '../../../../src/dify/protocol/errors.ts';
import type { ContentPart, PromptMessage } from '../../../../src/dify/protocol/requests.schemas.ts';
import { model, unknownModel, user } from '../samples.ts';

const omni = model({ model_ability: ['chat', 'tools', 'omni'] });

describe('roles', () => {
  test.each<[string, PromptMessage, object]>([
    ['system', { role: 'system', content: 'Be brief.' }, { role: 'system', content: 'Be brief.' }],
    ['developer goes as system', { role: 'developer', content: 'D' }, { role: 'system', content: 'D' }],
    ['user', user('Hi'), { role: 'user', content: 'Hi' }],
    ['no content', { role: 'user', content: null }, { role: 'user', content: '' }],
    ['content left out', { role: 'user' }, { role: 'user', content: '' }],
    [
      'empty fields of a Go host',
      { role: 'user', content: 'Hi', name: '', tool_calls: null, tool_call_id: '' },
      { role: 'user', content: 'Hi' },
    ],
    ['assistant', { role: 'assistant', content: 'Hello' }, { role: 'assistant', content: 'Hello' }],
    [
      'assistant without what it thought',
      { role: 'assistant', content: '<think>\nHm.\n</think>\n\nHello' },
      { role: 'assistant', content: 'Hello' },
    ],
    [
      'a user’s tags are text',
      user('What does <think>x</think> mean?'),
      { role: 'user', content: 'What does <think>x</think> mean?' },
    ],
    [
      'assistant with calls alone',
      {
        role: 'assistant',
        content: '',
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
          { id: 'c2', type: 'function', function: { name: 'g', arguments: '' } },
        ],
      },
      {
        role: 'assistant',
        content: '',
        tool_calls: [
          { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"a":1}' } },
          { id: 'c2', type: 'function', function: { name: 'g', arguments: '{}' } },
        ],
      },
    ],
    [
      'assistant with text and a call without id',
      { role: 'assistant', content: 'I look.', tool_calls: [{ function: { name: 'f', arguments: null } }] },
      {
        role: 'assistant',
        content: 'I look.',
        tool_calls: [{ id: 'call_0', type: 'function', function: { name: 'f', arguments: '{}' } }],
      },
    ],
    [
      'assistant with arguments that are no JSON object, which some templates fail on',
      {
        role: 'assistant',
        content: '',
        tool_calls: ['{"city":"Par', '[1]', ' '].map(args => ({
          id: 'c',
          function: { name: 'f', arguments: args },
        })),
      },
      {
        role: 'assistant',
        content: '',
        tool_calls: ['{"invalid_arguments":"{\\"city\\":\\"Par"}', '{"invalid_arguments":"[1]"}', '{}'].map(
          args => ({
            id: 'c',
            type: 'function',
            function: { name: 'f', arguments: args },
          }),
        ),
      },
    ],
    [
      'assistant with half a character in its arguments',
      {
        role: 'assistant',
        tool_calls: [
          { id: 'c', function: { name: 'f', arguments: '{"a": "\\ud83d", "b": "\\uD83D\\uDE00"}' } },
        ],
      },
      {
        role: 'assistant',
        content: '',
        tool_calls: [
          { id: 'c', type: 'function', function: { name: 'f', arguments: '{"a":"\ufffd","b":"😀"}' } },
        ],
      },
    ],
    [
      'tool with name and id',
      { role: 'tool', content: '21 degrees', name: 'get_weather', tool_call_id: 'c1' },
      { role: 'tool', content: '21 degrees', name: 'get_weather', tool_call_id: 'c1' },
    ],
    [
      'tool without either',
      { role: 'tool', content: 'x', name: '', tool_call_id: '' },
      { role: 'tool', content: 'x' },
    ],
  ])('%s', (_name, message, expected) => {
    expect(toMessages([message], model())).toEqual([expected]);
  });

  test('a round with parallel calls keeps every id, in order', () => {
    const sent = toMessages(
      [
        user('Weather and time?'),
        {
          role: 'assistant',
          content: null,
          tool_calls: ['a', 'b'].map(id => ({ id, function: { name: `f_${id}`, arguments: '{}' } })),
        },
        { role: 'tool', content: 'sunny', name: 'f_a', tool_call_id: 'a' },
        { role: 'tool', content: 'noon', name: 'f_b', tool_call_id: 'b' },
      ],
      model(),
    );
    expect(sent).toMatchObject([
      { role: 'user' },
      { content: '', tool_calls: [{ id: 'a' }, { id: 'b' }] },
      { tool_call_id: 'a', name: 'f_a' },
      { tool_call_id: 'b', name: 'f_b' },
    ]);
  });
});

describe('parts', () => {
  const data = 'aGk=';
  const jpeg = '/9j/4AAQSkZJRg';
  test.each<[string, ContentPart, object]>([
    [
      'image, base64',
      { type: 'image', mime_type: 'image/jpeg', base64_data: data, url: '' },
      { type: 'image_url', image_url: { url: `data:image/jpeg;base64,${data}` } },
    ],
    [
      'image, remote, with detail',
      { type: 'image', url: 'https://x/y.png', base64_data: '', detail: 'high' },
      { type: 'image_url', image_url: { url: 'https://x/y.png', detail: 'high' } },
    ],
    [
      'image, only a format',
      { type: 'image', format: 'webp', base64_data: data },
      { type: 'image_url', image_url: { url: `data:image/webp;base64,${data}` } },
    ],
    [
      'image, nothing said',
      { type: 'image', base64_data: data, mime_type: '', format: '' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } },
    ],
    [
      'a type with parameters would break the server’s split',
      { type: 'image', mime_type: 'image/svg+xml; charset=utf-8', base64_data: data },
      { type: 'image_url', image_url: { url: `data:image/svg+xml;base64,${data}` } },
    ],
    [
      'a data URL in the place of the data',
      { type: 'image', base64_data: `data:image/gif;base64,${data}` },
      { type: 'image_url', image_url: { url: `data:image/gif;base64,${data}` } },
    ],
    [
      'image, nothing said but by its first bytes',
      { type: 'image', base64_data: jpeg, mime_type: '', format: '' },
      { type: 'image_url', image_url: { url: `data:image/jpeg;base64,${jpeg}` } },
    ],
    [
      'a data URL without a type',
      { type: 'image', base64_data: `data:;base64,${jpeg}` },
      { type: 'image_url', image_url: { url: `data:image/jpeg;base64,${jpeg}` } },
    ],
    [
      'a data URL with parameters',
      { type: 'image', url: `data:image/png;name=x.png;base64,${data}` },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } },
    ],
    [
      'audio',
      { type: 'audio', format: 'mp3', mime_type: 'audio/mpeg', base64_data: data },
      { type: 'audio_url', audio_url: { url: `data:audio/mpeg;base64,${data}` } },
    ],
    [
      'video',
      { type: 'video', url: 'https://x/y.mp4' },
      { type: 'video_url', video_url: { url: 'https://x/y.mp4' } },
    ],
  ])('%s', (_name, part, expected) => {
    const sent = toMessages([user([{ type: 'text', data: 'Look:' }, part])], omni);
    expect(sent).toEqual([{ role: 'user', content: [{ type: 'text', text: 'Look:' }, expected] }]);
  });

  test.each([
    ['audio/mpeg', 'mp3'],
    ['audio/wav', 'wav'],
    ['audio/x-wav', 'wav'],
    ['', 'wav'],
  ])('llama.cpp takes the sound %j as input_audio of the format %s', (mime_type, format) => {
    const given = model({ model_engine: 'llama.cpp', model_ability: ['chat', 'audio'] });
    expect(toMessages([user([{ type: 'audio', mime_type, base64_data: data }])], given)).toEqual([
      { role: 'user', content: [{ type: 'input_audio', input_audio: { data, format } }] },
    ]);
  });

  test('llama.cpp takes a sound in a data URL as input_audio too', () => {
    const given = model({ model_engine: 'llama.cpp', model_ability: ['chat', 'audio'] });
    const part = { type: 'audio', url: `data:audio/mpeg;name=x;base64,${data}` };
    expect(toMessages([user([part])], given)).toEqual([
      { role: 'user', content: [{ type: 'input_audio', input_audio: { data, format: 'mp3' } }] },
    ]);
  });

  test.each(['image', 'audio', 'video'])('no file of the server is read for the part %s', type => {
    for (const url of [
      '/etc/passwd',
      'file:///etc/passwd',
      'cat.png',
      'ftp://x/y',
      ' https://x',
      'data:image/png',
    ]) {
      const convert = () => toMessages([user([{ type, url }])], omni);
      expect(convert).toThrow(InvokeBadRequestError);
      expect(convert).toThrow(`The URL of the part ${type} is of no kind that can be sent`);
    }
  });

  test('a data URL that is not in base64 is refused', () => {
    const part = { type: 'image', url: 'data:image/svg+xml,%3Csvg/%3E' };
    expect(() => toMessages([user([part])], omni)).toThrow('The data URL of the part image is not in base64');
  });

  test('what an assistant thought is taken out beside a picture too', () => {
    const text = { type: 'text', data: '<think>\nHm.\n</think>\n\nHere.' };
    const picture = { type: 'image', url: 'https://x/y.png' };
    expect(
      toMessages([{ role: 'assistant', content: [text, picture] }, user([text, picture])], omni),
    ).toMatchObject([
      { content: [{ type: 'text', text: 'Here.' }, { type: 'image_url' }] },
      { content: [{ type: 'text', text: text.data }, { type: 'image_url' }] },
    ]);
  });

  test('texts alone become one text, which every template takes', () => {
    const parts = [
      { type: 'text', data: 'One' },
      { type: 'text', data: null },
      { type: 'text', data: 'Two' },
    ];
    expect(toMessages([user(parts), { role: 'system', content: parts }], model())).toEqual([
      { role: 'user', content: 'One\n\nTwo' },
      { role: 'system', content: 'One\n\nTwo' },
    ]);
  });

  test('a picture that a tool gave is not lost either', () => {
    const message: PromptMessage = {
      role: 'tool',
      content: [{ type: 'image', url: 'https://x/y.png' }],
      tool_call_id: 'c',
    };
    expect(toMessages([message], omni)).toEqual([
      {
        role: 'tool',
        content: [{ type: 'image_url', image_url: { url: 'https://x/y.png' } }],
        tool_call_id: 'c',
      },
    ]);
    expect(() => toMessages([message], model())).toThrow('The model m cannot take the part image');
  });
});

test('a result without a name gets that of the call with its id', () => {
  const calling = (id: string, name: string): PromptMessage => ({
    role: 'assistant',
    content: '',
    tool_calls: [{ id, type: 'function', function: { name, arguments: '{}' } }],
  });
  const result = (rest: object): PromptMessage => ({ role: 'tool', content: 'x', ...rest });
  const messages = [
    calling('a', 'f'),
    result({ tool_call_id: 'a', name: '' }),
    result({ tool_call_id: 'a', name: 'own' }),
    result({ tool_call_id: 'unknown' }),
    calling('a', 'g'),
    result({ tool_call_id: 'a', name: null }),
  ];
  const names = toMessages(messages, model())
    .filter(({ role }) => role === 'tool')
    .map(({ name }) => name);
  expect(names).toEqual(['f', 'own', undefined, 'g']);
});

describe('what the model cannot take is an error that names part and model', () => {
  test.each<[string, ContentPart, string[], string]>([
    ['image', { type: 'image', url: 'https://x' }, ['chat'], 'The model m cannot take the part image.'],
    [
      'image with a name',
      { type: 'image', url: 'https://x', filename: 'cat.png' },
      ['chat'],
      'cannot take the part image "cat.png". Choose a model with vision; if it has it, set "Vision" to "On".',
    ],
    [
      'audio',
      { type: 'audio', url: 'https://x' },
      ['chat', 'vision'],
      'The model m cannot take the part audio',
    ],
    [
      'video',
      { type: 'video', url: 'https://x' },
      ['chat', 'audio'],
      'The model m cannot take the part video',
    ],
    [
      'document',
      { type: 'document', base64_data: 'x', filename: 'a.pdf' },
      ['chat', 'omni'],
      'document "a.pdf": model servers read no documents',
    ],
    ['a type of a newer host', { type: 'hologram' }, ['chat', 'omni'], 'a part of the type "hologram"'],
    [
      'nothing in it',
      { type: 'image', url: '', base64_data: '' },
      ['chat', 'omni'],
      'neither a URL nor data',
    ],
  ])('%s', (_name, part, model_ability, message) => {
    const convert = () => toMessages([user([part])], model({ model_ability }));
    expect(convert).toThrow(InvokeBadRequestError);
    expect(convert).toThrow(message);
  });
});

test('where nothing is known of the model, all goes out and the server judges', () => {
  const parts = ['image', 'audio', 'video'].map(type => ({ type, url: 'https://x' }));
  expect(toMessages([user(parts)], unknownModel())).toMatchObject([
    { content: [{ type: 'image_url' }, { type: 'audio_url' }, { type: 'video_url' }] },
  ]);
});

test('vision switched on in the form lets pictures through', () => {
  const given = model({ model_ability: ['chat'] }, { vision: 'on' });
  expect(toMessages([user([{ type: 'image', url: 'https://x' }])], given)).toHaveLength(1);
});

test('messageText and mediaParts divide a content between them', () => {
  const parts = [
    { type: 'text', data: 'a' },
    { type: 'image', url: 'u' },
    { type: 'text', data: 'b' },
  ];
  expect(messageText(user(parts))).toBe('a\nb');
  expect(messageText({ role: 'assistant', content: '<think>x</think>y' })).toBe('y');
  expect(mediaParts([user('x'), user(parts)])).toEqual([{ type: 'image', url: 'u' }]);
});
