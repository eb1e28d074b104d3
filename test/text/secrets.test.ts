import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Secrets } from '../../src/text/secrets.ts';
import { growthOver8 } from '../growth.ts';

/** Every character that somebody has to escape somewhere. */
const key = 'sk-A/b+c="d\\e&<f>\'41%%7g';

const inJson = (text: string) => JSON.stringify(text).slice(1, -1);
const allEscaped = (text: string) => [...text].map(c => `\\u${hexOf(c).padStart(4, '0')}`).join('');
const inPage = (text: string) =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#x27;');
const hexOf = (character: string) => character.charCodeAt(0).toString(16);
const lowerHex = (text: string) => text.replace(/%../g, hex => hex.toLowerCase());
const everyPercent = (text: string) => [...text].map(c => `%${hexOf(c)}`).join('');

const SPELLINGS: readonly (readonly [string, (text: string) => string])[] = [
  ['as it is', text => text],
  ['in JSON', inJson],
  ['in JSON in JSON', text => inJson(inJson(text))],
  ['in JSON in JSON in JSON', text => inJson(inJson(inJson(text)))],
  ['in JSON with escaped slashes', text => inJson(text).replaceAll('/', '\\/')],
  ['in JSON, all escaped', allEscaped],
  ['in JSON, all escaped, upper case', text => allEscaped(text).toUpperCase().replaceAll('\\U', '\\u')],
  ['in JSON, all escaped, in JSON', text => inJson(allEscaped(text))],
  ['as Python writes bytes', text => [...text].map(c => `\\x${hexOf(c)}`).join('')],
  ['in a URL', encodeURIComponent],
  ['in a URL, lower case', text => lowerHex(encodeURIComponent(text))],
  ['in a URL in a URL', text => encodeURIComponent(encodeURIComponent(text))],
  ['in a URL in a URL, lower case', text => lowerHex(encodeURIComponent(encodeURIComponent(text)))],
  ['in a URL, all of it', everyPercent],
  ['in a page', inPage],
  ['in a page, in JSON', text => inJson(inPage(text))],
  ['in a page, by numbers', text => [...text].map(c => `&#${c.charCodeAt(0)};`).join('')],
  ['in a page, by padded numbers', text => [...text].map(c => `&#x00${hexOf(c)};`).join('')],
  ['in a URL in JSON in a page', text => inPage(inJson(encodeURIComponent(text)))],
  ['in JSON in a URL', text => encodeURIComponent(inJson(text))],
  ['in upper case', text => text.toUpperCase()],
  ['in lower case', text => text.toLowerCase()],
  ['over several lines', text => text.replace(/.{7}/g, '$&\r\n')],
  ['in hexadecimal digits', text => Buffer.from(text).toString('hex')],
];

describe('strikes a key out', () => {
  it.each(SPELLINGS)('%s', (_how, spell) => {
    const text = `Bearer ${spell(key)} is wrong, ${spell(key)}!`;
    expect(new Secrets([key]).strikeOut(text)).toBe('Bearer *** is wrong, ***!');
    expect(new Secrets([key]).strikeOutOfOurs(text)).toBe('Bearer *** is wrong, ***!');
  });

  it.each([0, 1, 2].flatMap(shift => (['base64', 'base64url'] as const).map(form => [form, shift] as const)))(
    'in %s, with %i bytes before it',
    (form, shift) => {
      const odd = `${key}???>>>~~~`;
      const encoded = Buffer.from(`${'x'.repeat(shift)}${odd}&more`).toString(form);
      const text = new Secrets([odd]).strikeOut(`Basic ${encoded}.`);
      expect(text).toMatch(/^Basic [\w+/-]{0,4}\*\*\*[\w+/=-]{0,12}\.$/);
    },
  );

  it('six times in JSON, where it has escapes itself', () => {
    const secret = '\\         A';
    let text = secret;
    for (let time = 0; time < 6; time++) text = inJson(text);
    expect(new Secrets([secret]).strikeOut(`wrong: ${text}`)).toBe('wrong: ***');
  });

  it('in base64 on lines of 76 characters, in JSON', () => {
    const long = key.repeat(12);
    const lines = Buffer.from(`user:${long}`).toString('base64').replace(/.{76}/g, '$&\n');
    expect(new Secrets([long]).strikeOut(inJson(lines))).toMatch(/^.{0,8}\*\*\*.{0,4}$/);
  });

  it('in any of the ways within one another', () => {
    const ways = SPELLINGS.map(([, spell]) => spell).slice(0, -2);
    const way = fc.constantFrom(...ways);
    const value = fc
      .string({ minLength: 10, maxLength: 40, unit: 'grapheme-ascii' })
      .map(text => text.trim());
    fc.assert(
      fc.property(value, way, way, (secret, first, second) => {
        fc.pre(secret.length >= 10 && !/[a-z]{4}/i.test(secret) && /[a-z]/i.test(secret));
        const text = new Secrets([secret]).strikeOut(`wrong: ${second(first(secret))}`);
        expect(text).toBe('wrong: ***');
      }),
      { numRuns: 500 },
    );
  });

  it('also where more keys are known, one of them within another', () => {
    const secrets = new Secrets([
      undefined,
      '',
      'token-1234',
      'token-12345678',
      'X-Gateway 9f8e7d6c5b4a',
      key,
    ]);
    expect(secrets.strikeOut('token-12345678, token-1234, token-123 and 9F8E7D6C5B4A')).toBe(
      '***, ***, token-123 and ***',
    );
  });

  it('where somebody else cut it', () => {
    const secrets = new Secrets(['sk-Q7wE9rT2yU4iO6pA8sD1fG3hJ5kL0zX']);
    expect(secrets.strikeOut('wrong: sk-Q7wE9rT2yU4i…')).toBe('wrong: ***…');
    expect(secrets.strikeOut('wrong: sk-Q7w')).toBe('wrong: ***');
    expect(secrets.strikeOut('sk-Q7w is the start of a key')).toBe('sk-Q7w is the start of a key');
  });
});

