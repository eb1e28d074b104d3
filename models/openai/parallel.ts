/**
 * Does the work of each item, at most `most` at once, in order of the items.
 * @param work gets a signal that aborts with `signal`, and as soon as the work of another item fails
 * @returns the results in the order of the items
 * @throws what the first work that failed threw; nothing of the rest is begun then
 */
export async function inParallel<T, R>(
  items: readonly T[],
  most: number,
  signal: AbortSignal,
  work: (item: T, signal: AbortSignal) => Promise<R>,
): Promise<R[]> {
  const [only] = items;
  if (only !== undefined && items.length === 1) return [await work(only, signal)]; // as in most calls: there is no other work to stop
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const results: R[] = [];
  const left = items.entries();
  const worker = async () => {
    for (const [index, item] of left) {
      either.throwIfAborted();
      results[index] = await work(item, either);
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
    return results;
  } catch (error) {
    failure.abort(error);
    throw error;
  }
}
