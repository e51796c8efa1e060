import { BEARER_TOKEN, type CredentialSettings } from './collibra/auth.ts';
import { isUuid, type JobApi } from './collibra/job.ts';
import { array, parse, parseJson, string } from './collibra/schema.ts';
import { shorten } from './text.ts';
import { ACCEPTABLE_RESULTS, type Policy } from './verdict.ts';
import { NAME_MATCHES, type JobQuery } from './job-query.ts';
import type { PollOptions } from './polling/poll.ts';

/** All inputs of the step, checked. */
export interface Settings {
  /** Without a trailing slash. */
  readonly url: string;
  readonly target: { readonly kind: 'ids'; readonly ids: readonly string[] } | ({ readonly kind: 'name' } & JobQuery);
  readonly credentials: CredentialSettings;
  readonly policy: Policy;
  readonly jobApi: JobApi | 'auto';
  readonly polling: PollOptions;
  readonly onTimeout: 'leave' | 'delete';
  readonly onCancel: 'leave' | 'delete';
  readonly importResults: boolean;
  readonly errorsFile: string | undefined;
}

/** Defaults of action.yml, for inputs that are set but empty, e.g. from a variable that does not exist. */
export const DEFAULTS = {
  'job-name-match': 'exact',
  'lookback-minutes': '60',
  'job-api': 'auto',
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

const MAX_JOBS = 100;
const MAX_TIMEOUT_MINUTES = 7200;
const MIN_INTERVAL_SECONDS = 0.1;

/** Longer than any wait: a longer span is a typing error. */
const MAX_SPAN_MINUTES = 1_000_000;

/** How much of an input's value an error quotes, in characters. */
const QUOTE_LENGTH = 100;

/** Reads one input as the runner passes it: '' if it is not set. */
export type ReadInput = (name: string) => string;

/**
 * Reads and checks all inputs.
 * @returns the settings, or all errors at once, each with the input's name and value
 */
export function readSettings(read: ReadInput): Settings | { readonly errors: readonly string[] } {
  const errors: string[] = [];
  const inputs = new Inputs(read, errors);
  const url = readUrl(inputs);
  const settings: Settings = {
    url,
    target: readTarget(inputs),
    credentials: readCredentials(inputs, url),
    policy: readPolicy(inputs),
    jobApi: inputs.choice('job-api', ['auto', 'jobs-v1', 'core-2.0']),
    polling: readPolling(inputs),
    onTimeout: inputs.choice('on-timeout', ['leave', 'delete']),
    onCancel: inputs.choice('on-cancel', ['leave', 'delete']),
    importResults: inputs.choice('import-results', ['true', 'false']) === 'true',
    errorsFile: inputs.given('errors-file'),
  };
  return errors.length > 0 ? { errors } : settings;
}

/** The inputs, and the list of their errors. After an error, a reader continues with some valid value. */
class Inputs {
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
    const value = this.given(name) ?? DEFAULTS[name];
    const chosen = allowed.find((one) => one === value.toLowerCase());
    if (chosen === undefined)
      this.error(`${name}: ${quoted(value)} is not supported. Supported values: ${allowed.join(', ')}.`);
    return chosen ?? allowed[0];
  }

  /** A decimal number in a range; `expected` describes it. */
  decimal(name: keyof typeof DEFAULTS, isValid: (n: number) => boolean, expected: string): number {
    const value = this.given(name) ?? DEFAULTS[name];
    const n = /^(\d+(\.\d*)?|\.\d+)$/.test(value) ? Number(value) : NaN;
    if (!isValid(n)) this.error(`${name}: must be ${expected}, but is ${quoted(value)}.`);
    return n;
  }
}

function quoted(value: string): string {
  return JSON.stringify(shorten(value, QUOTE_LENGTH));
}

function readUrl(inputs: Inputs): string {
  const value = inputs.given('url');
  if (value !== undefined) return readHttpsUrl(inputs, 'url', value).replace(/\/+$/, '');
  inputs.error('url: is missing. Set it to the base URL of your Collibra environment, e.g. https://acme.collibra.com.');
  return '';
}

