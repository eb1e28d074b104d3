import type { ModelDescription } from '../../src/xinference/description.ts';

/** What is known of the engine and the family of a rerank model; nothing else asks for their names. */
export interface RerankEngine {
  /** Whether its scores are logits, as far as that is known before a score has come. */
  readonly givesLogits: boolean;
  /** Whether it was trained with an instruction, in the template of Qwen3-Reranker. */
  readonly hasTemplate: boolean;
  /** Whether it may take an instruction as an argument. Before 3.1.0 a server names no engine, so that an attempt has to show it. */
  readonly mayTakeInstruction: boolean;
}

const QWEN3_TEMPLATE = /qwen3|jina-reranker-v3(?!\.5)|r3-rerank/i;

/**
 * From Xinference's source. llama.cpp gives what its classifier's head gives (but for Qwen3, whose graph ends in a softmax), and
 * FlagEmbedding's rerankers of LLMs are not asked to normalise; cross-encoders of sentence-transformers and vLLM end in a logistic
 * function of their own. The engine that came first takes an instruction as an argument; vLLM and llama.cpp refuse arguments.
 * @param description undefined where it could not be had
 */
export function rerankEngine(description: ModelDescription | undefined): RerankEngine {
  const { name = '', format, rerankType = '', engine = '', showedLogits } = description ?? {};
  const isLlamaCpp = /^llama\.?cpp$/i.test(engine) || (engine === '' && format === 'ggufv2');
  const isVllm = /^vllm$/i.test(engine);
  const hasTemplate = QWEN3_TEMPLATE.test(name);
  const isKnown = isLlamaCpp ? !/qwen3/i.test(name) : !isVllm && /^LLM-based/i.test(rerankType);
  return {
    givesLogits: isKnown || showedLogits === true,
    hasTemplate,
    mayTakeInstruction: hasTemplate && !isLlamaCpp && !isVllm,
  };
}
