import { BEARER_TOKEN, type CredentialSettings } from './collibra/auth.ts';
import { isUuid } from './collibra/job.ts';
import type { JobApi } from './collibra/jobs.ts';
import { array, fit, parseJson, string } from './collibra/schema.ts';
import { shorten } from './text.ts';
import { ACCEPTABLE_RESULTS, type Policy } from './verdict.ts';
import type { JobQuery } from './polling/find-job.ts';
import type { PollOptions } from './polling/poll.ts';

/** Everything the step was told, checked. */
export interface Settings {
  /** Without a trailing slash. */
  readonly url: string;
  readonly target:
    { readonly kind: 'ids'; readonly ids: readonly string[] } | ({ readonly kind: 'name' } & JobQuery);
  readonly credentials: CredentialSettings;
  readonly policy: Policy;
  readonly jobApi: JobApi | 'auto';
  readonly polling: PollOptions;
  readonly onTimeout: 'leave' | 'delete';
  readonly onCancel: 'leave' | 'delete';
  readonly importResults: boolean;
  readonly errorsFile: string | undefined;
}

/** Defaults of action.yml, for inputs that are there but empty, e.g. from a variable that is not set. */
export const DEFAULTS = {
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

/** Inputs whose values are secret: never shown, not even when they are wrong. */
export const SECRET_INPUTS = ['token', 'password', 'client-secret'] as const;

const MAX_JOBS = 100;
const MAX_TIMEOUT_MINUTES = 7200;
const SHORTEST_INTERVAL_SECONDS = 0.1;

/** Longer than any wait: a span beyond it is a slip of the pen. */
const MAX_SPAN_MINUTES = 1_000_000;

/** What an input may quote of itself in an error. */
const QUOTE_LENGTH = 100;

/** Reads one input as the runner hands it over: '' where it was not given. */
export type ReadInput = (name: string) => string;

/**
 * Reads and checks all inputs.
 * @returns the settings, or every error at once, each naming the input and its value
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
    polling: readPatience(inputs),
    onTimeout: inputs.choice('on-timeout', ['leave', 'delete']),
    onCancel: inputs.choice('on-cancel', ['leave', 'delete']),
    importResults: inputs.choice('import-results', ['true', 'false']) === 'true',
    errorsFile: inputs.given('errors-file'),
  };
  if (settings.target.kind === 'name' && settings.jobApi === 'core-2.0') {
    errors.push(
      'job-name is looked for with the Job API (Find jobs): job-api must be auto or jobs-v1, not core-2.0',
    );
  }
  return errors.length > 0 ? { errors } : settings;
}

/** The inputs, and the list of what is wrong with them. A reader that finds fault goes on with some valid value. */
class Inputs {
  readonly #read: ReadInput;
  readonly #errors: string[];

  constructor(read: ReadInput, errors: string[]) {
    this.#read = read;
    this.#errors = errors;
  }

  fault(message: string): void {
    this.#errors.push(message);
  }

  /** An input without the white space around it; undefined where it is empty. */
  given(name: string): string | undefined {
    return this.#read(name).trim() || undefined;
  }

  /** A secret as it is, but for line ends behind it, which come from files and copying. */
  secret(name: (typeof SECRET_INPUTS)[number]): string | undefined {
    return this.#read(name).replace(/[\r\n]+$/, '') || undefined;
  }

  /** One of a few words, in any case. */
  choice<T extends string>(name: keyof typeof DEFAULTS, allowed: readonly [T, ...T[]]): T {
    const value = this.given(name) ?? DEFAULTS[name];
    const chosen = allowed.find((one) => one === value.toLowerCase());
    if (chosen === undefined) this.fault(`${name}: ${quoted(value)} is not one of ${allowed.join(', ')}`);
    return chosen ?? allowed[0];
  }

  /** A decimal number within bounds; `range` says them in words. */
  decimal(name: keyof typeof DEFAULTS, within: (n: number) => boolean, range: string): number {
    const value = this.given(name) ?? DEFAULTS[name];
    const n = /^(\d+(\.\d*)?|\.\d+)$/.test(value) ? Number(value) : NaN;
    if (!within(n)) this.fault(`${name}: ${quoted(value)} is not a number ${range}`);
    return n;
  }
}

function quoted(value: string): string {
  return JSON.stringify(shorten(value, QUOTE_LENGTH));
}

function readUrl(inputs: Inputs): string {
  const value = inputs.given('url');
  if (value !== undefined) return readHttpsUrl(inputs, 'url', value).replace(/\/+$/, '');
  inputs.fault('url: missing; give the base URL of the Collibra environment, e.g. https://acme.collibra.com');
  return '';
}

/** @returns the URL, or '' where it is none */
function readHttpsUrl(inputs: Inputs, name: string, value: string): string {
  const url = URL.parse(value);
  const fault = url === null ? 'is not a URL; it begins with https://' : urlFault(url, value);
  if (fault !== undefined) inputs.fault(`${name}: ${quoted(withoutUserInfo(value))} ${fault}`);
  return url === null ? '' : url.origin + url.pathname;
}

function urlFault(url: URL, value: string): string | undefined {
  if (url.username || url.password) return 'has user info; give credentials by their own inputs';
  if (/[?#]/.test(value)) return 'has a query or a fragment, which does not belong there';
  if (url.protocol === 'http:' && !isLoopback(url.hostname))
    return 'is not https, so credentials would travel in the open';
  if (url.protocol !== 'https:' && url.protocol !== 'http:') return 'is not an https URL';
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
  if (ids !== undefined && name !== undefined)
    inputs.fault('job-id and job-name: give one of them, not both');
  if (ids === undefined && name === undefined) inputs.fault('job-id or job-name: missing; give one of them');
  const type = inputs.given('job-type');
  const user = inputs.given('job-user');
  if (name === undefined) {
    if (type !== undefined) inputs.fault(`job-type: ${quoted(type)} has no effect without job-name`);
    if (user !== undefined) inputs.fault(`job-user: ${quoted(user)} has no effect without job-name`);
  }
  if (user !== undefined && !isUuid(user)) inputs.fault(`job-user: ${quoted(user)} is not a UUID`);
  const lookbackMinutes = inputs.decimal(
    'lookback-minutes',
    (n) => n <= MAX_SPAN_MINUTES,
    `of minutes, from 0 to ${MAX_SPAN_MINUTES}`,
  );
  if (name !== undefined)
    return { kind: 'name', name, type, user: user?.toLowerCase(), lookbackMs: lookbackMinutes * 60_000 };
  return { kind: 'ids', ids: ids === undefined ? [] : readIds(inputs, ids) };
}

/** Ids in lower case, as Collibra writes them, each once, in the order given. */
function readIds(inputs: Inputs, value: string): string[] {
  const parts = value.startsWith('[') ? jsonStrings(value) : value.split(/[\s,]/).filter(Boolean);
  if (parts === undefined) {
    inputs.fault(`job-id: ${quoted(value)} is not a JSON array of strings`);
    return [];
  }
  const bad = parts.filter((part) => !isUuid(part));
  if (bad.length > 0) inputs.fault(`job-id: ${listed(bad)} is not a UUID`);
  if (parts.length === 0) inputs.fault(`job-id: ${quoted(value)} holds no job id`);
  const ids = [...new Set(parts.map((part) => part.toLowerCase()))];
  if (ids.length > MAX_JOBS)
    inputs.fault(`job-id: ${ids.length} jobs are more than the ${MAX_JOBS} that one step waits for`);
  return ids;
}

function jsonStrings(value: string): string[] | undefined {
  return fit(array(string()), parseJson(value))?.map((part) => part.trim());
}

/** The first few of what is wrong, quoted. */
function listed(values: readonly string[]): string {
  const few = values.slice(0, 3).map(quoted).join(', ');
  return values.length > 3 ? `${few} (and ${values.length - 3} more)` : few;
}

/** The token endpoint of a Collibra environment. */
const TOKEN_PATH = '/rest/oauth/v2/token';

const WAYS = 'token, or username with password, or client-id with client-secret';

function readCredentials(inputs: Inputs, url: string): CredentialSettings {
  const token = inputs.secret('token')?.trim() || undefined;
  const username = inputs.given('username');
  const password = inputs.secret('password');
  const clientId = inputs.given('client-id');
  const clientSecret = inputs.secret('client-secret');
  const scope = inputs.given('scope');

  const ways = [[token], [username, password], [clientId, clientSecret]].filter((way) =>
    way.some((part) => part !== undefined),
  );
  if (ways.length === 0) inputs.fault(`token, username or client-id: missing; give ${WAYS}`);
  if (ways.length > 1) inputs.fault(`Give one way to authenticate, not ${ways.length}: ${WAYS}`);
  if (username !== undefined && password === undefined) inputs.fault('password: missing; username needs it');
  if (password !== undefined && username === undefined) inputs.fault('username: missing; password needs it');
  if (clientId !== undefined && clientSecret === undefined)
    inputs.fault('client-secret: missing; client-id needs it');
  if (clientSecret !== undefined && clientId === undefined)
    inputs.fault('client-id: missing; client-secret needs it');
  if (token !== undefined && !BEARER_TOKEN.test(token)) {
    inputs.fault(
      'token: holds characters that no bearer token has; give the token alone, without "Bearer" (its value is not shown)',
    );
  }
  if (username?.includes(':'))
    inputs.fault(`username: ${quoted(username)} has a colon, which basic authentication does not allow`);

  const tokenUrl = inputs.given('token-url');
  const endpoint = tokenUrl === undefined ? url + TOKEN_PATH : readHttpsUrl(inputs, 'token-url', tokenUrl);
  if (token !== undefined) return { kind: 'bearer', token };
  if (clientId === undefined) return { kind: 'basic', username: username ?? '', password: password ?? '' };
  return { kind: 'client', clientId, clientSecret: clientSecret ?? '', tokenUrl: endpoint, scope };
}

function readPolicy(inputs: Inputs): Policy {
  const allowed: readonly string[] = [...ACCEPTABLE_RESULTS, 'SUCCESS'];
  const listedResults = (inputs.given('accept') ?? '').toUpperCase().split(/[\s,]/).filter(Boolean);
  const refused = listedResults.filter((result) => !allowed.includes(result));
  if (refused.length > 0)
    inputs.fault(`accept: ${listed(refused)} cannot be accepted; allowed are ${allowed.join(', ')}`);
  const accept = new Set(ACCEPTABLE_RESULTS.filter((result) => listedResults.includes(result)));

  const max = inputs.given('max-failed-commands');
  if (max === undefined) return { accept, maxFailedCommands: undefined };
  const limit = /^\d+$/.test(max) ? Number(max) : NaN;
  if (!Number.isSafeInteger(limit))
    inputs.fault(`max-failed-commands: ${quoted(max)} is not a whole number, 0 or more`);
  return { accept, maxFailedCommands: limit };
}

function readPatience(inputs: Inputs): PollOptions {
  const timeoutMinutes = inputs.decimal(
    'timeout-minutes',
    (n) => n > 0 && n <= MAX_TIMEOUT_MINUTES,
    `of minutes, more than 0 and at most ${MAX_TIMEOUT_MINUTES}`,
  );
  const minSeconds = inputs.decimal(
    'min-interval-seconds',
    (n) => n >= SHORTEST_INTERVAL_SECONDS && n <= MAX_SPAN_MINUTES * 60,
    `of seconds, from ${SHORTEST_INTERVAL_SECONDS} to ${MAX_SPAN_MINUTES * 60}`,
  );
  const maxSeconds = inputs.decimal(
    'max-interval-seconds',
    (n) => n > 0 && n <= MAX_SPAN_MINUTES * 60,
    `of seconds, more than 0 and at most ${MAX_SPAN_MINUTES * 60}`,
  );
  if (maxSeconds < minSeconds) {
    inputs.fault(`max-interval-seconds: ${maxSeconds} is below min-interval-seconds (${minSeconds})`);
  }
  const outageMinutes = inputs.decimal(
    'max-outage-minutes',
    (n) => n <= MAX_SPAN_MINUTES,
    `of minutes, from 0 to ${MAX_SPAN_MINUTES}`,
  );
  return {
    timeoutMs: timeoutMinutes * 60_000,
    maxOutageMs: outageMinutes * 60_000,
    interval: { minMs: minSeconds * 1000, maxMs: maxSeconds * 1000 },
  };
}
