import { invokeErrorOf } from '../models/common/errors.ts';
import { Failover } from '../models/common/failover.ts';
import type { Services } from '../models/common/services.ts';
import { validateProvider } from '../models/common/validate.ts';
import { XinferenceLlm } from '../models/llm/llm.ts';
import { XinferenceRerank } from '../models/rerank/rerank.ts';
import { XinferenceSpeech2Text } from '../models/speech2text/speech2text.ts';
import { XinferenceEmbedding } from '../models/text_embedding/text_embedding.ts';
import { XinferenceTts } from '../models/tts/tts.ts';
import type { Log, Plugin } from './dify/index.ts';
import { HttpClient } from './http/client.ts';
import { type Clock, systemClock } from './http/clock.ts';
import { TokenEstimators } from './tokens/estimators.ts';
import { DescriptionCache } from './xinference/description-cache.ts';
import type { DescriptionFile } from './xinference/description-file.ts';
import { xinferenceJudge } from './xinference/judge.ts';

/** What a plugin is made with; each has a default. */
export interface PluginParts {
  /** What retries and the cache of descriptions go by. */
  readonly clock?: Clock | undefined;
  /** Passed in for tests. */
  readonly client?: HttpClient | undefined;
  /** Where descriptions of models outlive the process; without one, they do not. */
  readonly file?: DescriptionFile | undefined;
}

/** Puts the layers together: the client of the servers, what is known of their models, and the handlers of the model types. */
export function createPlugin(
  log: Log,
  {
    clock = systemClock,
    client = new HttpClient({ log, clock, judge: xinferenceJudge }),
    file,
  }: PluginParts = {},
): Plugin & { close(): Promise<void> } {
  const descriptions = new DescriptionCache(client, clock, file);
  const services: Services = {
    client,
    descriptions,
    tokens: new TokenEstimators(),
    failover: new Failover(clock, log),
    log,
  };
  return {
    provider: 'Xinference',
    models: {
      llm: new XinferenceLlm(services),
      'text-embedding': new XinferenceEmbedding(services),
      rerank: new XinferenceRerank(services),
      speech2text: new XinferenceSpeech2Text(services),
      tts: new XinferenceTts(services),
    },
    validateProvider: async (request, { signal }) => {
      const { declarationOf } = await import('./dify/declaration/declaration.ts');
      const { models } = declarationOf(`${import.meta.dirname}/..`).provider;
      await validateProvider(services, request, signal, [...new Set(models.map(({ model }) => model))]);
    },
    errorOf: invokeErrorOf,
    close: async () => {
      await Promise.all([client.close(), file?.flush()]);
    },
  };
}
