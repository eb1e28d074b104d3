import { randomUUID } from 'node:crypto';
import type { ToolCall } from '../../../src/dify/protocol/results.ts';
import { isObject, parsed } from '../../../src/text/json.ts';
import { stringOf } from '../request/json.ts';

const MOST_CALLS = 1_000;
const LONGEST_ARGUMENTS = 8 * 1024 * 1024;

interface PartialCall {
  id: string;
  name: string;
  /** Pieces of the arguments, joined once. */
  readonly pieces: string[];
}

/** One entry of a delta's `tool_calls`, as far as it was sent. */
interface CallDelta {
  readonly index: number | undefined;
  readonly id: string;
  readonly name: string;
  readonly args: string;
}

/**
 * Gathers the tool calls of a streamed answer, so that each can be handed on whole and once: Dify's own merging mixes up
 * interleaved calls, and some of its agents run every delta they see. Takes late names, missing ids, indexes
 * that start at 1 or are missing, several calls in one delta, and arguments whole or in pieces.
 */
export class ToolCallCollector {
  readonly #calls: PartialCall[] = [];
  readonly #byIndex = new Map<number, PartialCall>();
  #latest: PartialCall | undefined;
  #length = 0;

  /** Whether it is more than one message to a host can hold. What comes is kept until the end, so it has to have one. */
  get isTooMuch(): boolean {
    return this.#calls.length > MOST_CALLS || this.#length > LONGEST_ARGUMENTS;
  }

  /** Whether there is no call that can be carried out. */
  get isEmpty(): boolean {
    return !this.#calls.some(isNamed);
  }

  /**
   * @param deltas `tool_calls` of a delta or of a whole message, as it came; anything else than a list is nothing
   * @returns whether another call has begun
   */
  add(deltas: unknown): boolean {
    const before = this.#calls.length;
    for (const entry of Array.isArray(deltas) ? deltas : []) {
      if (isObject(entry)) this.#add(readDelta(entry));
    }
    return this.#calls.length > before;
  }

  /**
   * The calls in the order in which they began. A call without id gets one; one without a name is nothing anybody could
   * call. Arguments that are no JSON (cut by the length limit) stay as they came; none at all mean a call without
   * arguments.
   */
  finish(): ToolCall[] {
    return this.#calls.filter(isNamed).map(({ id, name, pieces }) => ({
      id: id || `call_${randomUUID()}`,
      type: 'function',
      function: { name, arguments: pieces.join('') || '{}' },
    }));
  }

  #add(delta: CallDelta): void {
    const call = this.#find(delta) ?? this.#begin();
    if (delta.index !== undefined) this.#byIndex.set(delta.index, call);
    this.#latest = call;
    call.id ||= delta.id;
    call.name ||= delta.name;
    if (delta.args !== '') call.pieces.push(delta.args);
    this.#length += delta.args.length;
  }

  /** The call that a delta goes on: by index, then by id, then the latest. */
  #find(delta: CallDelta): PartialCall | undefined {
    if (delta.index !== undefined) {
      const call = this.#byIndex.get(delta.index);
      // Some servers give every call the index 0.
      if (call === undefined || !isAnother(call, delta)) return call;
    }
    if (delta.id !== '') return this.#calls.find(({ id }) => id === delta.id);
    // Without an id a second name begins a second call.
    return delta.name !== '' && this.#latest?.name !== '' ? undefined : this.#latest;
  }

  #begin(): PartialCall {
    const call: PartialCall = { id: '', name: '', pieces: [] };
    this.#calls.push(call);
    return call;
  }
}

function isNamed({ name }: PartialCall): boolean {
  return name !== '';
}

/** Whether a delta cannot go on a call: another id, or without ids another name or a name after whole arguments. */
function isAnother(call: PartialCall, { id, name }: CallDelta): boolean {
  if (call.id !== '' && id !== '') return call.id !== id;
  if (call.name === '' || name === '') return false;
  return call.name !== name || (call.id === '' && id === '' && isWhole(call));
}

function isWhole({ pieces }: PartialCall): boolean {
  return pieces.at(-1)?.trimEnd().endsWith('}') === true && isObject(parsed(pieces.join('')));
}

function readDelta({ index, id, function: called }: Record<string, unknown>): CallDelta {
  const { name, arguments: args } = isObject(called) ? called : {};
  return {
    index: typeof index === 'number' ? index : undefined,
    id: stringOf(id),
    name: stringOf(name),
    // Some servers give the arguments as an object.
    args: isObject(args) ? JSON.stringify(args) : stringOf(args),
  };
}
