import { type ModelFeature, type ModelSchema, modelSchema } from '../../src/dify/index.ts';
import type { ChatModel } from '../openai/model.ts';
import { parameterRules } from './parameter-rules.ts';

/** @param name Dify's name of the model */
export function llmSchema(name: string, model: ChatModel): ModelSchema {
  return modelSchema(name, 'llm', {
    features: model.mode === 'chat' ? features(model) : [],
    properties: { mode: model.mode, context_size: model.contextSize },
    rules: parameterRules(model),
  });
}

function features({ can, thinking }: ChatModel): ModelFeature[] {
  const list: ModelFeature[] = [];
  if (can.tools) list.push('tool-call', 'multi-tool-call', 'stream-tool-call');
  if (can.image) list.push('vision');
  if (can.audio) list.push('audio');
  if (can.omni && can.video) list.push('video');
  if ((can.reason ?? thinking === 'on') && thinking !== 'off') list.push('agent-thought');
  if (can.structuredOutput) list.push('structured-output');
  return list;
}
