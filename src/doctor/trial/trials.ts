import { type InProcessHost, PluginError } from '../../dify/in-process-host.ts';
import type { ModelType } from '../../dify/index.ts';
import type { LlmChunk } from '../../dify/protocol/results.schemas.ts';
import type { Trial } from '../report/report.ts';
import { tone } from './tone.ts';

/** A model as a host names it in a request. */
export interface TriedModel {
  readonly model: string;
  readonly model_type: ModelType;
  readonly credentials: Readonly<Record<string, string>>;
}

/** What a trial made of the answers of a call. */
interface Outcome {
  readonly answer: string;
  /** How many of `unit` came in all. */
  readonly amount?: number;
  readonly unit?: string;
}

/** One small call: what to ask, and what to make of the answers. */
interface TrialCall {
  readonly action: Parameters<InProcessHost['ask']>[0];
  readonly data: Readonly<Record<string, unknown>>;
  readonly sum: (answers: readonly unknown[]) => Outcome;
}

const SENTENCES = [
  'Xinference runs models on machines of your own.',
  'The harbour was empty before the storm.',
];

/**
 * Makes one small call of a model, as Dify would, and measures it.
 * @param dimensions numbers a vector of an embedding model, as it is described
 */
export async function tryModel(
  host: InProcessHost,
  model: TriedModel,
  dimensions: number | undefined,
): Promise<Trial> {
  const { action, data, sum } = callFor(model.model_type, dimensions);
  const started = performance.now();
  const answers: unknown[] = [];
  let firstAt: number | undefined;
  try {
    for await (const answer of host.ask(action, { ...model, ...data })) {
      firstAt ??= performance.now();
      answers.push(answer);
    }
  } catch (error) {
    if (!(error instanceof PluginError)) throw error;
    return { ok: false, errorType: error.errorType, message: error.message };
  }
  const ended = performance.now();
  const { answer, amount = 0, unit = '' } = sum(answers);
  // What came with the first answer took no time that could be seen: only what came after it makes a rate.
  const streamedMs = ended - (firstAt ?? ended);
  const rate =
    answers.length > 2 && amount > 1 && streamedMs > 0
      ? { perSecond: round(((amount - 1) * 1000) / streamedMs), unit }
      : null;
  return {
    ok: true,
    firstMs: round((firstAt ?? ended) - started),
    totalMs: round(ended - started),
    rate,
    answer,
  };
}

function callFor(modelType: ModelType, dimensions: number | undefined): TrialCall {
  switch (modelType) {
    case 'llm':
      return CHAT;
    case 'text-embedding':
      return embedding(dimensions);
    case 'rerank':
      return RERANK;
    case 'tts':
      return SPEAK;
    case 'speech2text':
      return listen();
    case 'moderation':
      return MODERATE;
  }
}

const CHAT: TrialCall = {
  action: 'invoke_llm',
  data: {
    prompt_messages: [{ role: 'user', content: 'Say hello in one short sentence.' }],
    model_parameters: { max_tokens: 64 },
    stream: true,
  },
  sum: chunks => ({
    answer: JSON.stringify(cut(chunks.map(textOf).join(''))),
    amount: (chunks.at(-1) as LlmChunk | undefined)?.delta.usage?.completion_tokens ?? 0,
    unit: 'tokens/s',
  }),
};

function embedding(dimensions: number | undefined): TrialCall {
  return {
    action: 'invoke_text_embedding',
    data: { texts: SENTENCES, input_type: 'document' },
    sum: ([result]) => {
      const { embeddings } = result as { embeddings: number[][] };
      const length = embeddings[0]?.length ?? 0;
      const counts =
        dimensions === undefined || dimensions === length
          ? ''
          : `: these count, not the ${dimensions} dimensions of its description`;
      return { answer: `${embeddings.length} vectors of ${length} numbers${counts}` };
    },
  };
}

const RERANK: TrialCall = {
  action: 'invoke_rerank',
  data: { query: 'Where do models run?', docs: SENTENCES },
  sum: ([result]) => {
    const { docs } = result as { docs: { score: number }[] };
    return { answer: `scores ${docs.map(({ score }) => score.toPrecision(3)).join(', ')}` };
  },
};

const SPEAK: TrialCall = {
  action: 'invoke_tts',
  data: { content_text: 'Hello from Xinference.', voice: '', tenant_id: 'doctor' },
  sum: chunks => {
    const kilobytes = chunks.reduce<number>((sum, chunk) => sum + hexOf(chunk).length / 2, 0) / 1000;
    return { answer: `${round(kilobytes)} kB of sound`, amount: kilobytes, unit: 'kB/s' };
  },
};

/** Made when it is asked for: the sound has 64 kB in hex. */
function listen(): TrialCall {
  return {
    action: 'invoke_speech2text',
    data: { file: tone().toString('hex') },
    sum: ([result]) => ({
      answer: `of a plain tone it made ${JSON.stringify(cut((result as { result: string }).result))}`,
    }),
  };
}

const MODERATE: TrialCall = {
  action: 'invoke_moderation',
  data: { text: 'hello' },
  sum: () => ({ answer: '' }),
};

function textOf(chunk: unknown): string {
  return (chunk as LlmChunk).delta.message.content;
}

function hexOf(chunk: unknown): string {
  return (chunk as { result: string }).result;
}

function cut(text: string): string {
  return text.length > 80 ? `${text.slice(0, 80).toWellFormed()}…` : text;
}

/** Three digits, or all that stand before the point: more would be chance. */
function round(value: number): number {
  return value >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}
