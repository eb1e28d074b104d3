import type { ModelDescription } from '../../src/xinference/description.ts';
import { type Engine, PLAIN } from '../openai/engine.ts';

/** Of an engine that is not known, or hidden behind a router: what works on all. */
const unknown: Engine = {
  ...PLAIN,
  // Before 2.2.0 tools with a stream are refused; until 3.2 the calls stay in the text on Transformers and MLX.
  streamedCalls: 'none',
  soundPart: 'audio_url',
};

const vllm: Engine = {
  ...unknown,
  heedsSchema: true,
  takesThinkingBudget: true,
  streamedCalls: 'family parser',
};

/** Crashes on `json_object` before 4.1. */
const sglang: Engine = { ...vllm, takesJsonObject: false, takesThinkingBudget: false };

const llamaCpp: Engine = {
  ...unknown,
  heedsSchema: true,
  takesJsonObject: false, // dropped
  heedsRepetitionPenalty: false, // knows it by another name
  streamedCalls: 'own parser',
  soundPart: 'input_audio', // gets messages as they are, and knows OpenAI's form alone
  movesContent: true,
};

const transformers: Engine = {
  ...unknown,
  heedsSchema: false,
  heedsPenalties: false,
};

/** Heeds a schema and parses streamed calls from 4.1 on, which no description tells. */
const mlx: Engine = { ...unknown, heedsSchema: false, heedsPenalties: false };

const lmdeploy: Engine = { ...unknown, heedsSchema: false, heedsPenalties: false };

/** By the name that a description gives, in lower case. */
const ENGINES: ReadonlyMap<string, Engine> = new Map([
  ['vllm', vllm],
  ['sglang', sglang],
  ['llama.cpp', llamaCpp],
  ['transformers', transformers],
  ['mlx', mlx],
  ['lmdeploy', lmdeploy],
]);

/**
 * By the format of a model's files, for servers before 3.1.0, which name no engine. `pytorch`, `gptq`, `awq`, `bnb` and
 * `fp4` are served by several.
 */
const ENGINE_OF_FORMAT: ReadonlyMap<string, Engine> = new Map([
  ['ggufv2', llamaCpp], // heeds a schema from 1.15.0 on, which no description tells: the doctor does
  ['mlx', mlx],
  ['fp8', sglang], // or vLLM, of which all of that holds too; they heed a schema from 1.9.0 and 1.10.1 on
]);

/** What is known of the engine that serves a model. @param description undefined where it could not be had */
export function engineOf(description: ModelDescription | undefined): Engine {
  const { engine, format } = description ?? {};
  const found =
    engine === undefined
      ? ENGINE_OF_FORMAT.get(format?.toLowerCase() ?? '')
      : ENGINES.get(engine.toLowerCase());
  return found ?? unknown;
}
