import type { ToolCall } from '../../../src/dify/index.ts';
import { isObject } from '../../../src/text/json.ts';
import { nodeCrypto } from '../../../src/text/node-crypto.ts';
import { stringOf } from '../request/json.ts';
import { CallArguments } from './call-arguments.ts';

const MOST_CALLS = 1_000;
const LONGEST_CALLS = 8 * 1024 * 1024;

interface PartialCall {
  id: string;
  name: string;
  readonly args: CallArguments;
  /** Which the server gave it. */
  index: number | undefined;
  /** The call before it that it may only repeat. */
  readonly before: PartialCall | undefined;
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
 * interleaved calls, and some of its agents run every delta they see. Servers label the pieces of a call by its index,
 * its id, both or neither, and some of these labels lie. So a call begins, in this order:
 *
 * 1. A delta goes on the call of its index, whatever its id says; without an index on that of its id, else the latest.
 * 2. It begins another where it brings a name while the arguments of that call are a whole JSON object.
 */
export class ToolCallCollector {
  readonly #calls: PartialCall[] = [];
  readonly #byIndex = new Map<number, PartialCall>();
  readonly #byId = new Map<string, PartialCall>();
  #latest: PartialCall | undefined;
  #length = 0;

  /** Whether it is more than one message to a host can hold. What comes is kept until the end, so it has to have one. */
  get isTooMuch(): boolean {
    return this.#calls.length > MOST_CALLS || this.#length > LONGEST_CALLS;
  }

  /** Whether there is no call that can be carried out. */
  get isEmpty(): boolean {
    return !this.#calls.some(isNamed);
  }

  /** Whether the arguments of a call end in their middle. */
  get isCut(): boolean {
    return this.#calls.some(call => isNamed(call) && call.args.isCut);
  }

  /** What is called, in the order in which the calls began. */
  get names(): string[] {
    return this.#calls.filter(isNamed).map(({ name }) => name);
  }

  /**
   * @param deltas `tool_calls` of a delta, as it came; anything else than a list is nothing
   * @returns whether another call has begun
   */
  add(deltas: unknown): boolean {
    const before = this.#calls.length;
    const inThisList = new Set<PartialCall>();
    for (const entry of Array.isArray(deltas) ? deltas : []) {
      if (!isObject(entry)) continue;
      const delta = readDelta(entry);
      const found = this.#find(delta);
      const call =
        found === undefined || isAnother(found, delta, inThisList) ? this.#begin(delta, found) : found;
      if (delta.name !== '') inThisList.add(call);
      this.#goOn(call, delta);
    }
    return this.#calls.length > before;
  }

  /** @param calls `tool_calls` of a whole message: each of them is a call of its own, whatever its labels say */
  addWhole(calls: unknown): void {
    for (const entry of Array.isArray(calls) ? calls : []) {
      if (!isObject(entry)) continue;
      const delta = readDelta(entry);
      this.#goOn(this.#begin(delta, undefined), delta);
    }
  }

  /**
   * The calls in the order in which they began. A call without an id, or with that of another, gets one of its own; one
   * without a name is nothing anybody could call. Arguments that are no JSON (cut by the length limit) stay as they
   * came; none at all mean a call without arguments.
   */
  finish(): ToolCall[] {
    const told: (PartialCall & { readonly text: string })[] = [];
    const ids = new Set<string>();
    return this.#calls.filter(isNamed).flatMap(call => {
      const text = call.args.finish();
      if (isRepeated(call) || told.some(other => isSame(call, text, other))) return [];
      told.push({ ...call, text });
      const id = call.id === '' || ids.has(call.id) ? `call_${nodeCrypto().randomUUID()}` : call.id;
      ids.add(id);
      return [{ id, type: 'function' as const, function: { name: call.name, arguments: text } }];
    });
  }

  /** The call whose labels a delta bears. */
  #find({ index, id, name }: CallDelta): PartialCall | undefined {
    const ofIndex = index === undefined ? undefined : this.#byIndex.get(index);
    if (ofIndex !== undefined) return ofIndex;
    const ofId = id === '' ? undefined : this.#byId.get(id);
    if (index === undefined && (ofId !== undefined || id === '')) return ofId ?? this.#latest;
    // A label that is new begins a call, unless it comes without a name and the call before it is not complete.
    const open =
      ofId ??
      (index === undefined || (this.#latest && this.#latest.index === undefined) ? this.#latest : undefined);
    return name === '' && open !== undefined && isNamed(open) && !open.args.isWhole ? open : undefined;
  }

  #begin({ index }: CallDelta, before: PartialCall | undefined): PartialCall {
    const call = { id: '', name: '', args: new CallArguments(), index, before };
    this.#calls.push(call);
    return call;
  }

  #goOn(call: PartialCall, { index, id, name, args }: CallDelta): void {
    if (index !== undefined) this.#byIndex.set(index, call);
    if (id !== '') this.#byId.set(id, call);
    this.#latest = call;
    call.id ||= id;
    call.name = joinNames(call.name, name);
    call.args.push(args);
    this.#length += args.length + name.length;
  }
}

function isNamed({ name }: PartialCall): boolean {
  return name !== '';
}

/** Whether a delta begins another call than the one that its labels name. */
function isAnother(
  call: PartialCall,
  { index, name }: CallDelta,
  inThisList: ReadonlySet<PartialCall>,
): boolean {
  if (name === '' || call.name === '') return false;
  // In one list two names are two calls, unless an index says that they are pieces of one.
  if (inThisList.has(call) && (index === undefined || name !== call.name)) return true;
  return call.args.isWhole;
}

/** A name comes once, or again in every delta, or in pieces, or as all of it so far. */
function joinNames(name: string, piece: string): string {
  if (piece === '' || piece === name) return name;
  return piece.startsWith(name) ? piece : name + piece;
}

/**
 * A name that comes once more after the arguments, and no arguments with it, is no call: under the index of the call before
 * it, whatever its id says.
 */
function isRepeated({ id, index, name, args, before }: PartialCall): boolean {
  if (before === undefined || before.args.isEmpty || !args.isEmpty) return false;
  return (
    name === before.name && (id === '' || id === before.id || (index !== undefined && index === before.index))
  );
}

/** Two calls of one id under several indexes are one that was sent several times; so are two without ids under one index. */
function isSame(call: PartialCall, text: string, other: PartialCall & { readonly text: string }): boolean {
  if (call.index === undefined || other.index === undefined) return false;
  const isOne = call.id === other.id && (call.id !== '' || call.index === other.index);
  return isOne && call.name === other.name && text === other.text;
}

function readDelta({ index, id, function: called }: Record<string, unknown>): CallDelta {
  const { name, arguments: args } = isObject(called) ? called : {};
  return {
    index: typeof index === 'number' || /^\d{1,4}$/.test(stringOf(index)) ? Number(index) : undefined,
    id: stringOf(id),
    name: stringOf(name),
    // Some servers give the arguments as an object.
    args: typeof args === 'object' && args !== null ? JSON.stringify(args) : stringOf(args),
  };
}
