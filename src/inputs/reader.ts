import { shorten } from '../text.ts';

/** Defaults of action.yml, for inputs that are set but empty, e.g. from a variable that does not exist. */
export const DEFAULTS = {
  'job-name-match': 'exact',
  'lookback-minutes': '60',
  'job-api': 'auto',
  'client-auth-method': 'client_secret_basic',
  'timeout-minutes': '60',
  'min-interval-seconds': '1',
  'max-interval-seconds': '60',
  'max-outage-minutes': '10',
  'on-timeout': 'leave',
  'on-cancel': 'leave',
  'import-results': 'true',
} as const;

/** Inputs whose values are secret: never shown, not even when they are invalid. */
export const SECRET_INPUTS = ['token', 'password', 'client-secret'] as const;

/** How much of an input's value an error quotes, in characters. */
const QUOTE_LENGTH = 100;

/** Reads one input as the runner passes it: '' if it is not set. */
export type ReadInput = (name: string) => string;

/** The inputs, and the list of their errors. After an error, a reader continues with some valid value. */
export class Inputs {
  readonly #read: ReadInput;
  readonly #errors: string[];

  constructor(read: ReadInput, errors: string[]) {
    this.#read = read;
    this.#errors = errors;
  }

  error(message: string): void {
    this.#errors.push(message);
  }

  /** An input without the whitespace around it; undefined if it is empty. */
  given(name: string): string | undefined {
    return this.#read(name).trim() || undefined;
  }

  /** A secret without trailing line breaks, which come from files and copying. */
  secret(name: (typeof SECRET_INPUTS)[number]): string | undefined {
    return this.#read(name).replace(/[\r\n]+$/, '') || undefined;
  }

  /** One of a few words, in any case. */
  choice<T extends string>(name: keyof typeof DEFAULTS, allowed: readonly [T, ...T[]]): T {
    return this.oneOf(name, allowed) ?? allowed[0];
  }

  /** One of a few words, in any case; undefined for any other. */
  oneOf<T extends string>(name: keyof typeof DEFAULTS, allowed: readonly T[]): T | undefined {
    const value = this.given(name) ?? DEFAULTS[name];
    const chosen = allowed.find((one) => one === value.toLowerCase());
    if (chosen === undefined)
      this.error(`${name}: ${quoted(value)} is not supported. Supported values: ${allowed.join(', ')}.`);
    return chosen;
  }

  /** A decimal number in a range; `expected` describes it. */
  decimal(name: keyof typeof DEFAULTS, isValid: (n: number) => boolean, expected: string): number {
    const value = this.given(name) ?? DEFAULTS[name];
    const n = /^(\d+(\.\d*)?|\.\d+)$/.test(value) ? Number(value) : NaN;
    if (!isValid(n)) this.error(`${name}: must be ${expected}, but is ${quoted(value)}.`);
    return n;
  }
}

/** Quotes a value in an error. */
export function quoted(value: string): string {
  return JSON.stringify(shorten(value, QUOTE_LENGTH));
}

/**
 * Checks the URL of a server.
 * @returns the URL, or '' if it is invalid
 */
export function readHttpsUrl(inputs: Inputs, name: string, value: string): string {
  const url = URL.parse(value);
  const problem = url === null ? 'is not a URL. Start it with https://.' : urlProblem(url, value);
  if (problem !== undefined) inputs.error(`${name}: ${quoted(withoutUserInfo(value))} ${problem}`);
  return url === null ? '' : url.origin + url.pathname;
}

function urlProblem(url: URL, value: string): string | undefined {
  if (url.username || url.password) return 'contains credentials. Use the credential inputs instead.';
  if (/[?#]/.test(value)) return 'must not contain a query string or a fragment.';
  if (isSecure(url)) return undefined;
  return url.protocol === 'http:'
    ? 'must use https, because http sends credentials unencrypted.'
    : 'must be an https URL.';
}

/** Whether credentials may be sent to a URL: by https, or by http to this machine. */
export function isSecure(url: URL | null): boolean {
  return url?.protocol === 'https:' || (url?.protocol === 'http:' && isLoopback(url.hostname));
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function withoutUserInfo(value: string): string {
  return value.replace(/.*@/s, '***@');
}
