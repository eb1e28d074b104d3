/** More of an unknown value nobody reads. */
const MOST = 4_096;
const NO_TEXT = '(a value that has no text)';

/**
 * The text of a value of which nothing is known, to be shown: a text as it is, anything else as JSON writes it. Never
 * throws, whatever the value does when it is looked at; looks at no more of it than it shows.
 * @param most characters, at most
 */
export function textOf(value: unknown, most = MOST): string {
  if (typeof value === 'string') return value.slice(0, most);
  try {
    return value instanceof Error ? String(value.message).slice(0, most) : new JsonStart(most).of(value);
  } catch {
    return NO_TEXT;
  }
}

/** The start of a JSON text. `JSON.stringify` writes all of it, and throws at what is no JSON. */
class JsonStart {
  #text = '';
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  of(value: unknown): string {
    this.#write(value);
    return this.#text.slice(0, this.#most);
  }

  get #isFull(): boolean {
    return this.#text.length >= this.#most;
  }

  #write(value: unknown): void {
    if (typeof value === 'string') this.#text += JSON.stringify(value.slice(0, this.#most));
    else if (typeof value === 'function') this.#text += '(a function)';
    else if (typeof value !== 'object' || value === null) this.#text += String(value);
    else if (Array.isArray(value)) this.#writeList(value);
    else this.#writeObject(value);
  }

  #writeList(list: readonly unknown[]): void {
    this.#text += '[';
    for (let at = 0; at < list.length && !this.#isFull; at++) {
      if (at > 0) this.#text += ',';
      this.#write(list[at]);
    }
    this.#text += ']';
  }

  #writeObject(object: object): void {
    let before = '{';
    for (const name in object) {
      if (this.#isFull) break;
      this.#text += `${before}${JSON.stringify(name.slice(0, this.#most))}:`;
      before = ',';
      this.#write((object as Record<string, unknown>)[name]);
    }
    this.#text += before === '{' ? '{}' : '}';
  }
}
