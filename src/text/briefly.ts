import { textOf } from './text-of.ts';

/** A single short word, which can be no part of a prompt that matters. */
const WORD = /^[\w.+/-]{1,16}$/;
const MEDIA_TYPE = /^(?:text|application|audio|image|video|multipart)\/[\w.+]{1,24}(?:-stream|-data)?$/;

/**
 * What a value of somebody else's is, where a log may hold it: what is short as it is, of anything longer its kind and
 * length.
 */
export function briefly(value: unknown): string {
  if (typeof value === 'string') return WORD.test(value) ? value : `a text of ${value.length} characters`;
  if (typeof value !== 'object' || value === null) return textOf(value, 50);
  return Array.isArray(value) ? 'a list' : 'an object';
}

/** As {@link briefly}, of a `content-type` without its parameters. */
export function brieflyType(contentType: string): string {
  if (contentType === '') return 'no type';
  return MEDIA_TYPE.test(contentType) ? contentType : 'an unusual type';
}
