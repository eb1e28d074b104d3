/**
 * A value of JSON with each of its texts mapped; the names of its fields stay.
 * @param map gets a text and the name of the field that it stands in, in lists too
 */
export function mapTexts<T>(value: T, map: (text: string, name: string) => string, name = ''): T {
  const mapped: unknown = mapAny(value, map, name);
  return mapped as T; // of the same shape
}

function mapAny(value: unknown, map: (text: string, name: string) => string, name: string): unknown {
  if (typeof value === 'string') return map(value, name);
  if (Array.isArray(value)) return value.map(entry => mapAny(entry, map, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, mapAny(inner, map, key)]));
}
