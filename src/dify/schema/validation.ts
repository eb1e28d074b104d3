import type { ErrorObject } from 'ajv';

/** Tells whether a value is a `T`. After a `false`, `errors` says why; `explain` makes a sentence of it. */
export interface Validator<T> {
  (value: unknown): value is T;
  errors?: readonly ErrorObject[] | null | undefined;
}

/**
 * What is wrong with a value, as a part of a sentence, for example `/messages/0/role must be one of system, user` or
 * `/model is missing`. It names the place and the rule, never the value.
 *
 * Where a value may have several shapes, the errors of all of them are there. The shape that was meant is the one
 * that fits best, so the error that lies deepest counts; the rules of shapes that fail at the same place are joined.
 */
export function explain(errors: Validator<unknown>['errors']): string {
  const places = (errors ?? []).filter(error => !COMBINING.has(error.keyword)).map(placeOf);
  const first = places[0];
  if (first === undefined) return 'it is not valid';
  const deepest = places.reduce((best, place) => (place.depth > best.depth ? place : best), first);
  const there = places.filter(place => place.path === deepest.path);
  return `${deepest.path || 'it'} ${rule(there.map(place => place.error))}`;
}

/** Keywords whose errors only say that all of the shapes below them failed. */
const COMBINING: ReadonlySet<string> = new Set(['anyOf', 'oneOf', 'if']);

interface Place {
  readonly error: ErrorObject;
  /** A JSON pointer to the part of the value that is wrong. */
  readonly path: string;
  readonly depth: number;
}

function placeOf(error: ErrorObject): Place {
  const { missingProperty, additionalProperty }: Record<string, unknown> = error.params;
  const property = missingProperty ?? additionalProperty;
  const path = property === undefined ? error.instancePath : `${error.instancePath}/${property}`;
  return { error, path, depth: path.split('/').length };
}

function rule(errors: readonly ErrorObject[]): string {
  // A shape whose type fits is the one that was meant.
  const meant = errors.find(error => !CHOICES.has(error.keyword));
  if (meant?.keyword === 'required') return 'is missing';
  if (meant?.keyword === 'additionalProperties') return 'is not known';
  if (meant !== undefined) return meant.message ?? 'is not valid';
  const offered = [...new Set(offers(errors))];
  return offered.length > 1 ? `must be one of ${offered.join(', ')}` : `must be ${offered[0]}`;
}

/** Keywords that say what may stand at a place. */
const CHOICES: ReadonlySet<string> = new Set(['type', 'const', 'enum']);

/** What each shape takes at one place: its values where it lists them, which come after its type, else its type. */
function offers(errors: readonly ErrorObject[]): readonly string[] {
  const byShape = new Map<string, readonly unknown[]>();
  for (const { keyword, params, schemaPath } of errors) {
    const shape = schemaPath.slice(0, schemaPath.lastIndexOf('/'));
    const { allowedValues, allowedValue, type }: Record<string, unknown> = params;
    if (Array.isArray(allowedValues)) byShape.set(shape, allowedValues);
    else if (keyword === 'const') byShape.set(shape, [allowedValue]);
    else byShape.set(shape, [type].flat());
  }
  return [...byShape.values()].flat().map(String);
}
