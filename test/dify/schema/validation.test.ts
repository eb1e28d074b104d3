import { Type } from 'typebox';
import { describe, expect, test } from 'vitest';
import { compileSchemas } from '../../../src/dify/schema/compile-schemas.ts';
import { explain } from '../../../src/dify/schema/validation.ts';

const nullable = Type.Union([Type.String({ minLength: 1 }), Type.Null()]);
const { message } = compileSchemas({
  message: Type.Object(
    {
      role: Type.Union([Type.Literal('system'), Type.Literal('user')]),
      content: Type.Union([Type.String(), Type.Array(Type.Object({ type: Type.Enum(['text', 'image']) }))]),
      name: Type.Optional(nullable),
      rank: Type.Optional(Type.Integer({ minimum: 1 })),
      only: Type.Optional(Type.Literal('this')),
    },
    { additionalProperties: false },
  ),
});

describe('explain', () => {
  const valid = { role: 'user', content: 'Hi' };

  test.each<[value: unknown, problem: string]>([
    ['Hi', 'it must be object'],
    [{ content: 'Hi' }, '/role is missing'],
    [{ ...valid, role: 'bot' }, '/role must be one of system, user'],
    [{ ...valid, role: 7 }, '/role must be one of system, user'],
    [{ ...valid, content: 7 }, '/content must be one of string, array'],
    [
      { ...valid, content: [{ type: 'text' }, { type: 'smell' }] },
      '/content/1/type must be one of text, image',
    ],
    [{ ...valid, content: [{}] }, '/content/0/type is missing'],
    [{ ...valid, name: '' }, '/name must NOT have fewer than 1 characters'],
    [{ ...valid, name: 7 }, '/name must be one of string, null'],
    [{ ...valid, rank: 0 }, '/rank must be >= 1'],
    [{ ...valid, rank: 1.5 }, '/rank must be integer'],
    [{ ...valid, only: 'that' }, '/only must be this'],
    [{ ...valid, colour: 'red' }, '/colour is not known'],
  ])('%j: %s', (value, problem) => {
    expect(message(value)).toBe(false);
    expect(explain(message.errors)).toBe(problem);
  });

  test('never repeats the value', () => {
    expect(message({ ...valid, role: 'sk-secret', name: 7 })).toBe(false);
    expect(explain(message.errors)).not.toContain('sk-secret');
  });
});

test('a validator is a type guard', () => {
  const value: unknown = { role: 'user', content: 'Hi', name: null };
  expect(message(value) && value.role).toBe('user');
});

test('a schema with a keyword that nobody knows is refused', () => {
  expect(() => compileSchemas({ odd: Type.String({ minLenght: 1 }) })).toThrow('minLenght');
});
