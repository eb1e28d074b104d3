import { CHUNK } from '../../../src/http/response/bounds.ts';
import type { Template } from '../../../src/http/response/repeated-events.ts';
import { type Fields, type JsonBounds, parseJson, tryParseJson } from '../../../src/text/json.ts';
import { callsOf } from './answer.ts';

/**
 * A server writes all chunks of an answer by one program, so from one to the next nothing changes but the text:
 *
 *     {"id": "chat1", …, "choices": [{"index": 0, "delta": {"content": " a"}, "finish_reason": null}], "usage": null}
 *     {"id": "chat1", …, "choices": [{"index": 0, "delta": {"content": " few"}, "finish_reason": null}], "usage": null}
 *
 * To parse all of it for each token is half of what a stream costs. So a chunk that was parsed shows what stands before
 * and after its text, and where the same stands around another text, that text is all there is to read: the chunk is
 * the last one with another text in it. What stands there must be the inside of one JSON string: `a", "b": "c` would make
 * another chunk. All that differs elsewhere is parsed: an error, a tool call, the end, the second in which `created` grows.
 */

/** The inside of a JSON string that is its text as it stands. */
const PLAIN = /^[ !#-[\]-\uffff]*$/;
/** The inside of any JSON string. */
const ESCAPED = /^(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*$/;
/** Put in the place of a text, to see whether that is the text that changes. */
const PROBE = '(the text of a chunk)';
/** Chunks that are parsed before one is learned from, which costs as much as parsing a few: short answers are not worth it. */
const FIRST_PAUSE = 8;
/** Of a server whose chunks never repeat, one chunk in about so many is learned from. */
const LONGEST_PAUSE = 1024;

/** Places of a chunk that are tried for that of its text: each costs another parse. */
const MOST_PROBES = 4;
/** Longer chunks are few, and a pattern that looks for escapes overflows the stack on millions of characters. */
const LONGEST_REPEATED = 64 * 1024;

/** `JSON.parse` for the chunks of one answer, several times as fast for those that repeat. */
export class ChunkParser {
  readonly #bounds: JsonBounds;
  /** What stands before the text, its opening quote included; empty while nothing is known. */
  #before = '';
  #after = '';
  #template: Template | undefined;
  /** The chunk that was learned, the part of it that has the text, and the field. */
  #chunk: unknown;
  #part: Fields = {};
  #field = '';
  /** Chunks that were what had been learned last. */
  #hits = 1;
  #pause = 0;
  #toPass = FIRST_PAUSE;

  constructor(bounds: JsonBounds = CHUNK) {
    this.#bounds = bounds;
  }

  /**
   * @returns the parsed chunk. It may be the object of an earlier one, with another text: it is the caller's only until
   *   the next call, and not to be changed
   * @throws SyntaxError as `JSON.parse`; TooMuchJsonError
   */
  parse(event: string): unknown {
    if (event.length > LONGEST_REPEATED) return parseJson(event, this.#bounds);
    if (this.#repeats(event)) return this.#chunk;
    const chunk = parseJson(event, this.#bounds);
    if (this.#toPass > 0) this.#toPass--;
    else this.#learn(event, chunk);
    return chunk;
  }

  /** What stands around the text of the chunks that repeat; undefined while nothing is known. */
  get template(): Template | undefined {
    return this.#template;
  }

  /** The learned chunk with another text in it, as {@link parse} returns it. */
  withText(text: string): unknown {
    this.#part[this.#field] = text;
    this.#hits++;
    return this.#chunk;
  }

  /** Whether the event is the learned chunk but for the text, which is then put into it. */
  #repeats(event: string): boolean {
    const from = this.#before.length;
    const to = event.length - this.#after.length;
    // A slice is no copy, and its comparison is one of memory: both are faster than `startsWith` and `endsWith`.
    if (from === 0 || to < from || event.slice(0, from) !== this.#before || event.slice(to) !== this.#after)
      return false;
    const inside = event.slice(from, to);
    if (PLAIN.test(inside)) this.#part[this.#field] = inside;
    else if (ESCAPED.test(inside)) this.#part[this.#field] = JSON.parse(`"${inside}"`);
    else return false;
    this.#hits++;
    return true;
  }

  #learn(event: string, chunk: unknown): void {
    const { text = '' } = textIn(chunk) ?? {};
    if (text === '' || text === PROBE || !PLAIN.test(text)) return;
    this.#pause = this.#hits > 0 ? 0 : Math.min(2 * this.#pause + 1, LONGEST_PAUSE);
    this.#toPass = this.#pause;
    this.#hits = 0;
    this.#before = '';
    this.#template = undefined;
    const quoted = `"${text}"`;
    let at = event.indexOf(quoted);
    for (let probes = 0; at >= 0 && probes < MOST_PROBES; probes++, at = event.indexOf(quoted, at + 1)) {
      const before = event.slice(0, at + 1);
      const after = event.slice(at + 1 + text.length);
      const probed = textIn(tryParseJson(before + PROBE + after));
      if (probed?.text !== PROBE) continue; // the same letters in another place
      // Copies: a slice would keep the whole read alive.
      this.#before = Buffer.from(before).toString();
      this.#after = Buffer.from(after).toString();
      this.#chunk = probed.chunk;
      this.#part = probed.part;
      this.#field = probed.field;
      if (saysNothingElse(probed)) this.#template = { before: this.#before, after: this.#after };
      return;
    }
  }
}

interface TextPlace {
  readonly chunk: unknown;
  readonly choice: Fields;
  readonly part: Fields;
  readonly field: string;
  readonly text: string;
}

/** Whether a chunk has nothing beside its text that counts each time it comes: then several are one with all their texts. */
function saysNothingElse({ choice, part, field }: TextPlace): boolean {
  const delta = fieldsOf(choice['delta']);
  const others = TEXT_FIELDS.filter(name => part !== delta || name !== field);
  return (
    !choice['finish_reason'] &&
    !delta['audio'] &&
    callsOf(delta).length === 0 &&
    others.every(name => !delta[name])
  );
}

/** Fields of a delta that have text, in the order in which they count. */
const TEXT_FIELDS = ['content', 'reasoning_content', 'reasoning'] as const;

/** Where a chunk of a chat or completion has its text: the first of the known places with a text in it. */
function textIn(chunk: unknown): TextPlace | undefined {
  const { choices } = fieldsOf(chunk);
  const choice = fieldsOf(Array.isArray(choices) ? choices[0] : undefined);
  const delta = fieldsOf(choice['delta']);
  const field = TEXT_FIELDS.find(name => typeof delta[name] === 'string' && delta[name] !== '');
  const part = field === undefined ? choice : delta;
  const text = part[field ?? 'text'];
  if (typeof text !== 'string' || text === '') return undefined;
  return { chunk, choice, part, field: field ?? 'text', text };
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}
