import type { I18n, ParameterRule } from '../../src/dify/index.ts';
import type { ChatModel } from '../openai/model.ts';

/**
 * The parameters that a user can set, only those that the model's engine honours. None is required and none has a default:
 * what was not set is not sent, and the engine's own default holds.
 */
export function parameterRules(model: ChatModel): ParameterRule[] {
  const { engine } = model;
  const rules = [
    float('temperature', 0, 2, TEXT.temperature),
    float('top_p', 0, 1, TEXT.top_p),
    int('top_k', 0, 1000, TEXT.top_k),
    int('max_tokens', 1, model.contextSize, TEXT.max_tokens),
  ];
  if (engine.heedsPenalties) {
    rules.push(
      float('presence_penalty', -2, 2, TEXT.presence_penalty),
      float('frequency_penalty', -2, 2, TEXT.frequency_penalty),
      int('seed', 0, 2 ** 31 - 1, TEXT.seed),
    );
  }
  if (engine.heedsRepetitionPenalty) rules.push(float('repetition_penalty', 0, 2, TEXT.repetition_penalty));
  if (model.mode === 'chat') rules.push(...chatRules(model));
  rules.push(rule('extra_body', 'text', TEXT.extra_body));
  return rules;
}

function chatRules({ engine, name, can, thinking }: ChatModel): ParameterRule[] {
  const rules: ParameterRule[] = [];
  if (can.switchThinking && thinking !== 'off') {
    rules.push(rule('enable_thinking', 'boolean', TEXT.enable_thinking));
  }
  // The server takes it for this family alone, and refuses other values.
  if (/qwen-?3\.8/i.test(name ?? '')) {
    rules.push({
      ...rule('reasoning_effort', 'string', TEXT.reasoning_effort),
      options: ['low', 'medium', 'xhigh'],
    });
  }
  if (can.structuredOutput) {
    rules.push(
      { ...rule('response_format', 'string', TEXT.response_format), options: formats(engine) },
      rule('json_schema', 'text', TEXT.json_schema),
    );
  }
  return rules;
}

function formats({ takesJsonObject }: ChatModel['engine']): string[] {
  return takesJsonObject ? ['text', 'json_object', 'json_schema'] : ['text', 'json_schema'];
}

interface RuleText {
  label: I18n;
  help: I18n;
}

function rule(name: string, type: ParameterRule['type'], text: RuleText): ParameterRule {
  return {
    name,
    type,
    ...text,
    required: false,
    default: null,
    min: null,
    max: null,
    precision: null,
    options: [],
  };
}

function float(name: string, min: number, max: number, text: RuleText): ParameterRule {
  return { ...rule(name, 'float', text), min, max, precision: 2 };
}

function int(name: string, min: number, max: number, text: RuleText): ParameterRule {
  return { ...rule(name, 'int', text), min, max, precision: 0 };
}

const TEXT = {
  temperature: {
    label: { en_US: 'Temperature', zh_Hans: '温度' },
    help: {
      en_US: 'How much chance there is in the choice of words: 0 always takes the likeliest.',
      zh_Hans: '控制随机性：0 表示总是选择最可能的词。',
    },
  },
  top_p: {
    label: { en_US: 'Top P', zh_Hans: 'Top P' },
    help: {
      en_US: 'Only the likeliest words that together have this probability are considered.',
      zh_Hans: '仅考虑累计概率达到该值的候选词。',
    },
  },
  top_k: {
    label: { en_US: 'Top K', zh_Hans: 'Top K' },
    help: {
      en_US: 'Only this many of the likeliest words are considered; 0 considers all.',
      zh_Hans: '仅考虑概率最高的若干候选词；0 表示不限制。',
    },
  },
  max_tokens: {
    label: { en_US: 'Max tokens', zh_Hans: '最大标记' },
    help: {
      en_US: 'The longest answer in tokens. Not set: as much as the context leaves.',
      zh_Hans: '回答的最大长度（标记数）。不设置则由剩余上下文决定。',
    },
  },
  presence_penalty: {
    label: { en_US: 'Presence penalty', zh_Hans: '存在惩罚' },
    help: {
      en_US: 'Above 0, words that occurred already become less likely.',
      zh_Hans: '大于 0 时，已出现过的词更不容易再次出现。',
    },
  },
  frequency_penalty: {
    label: { en_US: 'Frequency penalty', zh_Hans: '频率惩罚' },
    help: {
      en_US: 'Above 0, words become less likely the more often they occurred.',
      zh_Hans: '大于 0 时，词出现得越频繁就越不容易再次出现。',
    },
  },
  seed: {
    label: { en_US: 'Seed', zh_Hans: '随机种子' },
    help: {
      en_US: 'The same seed with the same request gives the same answer, as far as the engine can.',
      zh_Hans: '在引擎支持的范围内，相同种子和请求得到相同回答。',
    },
  },
  repetition_penalty: {
    label: { en_US: 'Repetition penalty', zh_Hans: '重复惩罚' },
    help: {
      en_US: 'Above 1, repetitions become less likely.',
      zh_Hans: '大于 1 时，重复内容更不容易出现。',
    },
  },
  enable_thinking: {
    label: { en_US: 'Thinking', zh_Hans: '思考模式' },
    help: {
      en_US: 'Whether the model thinks before it answers. Not set: as the model was launched.',
      zh_Hans: '模型是否在回答前思考。不设置则按启动时的配置。',
    },
  },
  reasoning_effort: {
    label: { en_US: 'Reasoning effort', zh_Hans: '推理强度' },
    help: { en_US: 'How long the model thinks.', zh_Hans: '模型思考的程度。' },
  },
  response_format: {
    label: { en_US: 'Response format', zh_Hans: '回复格式' },
    help: {
      en_US: 'The form of the answer; json_schema needs the schema below.',
      zh_Hans: '回答的格式；json_schema 需要填写下面的模式。',
    },
  },
  json_schema: {
    label: { en_US: 'JSON schema', zh_Hans: 'JSON 模式' },
    help: {
      en_US: 'A JSON schema that the answer follows, bare or as {"name": …, "schema": …}.',
      zh_Hans: '回答须遵循的 JSON 模式，可直接填写或写成 {"name": …, "schema": …}。',
    },
  },
  extra_body: {
    label: { en_US: 'Extra body', zh_Hans: '附加请求参数' },
    help: {
      en_US: 'A JSON object that is merged into the request, for parameters without a field here.',
      zh_Hans: '合并到请求中的 JSON 对象，用于此处没有的参数。',
    },
  },
} satisfies Record<string, RuleText>;
