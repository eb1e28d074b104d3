/** Keys of tests begin so. Other words may stand in a good sentence. */
const KEY = /^(?:sk|xf)-./;

/** The keys that requests carried, and the search for them in what comes out. */
export class Keys {
  readonly #used = new Set<string>();

  /** Takes note of the key in a form's values. */
  use(credentials: unknown): void {
    const { api_key: key } = (credentials ?? {}) as { readonly api_key?: unknown };
    if (typeof key === 'string' && KEY.test(key)) this.#used.add(key);
  }

  /** A key that stands in the text; `undefined` if none. */
  in(text: string): string | undefined {
    for (const key of this.#used) if (text.includes(key)) return key;
    return undefined;
  }
}
