/** A shorter schema's code is no longer than the call of another function. */
const SHORTEST = 20;

/**
 * Takes out of schemas what stands in them more than once: compiled, each place of a repeated part would have the code of all of it.
 * @returns the same schemas with references in their place, and the parts by the ids that the references name
 */
export function shareParts(schemas: ReadonlyMap<string, object>): {
  readonly schemas: ReadonlyMap<string, object>;
  readonly parts: ReadonlyMap<string, object>;
} {
  const counts = new Map<string, number>();
  const count = (value: unknown) => {
    const text = JSON.stringify(value);
    const times = (counts.get(text) ?? 0) + 1;
    counts.set(text, times);
    if (times === 1) for (const child of childrenOf(value)) count(child);
  };
  for (const schema of schemas.values()) count(schema);

  const parts = new Map<string, object>();
  const ids = new Map<string, string>();
  const shared = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shared);
    if (typeof value !== 'object' || value === null) return value;
    const text = JSON.stringify(value);
    const known = ids.get(text);
    if (known !== undefined) return { $ref: known };
    const inner = Object.fromEntries(Object.entries(value).map(([key, child]) => [key, shared(child)]));
    if (!isSchema(value) || text.length < SHORTEST || (counts.get(text) ?? 0) < 2) return inner;
    const id = `part${ids.size}`;
    ids.set(text, id);
    parts.set(id, inner);
    return { $ref: id };
  };
  const rest = new Map([...schemas].map(([id, schema]) => [id, shared(schema) as object]));
  return { schemas: rest, parts };
}

function isSchema(value: object): boolean {
  return 'type' in value && (typeof value.type === 'string' || Array.isArray(value.type));
}

function childrenOf(value: unknown): unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}
