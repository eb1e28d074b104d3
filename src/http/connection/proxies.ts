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

/** Proxies are often named by host and port alone. */
function withScheme(proxy: string): string {
  return proxy === '' || proxy.includes('://') ? proxy : `http://${proxy}`;
}
