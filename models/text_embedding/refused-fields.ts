import type { ServerError } from '../../src/http/errors/errors.ts';
import { ExpiringSet } from '../common/expiring-set.ts';

/** Fields of a request that help where a server knows them, and that older servers and some engines refuse. */
export type OptionalField = 'truncate_prompt_tokens' | 'task';

/** How a refusal reads: an argument that nobody expected, an unknown task, a prompt that the model does not have. */
const NAMED_IN: Readonly<Record<OptionalField, RegExp>> = {
  truncate_prompt_tokens: /truncate_prompt_tokens/,
  task: /\btasks?\b|\bprompt[ _]name\b/i,
};

/** Remembers which model refused which field, so that each call to it costs one request and not two. */
export class RefusedFields {
  readonly #refused: ExpiringSet;

  /** @param now ms since some fixed moment */
  constructor(now?: () => number) {
    this.#refused = new ExpiringSet(now);
  }

  /** Which of the fields that were sent an error is about; undefined when it is about something else. */
  static refusedBy(error: ServerError, sent: readonly OptionalField[]): OptionalField | undefined {
    const judged = error.status === 400 || error.status === 422 || error.status === 500;
    return judged ? sent.find(field => error.said.test(NAMED_IN[field])) : undefined;
  }

  has(model: string, field: OptionalField): boolean {
    return this.#refused.has(`${field} ${model}`);
  }

  add(model: string, field: OptionalField): void {
    this.#refused.add(`${field} ${model}`);
  }
}
