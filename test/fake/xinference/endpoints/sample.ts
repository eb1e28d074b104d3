interface Schema {
  readonly type?: string | readonly string[];
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

/** A small value that fits a JSON schema: every property, the first of an enum, one item in a list. */
export function sample(schema: unknown): unknown {
  const { type, enum: options, properties = {}, items = {} } = (schema ?? {}) as Schema;
  if (options !== undefined) return options[0];
  switch (typeof type === 'string' ? type : type?.[0]) {
    case 'string':
      return 'Paris';
    case 'integer':
      return 3;
    case 'number':
      return 1.5;
    case 'boolean':
      return true;
    case 'array':
      return [sample(items)];
    case 'null':
      return null;
    default:
      return Object.fromEntries(
        Object.entries(properties).map(([name, property]) => [name, sample(property)]),
      );
  }
}
