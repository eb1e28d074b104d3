import type { ChatModel } from '../openai/model.ts';

/** How much a family thinks is a word in its chat template. */
export interface Effort {
  /** The words that its template knows, the least first. */
  readonly options: readonly string[];
  readonly default: string;
  /** Whether the server has a field of its own for it; else it goes to the template as it is. */
  readonly isField: boolean;
}

/**
 * Read in the chat templates of Xinference's list of models, up to 4.1.0. The server itself knows the word of Qwen 3.8 alone,
 * and refuses other values.
 */
const EFFORTS: ReadonlyArray<readonly [model: RegExp, Effort]> = [
  [/qwen-?3\.8/i, { options: ['low', 'medium', 'xhigh'], default: 'medium', isField: true }],
  [/gpt-oss/i, { options: ['low', 'medium', 'high'], default: 'medium', isField: false }],
  [/deepseek-v4/i, { options: ['low', 'high', 'max'], default: 'high', isField: false }],
  [/glm-?5\.2/i, { options: ['high', 'max'], default: 'high', isField: false }],
  [/glm-?5\.3/i, { options: ['low', 'high', 'max'], default: 'high', isField: false }],
];

/** Undefined for a model whose template knows no such word. */
export function effortOf({ name, family, thinking }: ChatModel): Effort | undefined {
  if (thinking === 'off') return undefined;
  const names = `${name ?? ''} ${family ?? ''}`;
  return EFFORTS.find(([model]) => model.test(names))?.[1];
}

/**
 * Who is told how many tokens the model may think: the template of Seed-OSS, or vLLM, which ends the thoughts then. Xinference
 * up to 4.1.0 hands vLLM's on from its Anthropic endpoint alone.
 */
export function budgetOf({
  name,
  family,
  engine,
  can,
  thinking,
}: ChatModel): 'template' | 'engine' | undefined {
  if (thinking === 'off') return undefined;
  if (/seed-oss/i.test(`${name ?? ''} ${family ?? ''}`)) return 'template';
  return can.reason && engine.takesThinkingBudget ? 'engine' : undefined;
}
