import { type FakeModel, llm } from '../../../fake/xinference/models.ts';
import { calls, failsAfter, paris, says, type Table, tokyo } from './table.ts';

const thought = '<think>\nI need the weather.\n</think>';
const sunny = `${thought}\n\nIt is sunny.`;
const brokenCall = '<tool_call>\n{"name": "get_weather", "arguments": {"city": "Par\n</tool_call>';
const asText = '{"name": "get_weather", "parameters": {"city": "Paris"}}';

function family(name: string, ...abilities: string[]): FakeModel {
  return llm(name, { model_name: name, model_family: name, model_ability: ['chat', 'tools', ...abilities] });
}

export const qwen: Table = {
  model: family('qwen3', 'reasoning', 'hybrid'),
  rows: {
    'vllm-qwen-plain': says('Hello! 😀 How can I help?', [100, 10]),
    'vllm-qwen-plain-stream': says('Hello! 😀 How can I help?', [100, 4]),
    'vllm-qwen-length': says('Hello! How can', [100, 10], 'length'),
    'vllm-qwen-length-stream': says('Hello! How can', [100, 3], 'length'),
    'vllm-qwen-reasoning': says(sunny, [100, 10]),
    'vllm-qwen-reasoning-stream': says(sunny, [100, 9]),
    'vllm-qwen-reasoning-cut': says('<think>\nI need the w\n</think>', [100, 10], 'length'),
    'vllm-qwen-reasoning-cut-stream': says('<think>\nI need the w\n</think>', [100, 4], 'length'),
    'vllm-qwen-reasoning-inline': says(sunny, [100, 10]),
    'vllm-qwen-reasoning-inline-stream': says(sunny, [100, 9]),
    'vllm-qwen-reasoning-no-start': says(sunny, [100, 10]),
    'vllm-qwen-reasoning-no-start-stream': says(sunny, [100, 7]),
    'vllm-qwen-reasoning-no-start-inline': says(sunny, [100, 10]),
    // What went out cannot be taken back: the opening tag stays away.
    'vllm-qwen-reasoning-no-start-inline-stream': says(
      'I need the weather.\n</think>\n\nIt is sunny.',
      [100, 7],
    ),
    'vllm-qwen-reasoning-off': says('It is sunny.', [100, 10]),
    'vllm-qwen-reasoning-off-stream': says('It is sunny.', [100, 2]),
    'vllm-qwen-reasoning-tool': calls(`${thought}\n\n`, [paris], [100, 10]),
    'vllm-qwen-reasoning-tool-stream': calls(`${thought}\n\n`, [paris], [100, 20]),
    'vllm-qwen-reasoning-tool-inline': calls(`${thought}\n\nI will check.\n`, [paris], [100, 10]),
    'vllm-qwen-reasoning-tool-inline-stream': calls(`${thought}\n\nI will check.\n`, [paris], [100, 22]),
    'vllm-qwen-reasoning-tool-text': calls(`${thought}\n\nI will check.\n`, [paris], [100, 10]),
    'vllm-qwen-reasoning-tool-text-stream': calls(`${thought}\n\nI will check.\n`, [paris], [100, 22]),
    'vllm-qwen-tool': calls('', [paris], [100, 10]),
    'vllm-qwen-tool-stream': calls('', [paris], [100, 14]),
    'vllm-qwen-tool-text': calls('I will check.\n', [paris], [100, 10]),
    'vllm-qwen-tool-text-stream': calls('I will check.\n', [paris], [100, 16]),
    'vllm-qwen-tools-two': calls('I will check both.\n\n', [paris, 'get_time {"city": "東京"}'], [100, 10]),
    'vllm-qwen-tools-two-stream': calls(
      'I will check both.\n\n',
      [paris, 'get_time {"city": "東京"}'],
      [100, 29],
    ),
    'vllm-qwen-tools-unused': says('Hello there, no tools.', [100, 10]),
    'vllm-qwen-tools-unused-stream': says('Hello there, no tools.', [100, 4]),
    'vllm-qwen-tools-unused-length': says('Hello there', [100, 10], 'length'),
    'vllm-qwen-tools-unused-length-stream': says('Hello there', [100, 2], 'length'),
    // A whole answer keeps a call that the server could not read as text, a stream loses it or its arguments.
    'vllm-qwen-tool-broken': says(brokenCall, [100, 10]),
    'vllm-qwen-tool-broken-stream': says('', [100, 13]),
    'vllm-qwen-tool-broken-text': says(`Wait.\n${brokenCall}`, [100, 10]),
    'vllm-qwen-tool-broken-text-stream': calls('Wait.\n', ['get_weather {}'], [100, 14]),
    'vllm-qwen-tool-cut': says('Wait.\n<tool_call>\n{"name": "get_weather", "arg', [100, 10], 'length'),
    'vllm-qwen-tool-cut-stream': says('Wait.\n<tool_', [100, 8], 'length'),
  },
};

