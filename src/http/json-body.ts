import { setImmediate } from 'node:timers/promises';
import { type Fields, isObject } from '../text/json.ts';
import { nodeCrypto } from '../text/node-crypto.ts';

/** A text of so many characters is written within a few ms: `JSON.stringify` looks at each of them. */
const LONG = 1024 * 1024;
/** How JSON begins half a character, and few other texts. */
const HALF = '\\ud';

/**
 * The JSON text of a request. Long texts in it (an image is one of megabytes) are written in slices between which others
 * get their turn: in one piece 30 MB take 100 ms. Half a character, such as a text that was cut in an emoji has, becomes
 * U+FFFD: Python takes it in, and fails when it encodes it.
 */
export async function jsonBody(value: object): Promise<string | Buffer> {
  if (charactersIn(value) <= LONG) {
    const json = JSON.stringify(value);
    if (!json.includes(HALF)) return json;
  }
  const long: string[] = [];
  const place = nodeCrypto().randomUUID(); // for a long text: nobody can have written it
  const json = JSON.stringify(value, (_key, inner: unknown) => {
    if (isObject(inner)) return withWholeNames(inner);
    if (typeof inner !== 'string') return inner;
    const text = inner.toWellFormed();
    if (text.length <= LONG) return text;
    long.push(text);
    return place;
  });
  if (long.length === 0) return json;
  const parts = json.split(`"${place}"`);
  const pieces: Buffer[] = [];
  for (const [index, part] of parts.entries()) {
    pieces.push(Buffer.from(part));
    const text = long[index];
    if (text !== undefined) await writeText(text, pieces);
  }
  return Buffer.concat(pieces);
}

function withWholeNames(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name.toWellFormed(), value]));
}

/** How many characters the texts of a value have, all together, without the names of its fields. */
function charactersIn(value: unknown): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 0;
  let sum = 0;
  for (const inner of Array.isArray(value) ? value : Object.values(value)) sum += charactersIn(inner);
  return sum;
}

/** A slice may end between the two halves of a character: each half is escaped then, which means the same. */
async function writeText(text: string, pieces: Buffer[]): Promise<void> {
  pieces.push(Buffer.from('"'));
  for (let from = 0; from < text.length; from += LONG) {
    await setImmediate();
    pieces.push(Buffer.from(JSON.stringify(text.slice(from, from + LONG)).slice(1, -1)));
  }
  pieces.push(Buffer.from('"'));
}
