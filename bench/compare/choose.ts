/**
 * Those of a list that a command's options ask for: all, or what `--only` names.
 * @throws Error for a name that is not there, and where a part would be saved over the whole
 */
export function choose<T extends { readonly id: string }>(
  all: readonly T[],
  { only, save }: { readonly only?: string | undefined; readonly save: boolean },
): readonly T[] {
  if (only === undefined) return all;
  if (save) throw new Error('What is saved is the whole: leave out --only.');
  const ids = only.split(',');
  const unknown = ids.filter(id => !all.some(one => one.id === id));
  if (unknown.length === 0) return all.filter(({ id }) => ids.includes(id));
  throw new Error(`There is no ${unknown.join(', ')}, but ${all.map(({ id }) => id).join(', ')}.`);
}
