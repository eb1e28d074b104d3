import { llm } from '../../../fake/xinference/models.ts';
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

export const transformers: Table = {
  model: llm('transformers', { model_engine: 'Transformers', model_ability: ['chat', 'tools'] }),
  rows: {
    'chat-transformers-basic': says(hello, [29, 16]),
    'chat-transformers-content-null': says(hello, [28, 16]),
    'chat-transformers-content-parts': says(hello, [29, 16]),
    'chat-transformers-image-part': says(hello, [30, 16]),
    'chat-transformers-json-object': says('{"name": "tiny", "ok": true, "items": [1, 2, 3]}', [33, 23]),
    'chat-transformers-json-schema': says(hello, [29, 16]),
    'chat-transformers-json-schema-bad': refused('json_schema -> name field required'),
    'chat-transformers-length': says('1 2 3 4 5 ', [34, 10], 'length'),
    'chat-transformers-logit-bias': refused('Not implemented'),
    'chat-transformers-logprobs': says(hello, [29, 16]),
    'chat-transformers-max-tokens-0': refused('max_tokens ensure this value is greater than or equal to 1'),
    'chat-transformers-max-tokens-huge': masked,
    'chat-transformers-messages-empty': refused('Please specify the prompt'),
    'chat-transformers-n-2': says(hello, [29, 16]),
    'chat-transformers-response-format-text': says(hello, [29, 16]),
    'chat-transformers-seed': says(hello, [29, 16]),
    'chat-transformers-stop': says('1 2 3 4 5 6 7 8 9 10 11 ', [34, 25]),
    'chat-transformers-stream': says(hello, [29, 17]),
    'chat-transformers-stream-length': says('1 2 3 4 5 ', [34, 10], 'length'),
    'chat-transformers-stream-long': says(toForty, [34, 111]),
    'chat-transformers-stream-options-empty': says(unicode, [29, 68]),
    'chat-transformers-stream-stop': says('1 2 3 4 5 6 7 8 9 10 11 ', [34, 26]),
    'chat-transformers-stream-stop-string': says('1 2 3 4 5 6 7 8 9 10 11 ', [34, 26]),
    'chat-transformers-stream-think-inline': says(`${onePlusOne}\n\nThe answer is 2.`, [34, 31]),
    'chat-transformers-stream-too-long': says('Hello! I\ufffd 4 2', [4088, 8], 'length'),
    'chat-transformers-stream-unicode': says(unicode, [33, 68]),
    'chat-transformers-stream-usage': says(unicode, [29, 68]),
    'chat-transformers-system-twice': says(hello, [31, 16]),
    'chat-transformers-temperature-3': refused('temperature ensure this value is less than or equal to 2.0'),
    'chat-transformers-temperature-null': refused('temperature none is not an allowed value'),
    'chat-transformers-too-long': says('Hello! I\ufffd 4 2', [4088, 8], 'length'),
    'chat-transformers-tool-result': says('It is sunny in Paris, 21 degrees.', [282, 11]),
    'chat-transformers-tool-result-no-tools': says('It is sunny in Paris, 21 degrees.', [94, 11]),
    'chat-transformers-tools': calls('', [paris], [224, 23]),
    'chat-transformers-tools-broken': says(
      '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Par\n</tool_call>',
      [222, 23],
    ),
    'chat-transformers-tools-choice-none': calls('', [paris], [224, 23]),
    'chat-transformers-tools-choice-required': says(hello, [217, 16]),
    'chat-transformers-tools-empty': says(hello, [29, 16]),
    'chat-transformers-tools-length': says('<tool_call>\n{"name": "get', [224, 8], 'length'),
    'chat-transformers-tools-null': says(hello, [29, 16]),
    'chat-transformers-tools-two': calls('I will check both.\n\n', [paris, tokyo], [221, 51]),
    'chat-transformers-tools-unused': says(hello, [217, 16]),
    'chat-transformers-top-k-minus-1': refused('top_k ensure this value is greater than or equal to 0'),
    'chat-transformers-unicode': says(unicode, [33, 67]),
  },
};

const asText = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>';

/** Only under the name of another engine is a stream with tools asked of this one: its calls stay in the text. */
export const transformersMisnamed: Table = {
  model: llm('misnamed', { model_engine: 'vLLM', model_ability: ['chat', 'tools'] }),
  rows: {
    'chat-transformers-stream-tool-result': says('It is sunny in Paris, 21 degrees.', [282, 12]),
    'chat-transformers-stream-tools': says(
      '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>',
      [224, 24],
    ),
    'chat-transformers-stream-tools-broken': says(
      '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Par\n</tool_call>',
      [222, 24],
    ),
    'chat-transformers-stream-tools-length': says(
      '<tool_call>\n{"name": "get_weather", "arguments',
      [224, 12],
      'length',
    ),
    'chat-transformers-stream-tools-two': says(
      'I will check both.\n<tool_call>\n{"name": "get_weather", "arguments": {"city": "Paris"}}\n</tool_call>\n' +
        '<tool_call>\n{"name": "get_time", "arguments": {"city": "Tokyo"}}\n</tool_call>',
      [221, 52],
    ),
    'chat-transformers-stream-tools-unused': says(hello, [217, 17]),
    // Thoughts alone are said once more as the answer.
    'reasoning-transformers-stream-tools': says(`<think>\n${asText}\n</think>${asText}`, [209, 24]),
  },
};
