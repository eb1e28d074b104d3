import type { ServerError } from '../../src/http/errors/errors.ts';

/** Fields of a request that help where a server knows them, and that older servers and some engines refuse. */
export type OptionalField = 'truncate_prompt_tokens' | 'task';

/** How a refusal reads: an argument that nobody expected, an unknown task, a prompt that the model does not have. */
const NAMED_IN: Readonly<Record<OptionalField, RegExp>> = {
  truncate_prompt_tokens: /truncate_prompt_tokens/,
  task: /\btasks?\b|\bprompt[ _]name\b/i,
};

/** A server that was brought up to date is asked again after this. */
const REMEMBERED_MS = 30 * 60_000;
const MOST_ENTRIES = 1_000;

/** Remembers which model refused which field, so that each call to it costs one request and not two. */
export class RefusedFields {
  readonly #until = new Map<string, number>();
  readonly #now: () => number;

  /** @param now ms since some fixed moment */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Which of the fields that were sent an error is about; undefined when it is about something else. */
  static refusedBy(error: ServerError, sent: readonly OptionalField[]): OptionalField | undefined {
    const judged = error.status === 400 || error.status === 422 || error.status === 500;
    return judged ? sent.find(field => NAMED_IN[field].test(error.serverText)) : undefined;
  }

  has(model: string, field: OptionalField): boolean {
    return this.#now() < (this.#until.get(`${field} ${model}`) ?? 0);
  }

  add(model: string, field: OptionalField): void {
    this.#until.delete(`${field} ${model}`);
    this.#until.set(`${field} ${model}`, this.#now() + REMEMBERED_MS);
    const [oldest] = this.#until.keys();
    if (this.#until.size > MOST_ENTRIES && oldest !== undefined) this.#until.delete(oldest);
  }
}
