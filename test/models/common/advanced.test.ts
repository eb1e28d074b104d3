import { describe, expect, test } from 'vitest';
import { extraBodyOf, readAdvanced } from '../../../models/common/advanced.ts';
import { InvalidCredentialsError, textField } from '../../../models/common/credentials.ts';

const read = (advanced: unknown) => () => readAdvanced({ advanced }, 'token_count');

describe('issue 20: `advanced` is read strictly', () => {
  test.each([undefined, null, '', '  ', '{}'])('%j holds nothing', advanced => {
    expect(read(advanced)()).toEqual({});
  });

  test('gives what stands in it', () => {
    const text = ' {"token_count": "server", "extra_body": {"a": [1]}} ';
    const fields = read(text)();
    expect(fields).toEqual({ token_count: 'server', extra_body: { a: [1] } });
    expect(extraBodyOf(fields)).toEqual({ a: [1] });
  });

  test.each(['{', 'yes', '[]', '7', '"text"', 'null', `${'['.repeat(5000)}${']'.repeat(5000)}`])(
    '%.20s is no JSON object',
    advanced => {
      expect(read(advanced)).toThrow(InvalidCredentialsError);
      expect(read(advanced)).toThrow(/"Advanced" must be a JSON object.*extra_body, token_count/);
    },
  );

  test.each([
    ['{"extra_body": {},}', 18],
    ["{'extra_body': {}}", 1],
    ['{"extra_body": {}}}', 18],
  ])('where %s is no JSON is said', (advanced, position) => {
    expect(read(advanced)).toThrow(new RegExp(`must be a JSON object.*at position ${position}\\b`));
  });

  test('a part of it is not shown', () => {
    expect(read('{"extra_body": {"password": pa55word}}')).toThrow(/^(?!.*pa55).*Unexpected token/);
  });

  test.each(['{"Token_count": "server"}', '{"seed": 1}', '{"sample_text": "a"}', '{"__proto__": 1}'])(
    '%s has a key that the model type does not know: the known ones are listed',
    advanced => {
      expect(read(advanced)).toThrow(/unknown key.*Known for this model type: extra_body, token_count/);
    },
  );

  test.each([[[]], ['a'], [1], [true]])('extra_body must be an object, not %j', extra_body => {
    expect(() => extraBodyOf({ extra_body })).toThrow(/"extra_body" in the field "Advanced" must be/);
  });

  test('has room for a sample of a voice, and no more', () => {
    expect(textField({ advanced: 'x'.repeat(3_000_000) }, 'advanced')).toHaveLength(3_000_000);
    expect(() => textField({ advanced: 'x'.repeat(3_000_001) }, 'advanced')).toThrow(
      /"Advanced" has 3000001 characters, and may have 3000000/,
    );
    expect(() => textField({ language: 'x'.repeat(2_001) }, 'language')).toThrow(/may have 2000/);
  });
});
