/**
 * An address as it was typed, or a list of them, as it may be shown. A password may hold any character, raw or percent-encoded, so
 * all that stands before the last `@` is taken for one, but for a scheme.
 */
export function withoutPassword(address: string): string {
  const [, scheme = '', userinfo = ''] = /^([a-z][a-z\d+.-]*:\/\/)?(.*(?:@|%40))?/is.exec(address) ?? [];
  return userinfo === '' ? address : `${scheme}***@${address.slice(scheme.length + userinfo.length)}`;
}