describe('leaves alone', () => {
  it.each([
    ['x', 'the maximum context of x', 'the maximum context of x'],
    ['failed', 'Too many failedattempts', 'Too many failedattempts'],
    ['secret', 'key=secret, "secret" and secret.', 'key=***, "***" and ***.'],
    ['12345', 'port 12345 of 123456', 'port *** of 123456'],
    ['x7', 'fx7x', 'fx7x'],
  ])('the short key %s where it is a part of a word', (short, text, expected) => {
    expect(new Secrets([short]).strikeOut(text)).toBe(expected);
  });

  it.each(['model', 'xinference', 'Authorization', '9997', '192.168.1.10', 'tiny-llm'])(
    'our own words, where %s is the key',
    word => {
      const ours = `Xinference refuses the model tiny-llm at http://192.168.1.10:9997: look at ${word}.`;
      expect(new Secrets([word]).strikeOutOfOurs(ours)).toBe(ours);
    },
  );

  it('a key of pattern characters for what it is', () => {
    expect(new Secrets(['.*(?:[)']).strikeOut('a.b axb .*(?:[) (?:')).toBe('a.b axb *** (?:');
  });

  it('everything, where no secret is known', () => {
    const text = 'nothing to hide: \\u0041 %41 \ud800';
    expect(new Secrets([]).strikeOut(text)).toBe(text);
    expect(new Secrets([undefined, '', '  ']).strikeOut(text)).toBe(text);
    expect(new Secrets([key]).strikeOut(text)).toBe(text);
  });
});

describe('issue 16, 1: takes eight times as long for eight times as much', () => {
  const jwt = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(Array.from({ length: 1480 }, (_, i) => (i * i * 7919) % 251)).toString('base64url')}`;
  const texts: readonly (readonly [string, string, string])[] = [
    ['a key of 24 backslashes', '\\'.repeat(24), '\\'],
    ['a key of 24 backslashes, nearly met', '\\'.repeat(24), `${'\\'.repeat(23)}x`],
    ['a key of 4,000 characters', 'k3Y-'.repeat(1000), 'k3Y-'],
    ['a key of 4,000 characters, nearly met', `${'a'.repeat(3999)}1`, 'a'],
    ['a key of 4,000 characters, met from behind', `1${'a'.repeat(3999)}`, 'a'],
    ['a JWT of 2,000', jwt, `{"detail":"Invalid token ${jwt}"}`],
    ['escapes within escapes', jwt, '%25'],
    ['many entities', jwt, '&#x26;&&&&'],
  ];

  it.each(texts)('%s, and a longer text', (_what, secret, piece) => {
    const growth = growthOver8(16_000, size => {
      const text = piece.repeat(size / piece.length);
      return () => new Secrets([secret]).strikeOut(text);
    });
    expect(growth).toBeLessThan(20);
  });

  it.each(['\\', 'k3Y-', 'a'])('a longer key of %j', piece => {
    const growth = growthOver8(500, size => {
      const secret = piece.repeat(size / piece.length);
      return () => new Secrets([secret]).strikeOut(piece.repeat(5_000 / piece.length));
    });
    expect(growth).toBeLessThan(20);
  });

  it('more keys', () => {
    const growth = growthOver8(50, size => {
      const secrets = Array.from({ length: size }, (_, at) => `${'a'.repeat(at % 60)}-${at}-value`);
      return () => new Secrets(secrets).strikeOut('a'.repeat(5_000));
    });
    expect(growth).toBeLessThan(20);
  });
});
