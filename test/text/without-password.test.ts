import { expect, it } from 'vitest';
import { withoutPassword } from '../../src/text/without-password.ts';

it.each([
  ['no password', 'http://proxy:3128', 'http://proxy:3128'],
  ['a plain one', 'http://user:secret@proxy:3128', 'http://***@proxy:3128'],
  ['a token alone', 'http://secret@proxy:3128', 'http://***@proxy:3128'],
  ['with a slash', 'http://user:sec/ret@proxy:3128', 'http://***@proxy:3128'],
  ['with an @', 'http://user:sec@ret@proxy:3128', 'http://***@proxy:3128'],
  ['with an @, percent-encoded', 'http://user:sec%40ret@proxy:3128', 'http://***@proxy:3128'],
  ['with ?, #, : and a line break', 'http://user:s?e#c:r\net@proxy:3128', 'http://***@proxy:3128'],
  ['without a scheme', 'user:sec/ret@proxy:3128', '***@proxy:3128'],
  ['without a scheme, with slashes', 'user:sec://ret@proxy:3128', '***@proxy:3128'],
  ['in upper case', 'HTTP://user:secret@proxy', 'HTTP://***@proxy'],
  ['percent-encoded as a whole', 'http%3A%2F%2Fuser%3Asecret%40proxy%3A3128', '***@proxy%3A3128'],
  ['in a list', '.local,http://user:secret@a,http://user:secret@b', '***@b'],
])('%s', (_what, address, shown) => {
  expect(withoutPassword(address)).toBe(shown);
});
