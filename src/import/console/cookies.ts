/** The cookies of a session, by name. */
export type Cookies = ReadonlyMap<string, string>;

/**
 * What an answer's `Set-Cookie` headers make of the cookies. Paths, domains and times are not looked at: a session lives
 * for minutes and speaks to one API. An empty value takes a cookie away, which is how Dify clears them.
 */
export function withSetCookies(cookies: Cookies, headers: readonly string[]): Cookies {
  return headers.reduce((all, header) => withPair(all, header.split(';', 1)[0] ?? ''), new Map(cookies));
}

/** Reads a `Cookie` header, such as a browser shows it. */
export function readCookies(header: string): Cookies {
  return header.split(';').reduce(withPair, new Map<string, string>());
}

/** As the `Cookie` header has them. */
export function cookieHeader(cookies: Cookies): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
}

/** The token against forged requests. The cookie's name has `__Host-` in front where Dify is served by https. */
export function csrfToken(cookies: Cookies): string | undefined {
  return [...cookies].find(([name]) => name.endsWith('csrf_token'))?.[1];
}

function withPair(cookies: Map<string, string>, pair: string): Map<string, string> {
  const [, name = '', value = ''] = /^([^=\s]+)=(.*)$/.exec(pair.trim()) ?? [];
  if (name === '') return cookies;
  if (value === '') cookies.delete(name);
  else cookies.set(name, value);
  return cookies;
}
