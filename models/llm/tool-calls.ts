import { randomUUID } from 'node:crypto';
import type { ToolCall } from '../../src/dify/protocol/results.ts';

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

  /** Whether any call has begun. */
  get isEmpty(): boolean {
    return this.#calls.length === 0;
  }

  /** @param deltas `tool_calls` of a delta or of a whole message, as it came; anything else than a list is nothing */
  add(deltas: unknown): void {
    if (!Array.isArray(deltas)) return;
    for (const entry of deltas) {
      const delta = readDelta(entry);
      if (delta === undefined) continue;
      const call = this.#find(delta) ?? this.#begin(delta);
      if (delta.index !== undefined) this.#byIndex.set(delta.index, call);
      this.#latest = call;
      if (call.id === '') call.id = delta.id;
      if (call.name === '') call.name = delta.name;
      if (delta.args !== '') call.pieces.push(delta.args);
    }
  }

  /**
   * The calls in the order in which they began. A call without id gets one. Arguments that are no JSON (cut by the
   * length limit) stay as they came; none at all mean a call without arguments.
   */
  finish(): ToolCall[] {
    return this.#calls.map(({ id, name, pieces }) => ({
      id: id || `call_${randomUUID()}`,
      type: 'function',
      function: { name, arguments: pieces.join('') || '{}' },
    }));
  }

  /** The call that a delta goes on: by index, then by id, then the latest. */
  #find(delta: CallDelta): PartialCall | undefined {
    if (delta.index !== undefined) {
      const call = this.#byIndex.get(delta.index);
      // Servers that give every call the index 0 tell them apart by id.
      return call !== undefined && delta.id !== '' && call.id !== '' && call.id !== delta.id
        ? this.#calls.find(({ id }) => id === delta.id)
        : call;
    }
    if (delta.id !== '') return this.#calls.find(({ id }) => id === delta.id);
    // Neither index nor id: a second name begins a second call.
    return delta.name !== '' && this.#latest?.name !== '' ? undefined : this.#latest;
  }

  #begin({ id, name }: CallDelta): PartialCall {
    const call: PartialCall = { id, name, pieces: [] };
    this.#calls.push(call);
    return call;
  }
}

function readDelta(entry: unknown): CallDelta | undefined {
  if (typeof entry !== 'object' || entry === null) return undefined;
  const { index, id, function: called } = entry as Record<string, unknown>;
  const { name, arguments: args } = (typeof called === 'object' && called !== null ? called : {}) as Record<
    string,
    unknown
  >;
  return {
    index: typeof index === 'number' ? index : undefined,
    id: typeof id === 'string' ? id : '',
    name: typeof name === 'string' ? name : '',
    // Some servers give the arguments as an object.
    args:
      typeof args === 'string' ? args : typeof args === 'object' && args !== null ? JSON.stringify(args) : '',
  };
}
