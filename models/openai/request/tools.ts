import { InvokeBadRequestError, type PromptTool, type RequestOf } from '../../../src/dify/index.ts';
import type { Fields } from '../../../src/text/json.ts';
import type { ChatModel } from '../model.ts';

type InvokeLlm = RequestOf<'invoke_llm'>;

/**
 * Tools as request fields. A server takes an empty list for tools, and a null crashes it: without tools there is no such field.
 * @throws InvokeBadRequestError when the model has no tools
 */
export function toolFields(request: InvokeLlm, model: ChatModel): Fields {
  const tools = request.tools ?? [];
  if (tools.length === 0) return {};
  if (model.mode === 'completion') {
    throw new InvokeBadRequestError(
      `The model ${model.uid} is a completion model and cannot call tools. Choose a chat model.`,
    );
  }
  if (model.can.tools === false) {
    throw new InvokeBadRequestError(
      `The model ${model.uid} cannot call tools (its abilities lack "tools"). ` +
        'Choose another model, or another agent strategy such as ReAct; if it can, set "Tool calling" to "On" in its credentials.',
    );
  }
  const choice = toolChoice(request.tool_choice);
  return { tools: tools.map(toTool), ...(choice !== undefined && { tool_choice: choice }) };
}

/** A tool in OpenAI's words. */
export function toTool({ name, description, parameters }: PromptTool): Fields {
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
