import { Gate } from '../../text/gate.ts';
import { mapTexts } from '../../text/map-texts.ts';

/** The secrets of the latest requests are kept, up to this many characters. */
const MOST_CHARACTERS = 16 * 1024;

/**
 * The last door of everything that is logged: the keys of all requests that came lately are struck out of it, whoever
 * writes the line, and what would do something to a terminal is made visible.
 */
export class LogGate {
  /** In the order in which they came last. */
  readonly #secrets = new Set<string>();
  #characters = 0;
  #gate: Gate | undefined;

  /** What no line may show from now on. */
  remember(secrets: Iterable<string>): void {
    for (const secret of secrets) {
      if (this.#secrets.delete(secret)) {
        this.#secrets.add(secret);
        continue;
      }
      this.#secrets.add(secret);
      this.#characters += secret.length;
      this.#gate = undefined;
    }
    for (const oldest of this.#secrets) {
      if (this.#characters <= MOST_CHARACTERS) return;
      this.#secrets.delete(oldest);
      this.#characters -= oldest.length;
    }
  }

  /** A text as it may be logged. */
  pass(text: string): string {
    this.#gate ??= new Gate([...this.#secrets]);
    return this.#gate.pass(text);
  }

  /** A value of JSON, with all its texts as they may be logged. */
  passAll(value: unknown): unknown {
    return mapTexts(value, text => this.pass(text));
  }
}

/** One for the process, as its log is. */
export const logGate = new LogGate();
