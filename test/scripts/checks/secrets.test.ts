import { describe, expect, it } from 'vitest';
import { type BadCase, findingsWith } from './good-package.ts';

// Put together here, so that no scanner of this repository takes them for secrets.
const secret = (...parts: string[]) => ({ 'config.yaml': `a: 1\nvalue: ${parts.join('')}\n` });
const random = ['Zx8Kq2', 'Vn5Ltr', 'P7wYdc', 'M3bHgf', 'J9sRuE1'].join('');

describe('a secret', () => {
  it.each<BadCase>([
    [
      'a private key',
      secret('-----BEGIN RSA ', 'PRIVATE KEY-----'),
      'error: config.yaml:2 holds what looks like a private key',
    ],
    [
      'of OpenAI',
      secret('sk-', 'a'.repeat(24)),
      'error: config.yaml:2 holds what looks like an API key of OpenAI',
    ],
    [
      'of GitHub',
      secret('ghp_', 'a'.repeat(24)),
      'error: config.yaml:2 holds what looks like a token of GitHub',
    ],
    [
      'of Slack',
      secret('xoxb-', '1'.repeat(12)),
      'error: config.yaml:2 holds what looks like a token of Slack',
    ],
    [
      'of AWS',
      secret('AKIA', 'A1'.repeat(8)),
      'error: config.yaml:2 holds what looks like an access key of AWS',
    ],
    [
      'a JSON web token',
      secret('eyJ', 'a'.repeat(10), '.', 'b'.repeat(10), '.', 'c'.repeat(10)),
      'error: config.yaml:2 holds what looks like a JSON web token',
    ],
    [
      'a random text that is called one',
      { 'config.yaml': `api_key: ${random}\n` },
      'error: config.yaml:1 sets "api_key" to what looks like a secret: Zx8K…',
    ],
    ['the same in code', { 'a.py': `password = "${random}"\n` }, 'error: a.py:1 sets "password"'],
    [
      'a hexadecimal one',
      { 'config.yaml': 'secret: 0123456789abcdef\n' },
      'error: config.yaml:1 sets "secret"',
    ],
    [
      'a file that scanners leave out',
      { 'runtime/index.cjs': ' '.repeat(1024 * 1024 + 1) },
      'warning: runtime/index.cjs is larger than 1 MiB',
    ],
  ])('%s', (_what, changes, finding) => {
    expect(findingsWith(changes)).toContainEqual(expect.stringContaining(finding));
  });
});

describe('what is no secret', () => {
  it.each([
    ['a placeholder', 'config.yaml', 'api_key: your-api-key-goes-here\n'],
    ['a variable', 'config.yaml', 'api_key: $\u007bSOME_LONG_VARIABLE_NAME_0123}\n'],
    ['a number', 'config.yaml', 'max_tokens: 123456789012345\n'],
    ['an address', 'config.yaml', 'token_url: https://example.org/0123456789abcdefghij\n'],
    ['words', 'config.yaml', 'token_help: "What the server gives you when you ask"\n'],
    ['an expression in code', 'a.py', `token = ${random}\n`],
    ['a picture', 'a.png', `\0api_key: ${random}`],
  ])('%s', (_what, path, text) => {
    expect(findingsWith({ [path]: text })).toEqual([]);
  });
});
