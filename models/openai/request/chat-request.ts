import { InvokeBadRequestError } from '../../../src/dify/protocol/errors.ts';
import type { PromptTool, RequestOf } from '../../../src/dify/protocol/requests.schemas.ts';
import type { Fields } from '../../../src/text/json.ts';
import type { LlmModel } from '../../llm/model.ts';
import { toMessages } from './messages.ts';
import { toParameters } from './parameters.ts';

type InvokeLlm = RequestOf<'invoke_llm'>;

/**
 * The body of `/v1/chat/completions`.
 * @param stream whether the server shall stream; what a stream ends with (usage) is always asked for
 * @throws InvokeBadRequestError for what the model cannot do
 */
export function chatRequest(request: InvokeLlm, model: LlmModel, stream: boolean): Fields {
  return {
    ...toParameters(request, model),
    ...toolFields(request, model),
    model: model.uid,
    messages: toMessages(request.prompt_messages ?? [], model),
    ...streamFields(stream),
  };
}

/** An empty `stream_options` crashes some engines, so the field goes with a stream alone. */
export function streamFields(stream: boolean): Fields {
  return stream ? { stream: true, stream_options: { include_usage: true } } : { stream: false };
}

/** A server takes an empty list for tools, and a null crashes it: without tools there is no such field. */
function toolFields(request: InvokeLlm, model: LlmModel): Fields {
  const tools = request.tools ?? [];
  if (tools.length === 0) return {};
  if (model.can.tools === false) {
    throw new InvokeBadRequestError(
      `The model ${model.uid} cannot call tools (its abilities lack "tools"). ` +
        'Choose another model, or another agent strategy such as ReAct; if it can, set tool calling to "on" in its credentials.',
    );
  }
  const choice = toolChoice(request.tool_choice);
  return { tools: tools.map(toTool), ...(choice !== undefined && { tool_choice: choice }) };
}

function toTool({ name, description, parameters }: PromptTool): Fields {
  return {
    type: 'function',
    function: {
      name,
      description: description ?? '',
      parameters: parameters ?? { type: 'object', properties: {} },
    },
  };
}

function toolChoice(choice: InvokeLlm['tool_choice']): unknown {
  switch (choice?.mode) {
    case undefined:
    case null:
    case '':
      return undefined;
    case 'auto':
    case 'none':
    case 'required':
      return choice.mode;
    case 'tool':
      if (choice.name) return { type: 'function', function: { name: choice.name } };
      throw new InvokeBadRequestError('tool_choice has the mode "tool" but names no tool.');
    default:
      throw new InvokeBadRequestError(
        `tool_choice has an unknown mode ${JSON.stringify(choice?.mode?.slice(0, 50))}: auto, none, required and tool are known.`,
      );
  }
}
