import { invokeErrorOf } from '../models/common/errors.ts';
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

/**
 * Puts the layers together: the client of the servers, what is known of their models, and the handlers of the model types.
 * @param clock what retries and the cache of descriptions go by
 * @param client passed in for tests
 */
export function createPlugin(
  log: Log,
  clock: Clock = systemClock,
  client = new HttpClient({ log, clock }),
): Plugin & { close(): Promise<void> } {
  const descriptions = new DescriptionCache(client, clock);
  const services: Services = { client, descriptions, tokens: new TokenEstimators(), log };
  return {
    provider: 'Xinference',
    models: {
      llm: new XinferenceLlm(services),
      'text-embedding': new XinferenceEmbedding(services),
      rerank: new XinferenceRerank(services),
      speech2text: new XinferenceSpeech2Text(services),
      tts: new XinferenceTts(services),
    },
    validateProvider: (request, { signal }) => validateProvider(services, request, signal),
    errorOf: invokeErrorOf,
    close: () => client.close(),
  };
}
