import { checkBypass, getProxyUrl } from '@actions/http-client/lib/proxy';

/**
 * The proxy for an address, from the variables that the runner and its steps share. Its user name and password are
 * decoded.
 * @returns undefined if there is none
 */
export function proxyOf(address: string): URL | undefined {
  return getProxyUrl(new URL(address));
}

/**
 * Checks the proxy variable that applies to an address. http-client silently ignores a proxy that it cannot parse
 * (`proxy.local:8080` is a URL with the scheme `proxy.local`), and requests would bypass it.
 * @returns what is wrong with it; undefined if no proxy applies, or a usable one
 */
export function proxyProblem(address: string): string | undefined {
  const { env } = process;
  const url = new URL(address);
  const lower = `${url.protocol.slice(0, -1)}_proxy`;
  const name = env[lower] ? lower : lower.toUpperCase();
  if (!env[name] || checkBypass(url)) return undefined;
  if (isUsable(url)) return undefined;
  return `The proxy variable ${name} is not a URL such as http://proxy.example:8080, so it would be ignored. Correct it, or add ${url.hostname} to no_proxy.`;
}

function isUsable(url: URL): boolean {
  try {
    const proxy = getProxyUrl(url);
    return Boolean(proxy?.hostname) && /^https?:/.test(proxy?.protocol ?? '');
  } catch {
    return false;
  }
}
