import { checkBypass, getProxyUrl } from '@actions/http-client/lib/proxy';

/**
 * The proxy on the way to an address, by the variables that the runner and its steps share. Its user name and password
 * are as they are, not as a URL escapes them.
 * @returns undefined where there is none
 */
export function proxyOf(address: string): URL | undefined {
  return getProxyUrl(new URL(address));
}

/**
 * What is wrong with the proxy variable that applies to an address. http-client ignores in silence a proxy that it
 * cannot read (`proxy.local:8080` is a URL with the scheme `proxy.local`), and requests would bypass it.
 * @returns undefined where no proxy applies, or a usable one
 */
export function proxyProblem(address: string): string | undefined {
  const { env } = process;
  const url = new URL(address);
  const lower = `${url.protocol.slice(0, -1)}_proxy`;
  const name = env[lower] ? lower : lower.toUpperCase();
  if (!env[name] || checkBypass(url)) return undefined;
  if (isUsable(url)) return undefined;
  return `The proxy variable ${name} is not a URL such as http://proxy.example:8080 and would be ignored: correct it, or list ${url.hostname} in no_proxy`;
}

function isUsable(url: URL): boolean {
  try {
    const proxy = getProxyUrl(url);
    return Boolean(proxy?.hostname) && /^https?:/.test(proxy?.protocol ?? '');
  } catch {
    return false;
  }
}
