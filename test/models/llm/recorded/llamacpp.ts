import { llm } from '../../../fake/xinference/models.ts';
import { recording } from '../../../fake/xinference/recordings/recordings.ts';
import {
  calls,
  hello,
  masked,
  onePlusOne,
  paris,
  refused,
  says,
  type Table,
  toForty,
  tokyo,
  unicode,
} from './table.ts';

/** The streamed arguments of one call, put together the plain way. */
function argumentsIn(name: string, index: number): string {
  const pattern = new RegExp(
    `"tool_calls": ?\\[{"index": ?${index}, [^\\n]*?"arguments": ?("(?:[^"\\\\]|\\\\.)*")`,
    'g',
  );
  const text = recording(name)
    .response.chunks.map(chunk => chunk.text)
    .join('');
  return [...text.matchAll(pattern)].map(([, json = '']) => JSON.parse(json)).join('');
}

/** The arguments of one call of an answer that came whole. */
function argumentsOf(name: string, index: number): string {
  const text = recording(name)
    .response.chunks.map(chunk => chunk.text)
    .join('');
  return JSON.parse(text).choices[0].message.tool_calls[index].function.arguments;
}

const broken = 'chat-llamacpp-tools-broken';
const brokenStream = 'chat-llamacpp-stream-tools-broken';

export const llamacpp: Table = {
  model: llm('llamacpp', { model_engine: 'llama.cpp', model_ability: ['chat', 'tools'] }),
  rows: {
    'chat-llamacpp-basic': says(hello, [29, 17]),
    'chat-llamacpp-content-null': says(hello, [28, 17]),
    'chat-llamacpp-content-parts': says(hello, [29, 17]),
    'chat-llamacpp-image-part': masked,
    'chat-llamacpp-json-object': says('{"name": "tiny", "ok": true, "items": [1, 2, 3]}', [33, 24]),
    'chat-llamacpp-json-schema': says(
      '{"ok": true, "items": [1, "ParPar end. It answered every call. The end. Let me check: 1 = 22 = 2 12 1 degrees. ' +
        'It answered every call. It answered every call. The end. Let me check',
      [29, 60],
      'length',
    ),
    'chat-llamacpp-json-schema-bad': refused('json_schema -> name field required'),
    'chat-llamacpp-length': says('1 2 3 4 5 ', [34, 10], 'length'),
    'chat-llamacpp-logit-bias': refused('Not implemented'),
    'chat-llamacpp-logprobs': says(hello, [29, 17]),
    'chat-llamacpp-max-tokens-0': refused('max_tokens ensure this value is greater than or equal to 1'),
    'chat-llamacpp-max-tokens-huge': says(hello, [29, 17]),
    'chat-llamacpp-messages-empty': refused('Please specify the prompt'),
    'chat-llamacpp-n-2': says(hello, [29, 17]),
    'chat-llamacpp-response-format-text': says(hello, [29, 17]),
    'chat-llamacpp-seed': says(hello, [29, 17]),
    'chat-llamacpp-stop': says('1 2 3 4 5 6 7 8 9 10 11 ', [34, 26]),
    'chat-llamacpp-stream': says(hello, 'estimated'),
    'chat-llamacpp-stream-length': says('1 2 3 4 5 ', [34, 10], 'length'),
    'chat-llamacpp-stream-long': says(toForty, [34, 111]),
    'chat-llamacpp-stream-options-empty': says(hello, 'estimated'),
    'chat-llamacpp-stream-stop': says('1 2 3 4 5 6 7 8 9 10 11 ', [34, 26]),
    'chat-llamacpp-stream-stop-string': says('1 2 3 4 5 6 7 8 9 10 11 ', 'estimated'),
    'chat-llamacpp-stream-think-inline': says(`${onePlusOne}\n\nThe answer is 2.`, 'estimated'),
    'chat-llamacpp-stream-too-long': masked,
    'chat-llamacpp-stream-tool-result': says('It is sunny in Paris, 21 degrees.', 'estimated'),
    'chat-llamacpp-stream-tools': calls('', [paris], [224, 24]),
    [brokenStream]: calls(
      '',
      [
        `get_weather ${argumentsIn(brokenStream, 0)}`,
        `get_weather ${argumentsIn(brokenStream, 1)}`,
        `get_time ${argumentsIn(brokenStream, 2)}`,
      ],
      'estimated',
      'length',
    ),
    // A call that the length limit cut goes on as it came.
    'chat-llamacpp-stream-tools-length': calls('', ['get_weather {'], 'estimated', 'length'),
    'chat-llamacpp-stream-tools-two': calls('I will check both.\n', [paris, tokyo], [221, 52]),
    'chat-llamacpp-stream-tools-unused': says(hello, 'estimated'),
    'chat-llamacpp-stream-unicode': says(unicode, 'estimated'),
    'chat-llamacpp-stream-usage': says(hello, [29, 17]),
    'chat-llamacpp-system-twice': says(hello, [31, 17]),
    'chat-llamacpp-temperature-3': refused('temperature ensure this value is less than or equal to 2.0'),
    'chat-llamacpp-temperature-null': refused('temperature none is not an allowed value'),
    'chat-llamacpp-too-long': masked,
    'chat-llamacpp-tool-result': says('It is sunny in Paris, 21 degrees.', [273, 12]),
    'chat-llamacpp-tool-result-no-tools': says('It is sunny in Paris, 21 degrees.', [85, 12]),
    'chat-llamacpp-tools': calls('', [paris], [224, 24]),
    [broken]: calls('', [`get_weather ${argumentsOf(broken, 0)}`, tokyo], [222, 938]),
    'chat-llamacpp-tools-choice-none': says(
      '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>',
      [224, 24],
    ),
    // The family does not think, so its stray closing tag is text.
    'chat-llamacpp-tools-choice-required': says(
      `${hello} tools for this.\n</think>\n\n${hello} there was a tiny test model. It answered every call. ` +
        'How can I help you today? "Paris',
      [217, 60],
      'length',
    ),
    'chat-llamacpp-tools-empty': says(hello, [29, 17]),
    'chat-llamacpp-tools-length': says('<tool_call>\n{"name": "get', [224, 8], 'length'),
    'chat-llamacpp-tools-null': masked,
    'chat-llamacpp-tools-two': calls('I will check both.\n', [paris, tokyo], [221, 52]),
    'chat-llamacpp-tools-unused': says(hello, [217, 17]),
    'chat-llamacpp-top-k-minus-1': refused('top_k ensure this value is greater than or equal to 0'),
    'chat-llamacpp-unicode': says(unicode, [33, 68]),
  },
};
