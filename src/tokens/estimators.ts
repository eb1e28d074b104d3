import { TokenEstimator } from './estimator.ts';

/** A model as far as its tokens go. */
export interface TokenizedModel {
  readonly serverUrl: string;
  readonly modelUid: string;
  /** As the server reports it; undefined while that is not known: the UID is a hint then, as it often is the name. */
  readonly modelName: string | undefined;
}

/** Models remembered, the latest used; what was learned lives in memory only. */
const CAPACITY = 256;

/** The estimators of all models in use, one for each. */
export class TokenEstimators {
  /** In order of use, the latest last. */
  readonly #estimators = new Map<string, TokenEstimator>();

  /** The estimator of a model, with what it has learned so far. Makes no request. */
  of({ serverUrl, modelUid, modelName }: TokenizedModel): TokenEstimator {
    const key = JSON.stringify([serverUrl, modelUid, modelName]);
    const estimator = this.#estimators.get(key) ?? new TokenEstimator(modelName ?? modelUid);
    this.#estimators.delete(key);
    this.#estimators.set(key, estimator);
    if (this.#estimators.size > CAPACITY) {
      const [oldest] = this.#estimators.keys();
      if (oldest !== undefined) this.#estimators.delete(oldest);
    }
    return estimator;
  }
}