export const deepseekR1: Table = {
  model: family('deepseek-r1-0528', 'reasoning'),
  rows: {
    'vllm-deepseek-r1-empty': says('', [100, 10]),
    'vllm-deepseek-r1-empty-stream': says('', 'estimated'),
    'vllm-deepseek-r1-inline': says(sunny, [100, 10]),
    'vllm-deepseek-r1-inline-stream': says(sunny, [100, 7]),
    'vllm-deepseek-r1-no-start': says(sunny, [100, 10]),
    'vllm-deepseek-r1-no-start-stream': says(sunny, [100, 7]),
    'vllm-deepseek-r1-reasoning': says(sunny, [100, 10]),
    'vllm-deepseek-r1-reasoning-stream': says(sunny, [100, 9]),
    'vllm-deepseek-r1-tool': calls(thought, [paris], [100, 10]),
    'vllm-deepseek-r1-tool-inline': calls(`${thought}\n\n`, [paris], [100, 10]),
  },
};

/** Registered under a name of the user's own: nothing tells the family, so its streams with tools are tried. */
export const deepseekR1Renamed: Table = {
  model: family('my-r1', 'reasoning'),
  rows: {
    'vllm-deepseek-r1-tool-inline-stream, vllm-deepseek-r1-tool-inline': calls(
      `${thought}\n\n`,
      [paris],
      [100, 10],
    ),
    'vllm-deepseek-r1-tool-stream': failsAfter(
      '<think>\nI need the weather.',
      'InvokeServerUnavailableError',
      'The model failed while it answered',
      'its log has it',
    ),
  },
};

export const deepseek: Table = {
  model: family('Deepseek-V3.1', 'reasoning', 'hybrid'),
  rows: {
    'vllm-deepseek-v3-tool': says(`\`\`\`json\n${asText}\n\`\`\``, [100, 10]),
    'vllm-deepseek-v3-tool-stream': says(`\`\`\`json\n${asText}\n\`\`\``, [100, 12]),
    'vllm-deepseek-v31-tool': calls('I will check.', [paris], [100, 10]),
    'vllm-deepseek-v31-tool-stream': calls('I will check.', [paris], [100, 22]),
  },
};

export const glm4: Table = {
  model: family('glm4-chat'),
  rows: {
    'vllm-glm4-plain': says('Hello there.', [100, 10]),
    'vllm-glm4-plain-stream': says('Hello there.', [100, 2]),
    'vllm-glm4-tool': says(asText, [100, 10]),
    'vllm-glm4-tool-stream': says(asText, [100, 10]),
  },
};

export const glm45: Table = {
  model: family('glm-4.5', 'reasoning', 'hybrid'),
  rows: {
    'vllm-glm45-reasoning': says(sunny, [100, 10]),
    'vllm-glm45-reasoning-stream': says(sunny, [100, 9]),
    'vllm-glm45-reasoning-tool': calls(`${thought}\n\n`, [paris], [100, 10]),
    'vllm-glm45-reasoning-tool-stream': calls(`${thought}\n\n`, [paris], [100, 21]),
    'vllm-glm45-tool': calls('', [paris], [100, 10]),
    'vllm-glm45-tool-stream': calls('', [paris], [100, 15]),
    'vllm-glm45-tool-text': calls('I will check.\n', [paris, tokyo], [100, 10]),
    'vllm-glm45-tool-text-stream': calls('I will check.\n', [paris, tokyo], [100, 32]),
  },
};

/** Its streams with tools always fail, so each is asked once more without streaming. */
export const llama3: Table = {
  model: family('llama-3.1-instruct'),
  rows: {
    'vllm-llama3-plain': says('Hello there.', [100, 10]),
    'vllm-llama3-plain-stream, vllm-llama3-plain': says('Hello there.', [100, 10]),
    'vllm-llama3-tool': calls('', [paris], [100, 10]),
    'vllm-llama3-tool-stream, vllm-llama3-tool': calls('', [paris], [100, 10]),
  },
};

export const minimax: Table = {
  model: family('MiniMax-M2', 'reasoning'),
  rows: {
    'vllm-minimax-tool': calls(`${thought}\n\n`, [paris], [100, 10]),
    'vllm-minimax-tool-stream': calls(`${thought}\n\n`, [paris], [100, 27]),
  },
};
