/** The proxies of the environment, as undici takes them; an empty text means none. */
export interface Proxies {
  readonly httpProxy: string;
  readonly httpsProxy: string;
  readonly noProxy: string;
}

/**
 * What `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` say, in either case; the lower one wins, as it does with curl.
 * @returns undefined when no proxy is named
 */
export function proxiesOf(env: NodeJS.ProcessEnv): Proxies | undefined {
  const named = (name: string) => env[name]?.trim() || env[name.toUpperCase()]?.trim() || '';
  const httpProxy = withScheme(named('http_proxy'));
  const httpsProxy = withScheme(named('https_proxy'));
  if (httpProxy === '' && httpsProxy === '') return undefined;
  return { httpProxy, httpsProxy, noProxy: named('no_proxy') };
}

/** What no message may show of the proxies of the environment: passwords, as they were typed and as they are sent. */
export function secretsOfProxies(env: NodeJS.ProcessEnv): string[] {
  const { httpProxy = '', httpsProxy = '' } = proxiesOf(env) ?? {};
  return [httpProxy, httpsProxy].flatMap(url => {
    const userinfo = url.slice(url.indexOf('://') + 3, Math.max(0, url.lastIndexOf('@')));
    const password = userinfo.slice(userinfo.indexOf(':') + 1);
    return [userinfo, password].flatMap(typed => [typed, decoded(typed)]).filter(text => text !== '');
  });
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a % that begins no escape
  }
}

/** Proxies are often named by host and port alone. */
function withScheme(proxy: string): string {
  return proxy === '' || proxy.includes('://') ? proxy : `http://${proxy}`;
}
