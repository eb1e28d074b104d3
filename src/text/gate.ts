import { Secrets } from './secrets.ts';
import { textOf } from './text-of.ts';
import { visible, visibleLine } from './visible.ts';

/** Of a longer text no more is looked at than its start. */
export const READ = 16 * 1024;
/** Characters of a quotation, unless it is told otherwise. */
const SHOWN = 500;
/** So much of them are for the end, where Python's errors say what is wrong; of a shorter quotation nothing is. */
const SHOWN_OF_THE_END = 150;
const SHORTEST_WITH_AN_END = 400;

/**
 * The one way for words from outside (a server's, a host's, a form's) into what is shown: errors, log lines, the doctor.
 * It knows the secrets of the request that it is made for, and lets none of them through, nor a character that does
 * something to a terminal. Errors of servers pass it piece by piece ({@link quote}), and again as a whole where they leave
 * the process ({@link pass}), so that a message that forgot it shows nothing either.
 */
export class Gate {
  readonly #values: Iterable<string | undefined>;
  #known: Secrets | undefined;

  /** @param secrets keys, tokens and values of headers; absent ones do not count */
  constructor(secrets: Iterable<string | undefined> = []) {
    this.#values = secrets;
  }

  /** Each request has a gate, and few ever show anything. */
  get #secrets(): Secrets {
    this.#known ??= new Secrets(this.#values);
    return this.#known;
  }

  /**
   * What somebody else said, as a part of a message: on one line, and cut to its start and its end. Never throws.
   * @param said a text, or a value that is none
   * @param most characters, at most
   */
  quote(said: unknown, most = SHOWN): string {
    const text = textOf(said, READ);
    const line = visibleLine(this.#secrets.strikeOut(text));
    return shorten(line, most, text.length === READ);
  }

  /** A whole message, of our words and others', as it leaves the process. Its line breaks stay. */
  pass(message: string): string {
    return visible(this.#secrets.strikeOutOfOurs(message));
  }
}

/**
 * At most so many characters of a text: its start, and its end.
 * @param isCut whether it is only the start of what was said: then its end is not the end
 */
export function shorten(line: string, most = SHOWN, isCut = false): string {
  if (line.length <= most && !isCut) return line;
  const ofTheEnd = isCut || most < SHORTEST_WITH_AN_END ? 0 : SHOWN_OF_THE_END;
  const start = line.slice(0, most - ofTheEnd - (ofTheEnd === 0 ? 1 : 3)).toWellFormed();
  return ofTheEnd === 0 ? `${start}…` : `${start} … ${line.slice(-ofTheEnd).toWellFormed()}`;
}
