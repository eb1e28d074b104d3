import { describe, expect, it } from 'vitest';
import { cookieHeader, csrfToken, readCookies, withSetCookies } from '../../../src/import/console/cookies.ts';

describe('cookies', () => {
  const set = [
    '__Host-access_token=eyJ.a=b; Secure; HttpOnly; Path=/; SameSite=Lax',
    '__Host-csrf_token=eyJ.c; Expires=Mon, 30 Nov 2026 09:00:00 GMT; Path=/',
  ];

  it('go back as they were set, without what stands behind them', () => {
    const cookies = withSetCookies(new Map(), set);
    expect(cookieHeader(cookies)).toBe('__Host-access_token=eyJ.a=b; __Host-csrf_token=eyJ.c');
    expect(csrfToken(cookies)).toBe('eyJ.c');
  });

  it('are replaced, and taken away by an empty value', () => {
    const cookies = withSetCookies(withSetCookies(new Map(), set), [
      '__Host-csrf_token=new',
      '__Host-access_token=; Expires=Thu, 01 Jan 1970 00:00:00 GMT',
    ]);
    expect(cookieHeader(cookies)).toBe('__Host-csrf_token=new');
  });

  it('are read as a browser shows them', () => {
    expect([...readCookies(' access_token=a;csrf_token=b; =c; d ')]).toEqual([
      ['access_token', 'a'],
      ['csrf_token', 'b'],
    ]);
  });
});
