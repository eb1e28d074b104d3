import { InvokeBadRequestError, type RequestOf } from '../../src/dify/index.ts';
import type { Fields } from '../../src/text/json.ts';
import type { ChatModel } from '../openai/model.ts';
import { given, givenNumber, stringOf } from '../openai/request/json.ts';
import { budgetOf, effortOf } from './thinking-words.ts';

/**
 * The request fields by which Xinference is told whether, and how much, a chat model shall think. `enable_thinking` counts
 * from 1.17.0 on; before, only the arguments of the chat template do. Both together are safe: from 1.17.0 on the server
 * itself writes the switch into the arguments, under these two names, over what stands there (`thinking` is
 * DeepSeek's). A template knows nothing of arguments that it does not use.
 * A parameter that this model does not offer goes out under its own name, for the server to judge.
 * @throws InvokeBadRequestError for a budget that is no number of tokens
 */
export function thinkingFields(request: RequestOf<'invoke_llm'>, model: ChatModel): Fields {
  if (model.mode !== 'chat') return {};
  const thinking = asksToThink(request, model);
  const effort = stringOf(given(request.model_parameters?.['reasoning_effort'])) || undefined;
  const budget = budgetIn(request.model_parameters?.['thinking_budget']);
  const effortIsField = effortOf(model)?.isField !== false;
  const budgetIsField = budgetOf(model) === 'engine';
  const template = set({
    enable_thinking: thinking,
    thinking,
    reasoning_effort: effortIsField ? undefined : effort,
    thinking_budget: budgetIsField ? undefined : budget,
  });
  return set({
    enable_thinking: thinking,
    reasoning_effort: effortIsField ? effort : undefined,
    thinking_token_budget: budgetIsField ? budget : undefined,
    chat_template_kwargs: Object.keys(template).length > 0 ? template : undefined,
  });
}

/** Without the fields that are not there. */
function set(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function budgetIn(set: unknown): number | undefined {
  const budget = givenNumber(set);
  if (budget === undefined || (Number.isSafeInteger(budget) && budget >= 0)) return budget;
  throw new InvokeBadRequestError('The parameter thinking_budget must be a whole number of tokens.');
}

/**
 * Whether the model is told to think, or told not to. That can be switched on hybrid models alone; the form decides where
 * the request does not.
 * @returns undefined where it is left to the server
 */
export function asksToThink(
  { model_parameters }: RequestOf<'invoke_llm'>,
  model: ChatModel,
): boolean | undefined {
  if (model.can.switchThinking === false) return undefined;
  if (model.thinking === 'off') return model.can.switchThinking ? false : undefined;
  return switchOf(model_parameters?.['enable_thinking']) ?? (model.thinking === 'on' ? true : undefined);
}

/** A switch, also as a text, which hosts and workflows make of it; undefined for anything else. */
function switchOf(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  const text = stringOf(value).trim().toLowerCase();
  return text === 'true' || (text === 'false' ? false : undefined);
}
