import type { CredentialSettings } from './collibra/auth.ts';
import { isUuid, type JobApi } from './collibra/job.ts';
import { array, parse, parseJson, string } from './collibra/schema.ts';
import { readCredentials, type Environment } from './inputs/credentials.ts';
import { Inputs, quoted, readHttpsUrl, type ReadInput } from './inputs/reader.ts';
import { ACCEPTABLE_RESULTS, type Policy } from './verdict.ts';
import { NAME_MATCHES, type JobQuery } from './job-query.ts';
import type { PollOptions } from './polling/poll.ts';

export { DEFAULTS, SECRET_INPUTS } from './inputs/reader.ts';

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

const MAX_JOBS = 100;
const MAX_TIMEOUT_MINUTES = 7200;
const MIN_INTERVAL_SECONDS = 0.1;

/** Longer than any wait: a longer span is a typing error. */
const MAX_SPAN_MINUTES = 1_000_000;

/**
 * Reads and checks all inputs.
 * @param env the variables of the runner
 * @returns the settings, or all errors at once, each with the input's name and value
 */
export function readSettings(
  read: ReadInput,
  env: Environment = process.env,
): Settings | { readonly errors: readonly string[] } {
  const errors: string[] = [];
  const inputs = new Inputs(read, errors);
  const url = readUrl(inputs);
  const settings: Settings = {
    url,
    target: readTarget(inputs),
    credentials: readCredentials(inputs, url, env),
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

function readUrl(inputs: Inputs): string {
  const value = inputs.given('url');
  if (value !== undefined) return readHttpsUrl(inputs, 'url', value).replace(/\/+$/, '');
  inputs.error('url: is missing. Set it to the base URL of your Collibra environment, e.g. https://acme.collibra.com.');
  return '';
}

const REMOVE = 'Remove it.';

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
