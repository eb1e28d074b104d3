import type { ParameterRule } from '../../src/dify/index.ts';
import type { ChatModel } from '../openai/model.ts';
import { PARAMETER_TEXTS, type ParameterName } from './parameter-texts.ts';
import { budgetOf, effortOf } from './thinking-words.ts';

const DEFAULT_MAX_TOKENS = 2048;
const DEFAULT_BUDGET = 1024;

/**
 * The parameters that a user can set, only those that the model's engine honours. None is required, and Dify sends no default
 * of one that is not: what was not set is not sent, and the engine's own default holds. A default is where Dify's panel starts
 * when a parameter is switched on; without one it starts at the lowest value.
 */
export function parameterRules(model: ChatModel): ParameterRule[] {
  const { engine, contextSize } = model;
  const rules = [
    float('temperature', { min: 0, max: 2, start: 0.7 }),
    float('top_p', { min: 0.01, max: 1, start: 0.9 }),
    int('top_k', { min: 1, max: 1000, start: 40 }),
    int('max_tokens', { min: 1, max: contextSize, start: Math.min(DEFAULT_MAX_TOKENS, contextSize) }),
  ];
  if (engine.heedsPenalties) {
    rules.push(
      float('presence_penalty', { min: -2, max: 2, start: 0 }),
      float('frequency_penalty', { min: -2, max: 2, start: 0 }),
      int('seed', { min: 0, max: 2 ** 31 - 1, start: 42 }),
    );
  }
  if (engine.heedsRepetitionPenalty) rules.push(float('repetition_penalty', { min: 0.1, max: 2, start: 1 }));
  if (model.mode === 'chat') rules.push(...chatRules(model));
  rules.push(rule('extra_body', 'text'));
  return rules;
}

function chatRules(model: ChatModel): ParameterRule[] {
  const { engine, can, thinking, contextSize } = model;
  const rules: ParameterRule[] = [];
  if (can.switchThinking && thinking !== 'off') rules.push(rule('enable_thinking', 'boolean'));
  const effort = effortOf(model);
  if (effort !== undefined) {
    rules.push({
      ...rule('reasoning_effort', 'string'),
      options: [...effort.options],
      default: effort.default,
    });
  }
  if (budgetOf(model) !== undefined) {
    rules.push(
      int('thinking_budget', { min: 1, max: contextSize, start: Math.min(DEFAULT_BUDGET, contextSize) }),
    );
  }
  if (can.structuredOutput) {
    rules.push(
      { ...rule('response_format', 'string'), options: formats(engine), default: 'text' },
      rule('json_schema', 'text'),
    );
  }
  return rules;
}

function formats({ takesJsonObject }: ChatModel['engine']): string[] {
  return takesJsonObject ? ['text', 'json_object', 'json_schema'] : ['text', 'json_schema'];
}

function rule(name: ParameterName, type: ParameterRule['type']): ParameterRule {
  return {
    name,
    type,
    ...PARAMETER_TEXTS[name],
    required: false,
    default: null,
    min: null,
    max: null,
    precision: null,
    options: [],
  };
}

interface Range {
  readonly min: number;
  readonly max: number;
  /** Where Dify's panel starts. */
  readonly start: number;
}

function float(name: ParameterName, { min, max, start }: Range): ParameterRule {
  return { ...rule(name, 'float'), min, max, precision: 2, default: start };
}

function int(name: ParameterName, { min, max, start }: Range): ParameterRule {
  return { ...rule(name, 'int'), min, max, precision: 0, default: start };
}