/** @returns the URL, or '' if it is invalid */
function readHttpsUrl(inputs: Inputs, name: string, value: string): string {
  const url = URL.parse(value);
  const problem = url === null ? 'is not a URL. Start it with https://.' : urlProblem(url, value);
  if (problem !== undefined) inputs.error(`${name}: ${quoted(withoutUserInfo(value))} ${problem}`);
  return url === null ? '' : url.origin + url.pathname;
}

function urlProblem(url: URL, value: string): string | undefined {
  if (url.username || url.password) return 'contains credentials. Use the credential inputs instead.';
  if (/[?#]/.test(value)) return 'must not contain a query string or a fragment.';
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return 'must use https, because http sends credentials unencrypted.';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'must be an https URL.';
  return undefined;
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}

function withoutUserInfo(value: string): string {
  return value.replace(/.*@/s, '***@');
}

function readTarget(inputs: Inputs): Settings['target'] {
  const ids = inputs.given('job-id');
  const name = inputs.given('job-name');
  if (ids !== undefined && name !== undefined) inputs.error('job-id, job-name: both are set. Set only one of them.');
  if (ids === undefined && name === undefined) inputs.error('job-id, job-name: both are missing. Set one of them.');
  const nameMatch = inputs.choice('job-name-match', NAME_MATCHES);
  const type = inputs.given('job-type');
  const user = inputs.given('job-user');
  if (name === undefined) {
    if (type !== undefined) inputs.error(`job-type: ${quoted(type)} has no effect without job-name. ${REMOVE}`);
    if (user !== undefined) inputs.error(`job-user: ${quoted(user)} has no effect without job-name. ${REMOVE}`);
  }
  if (user !== undefined && !isUuid(user))
    inputs.error(`job-user: must be the UUID of a user, but is ${quoted(user)}.`);
  const lookbackMinutes = inputs.decimal(
    'lookback-minutes',
    (n) => n <= MAX_SPAN_MINUTES,
    `a number of minutes from 0 to ${MAX_SPAN_MINUTES}`,
  );
  if (name !== undefined)
    return { kind: 'name', name, nameMatch, type, user: user?.toLowerCase(), lookbackMs: lookbackMinutes * 60_000 };
  return { kind: 'ids', ids: ids === undefined ? [] : readIds(inputs, ids) };
}

/** IDs in lower case, as Collibra writes them, each once, in input order. */
function readIds(inputs: Inputs, value: string): string[] {
  const parts = value.startsWith('[') ? jsonStrings(value) : value.split(/[\s,]/).filter(Boolean);
  if (parts === undefined) {
    inputs.error(`job-id: must be a JSON array of strings, but is ${quoted(value)}.`);
    return [];
  }
  const invalid = parts.filter((part) => !isUuid(part));
  if (invalid.length > 0) inputs.error(`job-id: must contain UUIDs, but contains ${listed(invalid)}.`);
  if (parts.length === 0) inputs.error(`job-id: ${quoted(value)} contains no job ID.`);
  const ids = [...new Set(parts.map((part) => part.toLowerCase()))];
  if (ids.length > MAX_JOBS)
    inputs.error(
      `job-id: contains ${ids.length} job IDs, but one step waits for at most ${MAX_JOBS}. Use several steps.`,
    );
  return ids;
}

function jsonStrings(value: string): string[] | undefined {
  return parse(array(string()), parseJson(value))?.map((part) => part.trim());
}

/** The first few values, quoted. */
function listed(values: readonly string[]): string {
  const few = values.slice(0, 3).map(quoted).join(', ');
  return values.length > 3 ? `${few} (and ${values.length - 3} more)` : few;
}

/** The token endpoint of a Collibra environment. */
const TOKEN_PATH = '/rest/oauth/v2/token';

const METHODS = 'token, username with password, or client-id with client-secret';

const REMOVE = 'Remove it.';

/** Inputs of which none works without the other. */
const PAIRS = [
  ['password', 'username'],
  ['username', 'password'],
  ['client-secret', 'client-id'],
  ['client-id', 'client-secret'],
] as const;

function readCredentials(inputs: Inputs, url: string): CredentialSettings {
  const token = inputs.secret('token')?.trim() || undefined;
  const username = inputs.given('username');
  const password = inputs.secret('password');
  const clientId = inputs.given('client-id');
  const clientSecret = inputs.secret('client-secret');
  const scope = inputs.given('scope');

  const methods = [[token], [username, password], [clientId, clientSecret]].filter((method) =>
    method.some((input) => input !== undefined),
  );
  if (methods.length !== 1)
    inputs.error(`Set exactly one authentication method (found ${methods.length}): ${METHODS}.`);
  const pairs = { username, password, 'client-id': clientId, 'client-secret': clientSecret };
  for (const [one, other] of PAIRS) {
    if (pairs[one] === undefined && pairs[other] !== undefined)
      inputs.error(`${one}: is missing. ${other} requires it.`);
  }
  if (token !== undefined && !BEARER_TOKEN.test(token)) {
    inputs.error(
      'token: contains invalid characters. Set only the token, without "Bearer" or quotes. (The value is hidden.)',
    );
  }
  if (username?.includes(':'))
    inputs.error(
      'username: contains a colon, which Basic authentication does not allow. Set the password in its own input. (The value is hidden.)',
    );

  const tokenUrl = inputs.given('token-url');
  const endpoint = tokenUrl === undefined ? url + TOKEN_PATH : readHttpsUrl(inputs, 'token-url', tokenUrl);
  if (token !== undefined) return { kind: 'bearer', token };
  if (clientId === undefined) return { kind: 'basic', username: username ?? '', password: password ?? '' };
  return { kind: 'client', clientId, clientSecret: clientSecret ?? '', tokenUrl: endpoint, scope };
}

function readPolicy(inputs: Inputs): Policy {
  const supported: readonly string[] = [...ACCEPTABLE_RESULTS, 'SUCCESS'];
  const results = (inputs.given('accept') ?? '').toUpperCase().split(/[\s,]/).filter(Boolean);
  const invalid = results.filter((result) => !supported.includes(result));
  if (invalid.length > 0)
    inputs.error(`accept: ${listed(invalid)} is not supported. Supported values: ${supported.join(', ')}.`);
  const accept = new Set(ACCEPTABLE_RESULTS.filter((result) => results.includes(result)));

  const max = inputs.given('max-failed-commands');
  if (max === undefined) return { accept, maxFailedCommands: undefined };
  const limit = /^\d+$/.test(max) ? Number(max) : NaN;
  if (!Number.isSafeInteger(limit))
    inputs.error(`max-failed-commands: must be a whole number, 0 or more, but is ${quoted(max)}.`);
  return { accept, maxFailedCommands: limit };
}

function readPolling(inputs: Inputs): PollOptions {
  const timeoutMinutes = inputs.decimal(
    'timeout-minutes',
    (n) => n > 0 && n <= MAX_TIMEOUT_MINUTES,
    `a number of minutes greater than 0 and at most ${MAX_TIMEOUT_MINUTES}`,
  );
  const minSeconds = inputs.decimal(
    'min-interval-seconds',
    (n) => n >= MIN_INTERVAL_SECONDS && n <= MAX_SPAN_MINUTES * 60,
    `a number of seconds from ${MIN_INTERVAL_SECONDS} to ${MAX_SPAN_MINUTES * 60}`,
  );
  const maxSeconds = inputs.decimal(
    'max-interval-seconds',
    (n) => n > 0 && n <= MAX_SPAN_MINUTES * 60,
    `a number of seconds greater than 0 and at most ${MAX_SPAN_MINUTES * 60}`,
  );
  if (maxSeconds < minSeconds) {
    inputs.error(`max-interval-seconds: ${maxSeconds} is less than min-interval-seconds (${minSeconds}). Increase it.`);
  }
  const outageMinutes = inputs.decimal(
    'max-outage-minutes',
    (n) => n <= MAX_SPAN_MINUTES,
    `a number of minutes from 0 to ${MAX_SPAN_MINUTES}`,
  );
  return {
    timeoutMs: timeoutMinutes * 60_000,
    maxOutageMs: outageMinutes * 60_000,
    interval: { minMs: minSeconds * 1000, maxMs: maxSeconds * 1000 },
  };
}
