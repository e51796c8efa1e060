import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { leaks, runAction, type Run } from '../../dev/runner/runner.ts';
import { startSimulator, type Simulator } from '../../dev/simulator/simulator.ts';
import { jobsOf, OUTPUT_NAMES, simulate, succeeded, TOKEN } from './run-step.ts';

const ID = '0198c0de-0000-4000-8000-00000000c0de';
const SECRET = 'a-secret-that-nobody-may-see';

let simulator: Simulator;

beforeAll(async () => {
  simulator = await startSimulator({ pathPrefix: '/collibra' });
});
afterAll(() => simulator.close());

type Inputs = Record<string, string | undefined>;

/** Inputs that are right, so that each row shows one thing that is wrong. */
const right = (): Inputs => ({ url: simulator.url, 'job-id': ID, token: TOKEN });

const BAD: readonly [name: string, inputs: Inputs, error: RegExp][] = [
  ['no url', { url: '' }, /url: missing/],
  ['a url that is none', { url: 'acme.collibra.com' }, /url: "acme\.collibra\.com" is not a URL/],
  [
    'http for a host that is not loopback',
    { url: 'http://acme.example' },
    /url: "http:\/\/acme\.example" is not https/,
  ],
  [
    'user info in the url',
    { url: `https://me:${SECRET}@acme.example` },
    /url: "\*\*\*@acme\.example" has user info/,
  ],
  ['a query in the url', { url: 'https://acme.example/?a=1' }, /url: .* has a query/],
  ['a fragment in the url', { url: 'https://acme.example/#jobs' }, /url: .* has a query or a fragment/],
  ['no job', { 'job-id': '' }, /job-id or job-name: missing/],
  ['two ways to name a job', { 'job-name': 'Sync' }, /job-id and job-name: give one/],
  ['a job id that is no UUID', { 'job-id': `${ID} 42` }, /job-id: "42" is not a UUID/],
  [
    'a JSON array that holds something else',
    { 'job-id': `["${ID}", 42]` },
    /job-id: .* is not a JSON array of strings/,
  ],
  ['an empty JSON array', { 'job-id': '[]' }, /job-id: "\[\]" holds no job id/],
  [
    'more than 100 jobs',
    { 'job-id': Array.from({ length: 101 }, (_, n) => ID.slice(0, -3) + `${n + 100}`).join() },
    /job-id: 101 jobs/,
  ],
  [
    'a user that is no UUID',
    { 'job-id': '', 'job-name': 'Sync', 'job-user': 'me' },
    /job-user: "me" is not a UUID/,
  ],
  [
    'a job type for a job that is known by its id',
    { 'job-type': 'IMPORT' },
    /job-type: "IMPORT" has no effect/,
  ],
  ['a look-back that is no number', { 'lookback-minutes': 'an hour' }, /lookback-minutes: "an hour"/],
  ['no credentials', { token: '' }, /token, username or client-id: missing/],
  ['two ways to authenticate', { username: 'me', password: SECRET }, /one way to authenticate, not 2/],
  ['a user name alone', { token: '', username: 'me' }, /password: missing/],
  ['a password alone', { token: '', password: SECRET }, /username: missing/],
  ['a client id alone', { token: '', 'client-id': 'urn:me' }, /client-secret: missing/],
  ['a client secret alone', { token: '', 'client-secret': SECRET }, /client-id: missing/],
  ['a token with its scheme', { token: `Bearer ${SECRET}` }, /token: holds characters/],
  [
    'a token url that is not https',
    { token: '', 'client-id': 'urn:me', 'client-secret': SECRET, 'token-url': 'http://idp.example/token' },
    /token-url: .* is not https/,
  ],
  [
    'FAILURE in the policy',
    { accept: 'ABORTED, FAILURE' },
    /accept: "FAILURE" cannot be accepted; allowed are COMPLETED_WITH_ERROR, ABORTED, SUCCESS/,
  ],
  ['NOT_SET in the policy', { accept: 'not_set' }, /accept: "NOT_SET" cannot be accepted/],
  [
    'a limit that is no whole number',
    { accept: 'ABORTED', 'max-failed-commands': '1.5' },
    /max-failed-commands: "1\.5"/,
  ],
  ['an unknown job API', { 'job-api': 'v2' }, /job-api: "v2" is not one of auto, jobs-v1, core-2\.0/],
  ['a time-out of zero', { 'timeout-minutes': '0' }, /timeout-minutes: "0"/],
  ['a time-out with a unit', { 'timeout-minutes': '5m' }, /timeout-minutes: "5m"/],
  [
    'a time-out beyond the limit',
    { 'timeout-minutes': '7200.1' },
    /timeout-minutes: "7200\.1".*at most 7200/,
  ],
  ['too short an interval', { 'min-interval-seconds': '0.05' }, /min-interval-seconds: "0\.05"/],
  [
    'a longest interval below the shortest',
    { 'min-interval-seconds': '5', 'max-interval-seconds': '4' },
    /max-interval-seconds: 4 is below min-interval-seconds \(5\)/,
  ],
  ['a negative outage', { 'max-outage-minutes': '-1' }, /max-outage-minutes: "-1"/],
  [
    'an unknown word for on-timeout',
    { 'on-timeout': 'stop' },
    /on-timeout: "stop" is not one of leave, delete/,
  ],
  ['an unknown word for on-cancel', { 'on-cancel': 'yes' }, /on-cancel: "yes" is not one of leave, delete/],
  [
    'import-results that is neither true nor false',
    { 'import-results': 'maybe' },
    /import-results: "maybe" is not one of true, false/,
  ],
  [
    'an errors file that can not be written',
    { 'errors-file': join(fileURLToPath(import.meta.url), 'errors.jsonl') },
    /errors-file: can't be written/,
  ],
];

describe('a bad input', () => {
  it.each(BAD)('%s', async (_, inputs, error) => {
    const before = simulator.requests.length;
    const run = await runAction({ inputs: { ...right(), ...inputs } });
    expectRefused(run, before);
    expect(run.annotations[0]?.message).toMatch(error);
    expect(leaks(run, [SECRET])).toEqual([]);
  });

  it('does not hide another one: all are told at once', async () => {
    const inputs = {
      url: 'ftp://x',
      'job-id': 'x',
      token: '',
      accept: 'ALL',
      'timeout-minutes': 'x',
      'job-api': 'x',
    };
    const before = simulator.requests.length;
    const run = await runAction({ inputs });
    expectRefused(run, before);
    for (const name of Object.keys(inputs))
      expect(run.annotations[0]?.message).toMatch(new RegExp(`^${name}\\b`, 'm'));
  });
});

function expectRefused(run: Run, requestsBefore: number): void {
  expect(run.exitCode).toBe(1);
  expect(run.outputs).toEqual({
    ...Object.fromEntries(OUTPUT_NAMES.map((name) => [name, ''])),
    outcome: 'error',
    jobs: '[]',
  });
  expect(simulator.requests).toHaveLength(requestsBefore);
  expect(run.annotations).toMatchObject([{ kind: 'error' }]);
  expect(run.stdout + run.stderr).not.toMatch(/^\s+at .*:\d+/m);
  expect(run.summary).toContain('put right');
}

describe('an odd but good input', () => {
  const good: readonly [name: string, change: (id: string) => Inputs][] = [
    [
      'white space around everything',
      (id) => ({ 'job-id': `\n  ${id} \n`, url: `  ${simulator.url} `, token: ` ${TOKEN}\n` }),
    ],
    ['several ids in one string', (id) => ({ 'job-id': `${id},\n${id}  ${id.toUpperCase()}` })],
    ['a JSON array', (id) => ({ 'job-id': JSON.stringify([id, id]) })],
    ['an upper-case UUID', (id) => ({ 'job-id': id.toUpperCase() })],
    ['trailing slashes behind a path prefix', () => ({ url: `${simulator.url}//` })],
    ['the policy in any case, SUCCESS in it', () => ({ accept: 'success, Completed_With_Error' })],
    [
      'numbers without a digit before or behind the point',
      () => ({ 'timeout-minutes': '1.', 'min-interval-seconds': '.5' }),
    ],
    [
      'empty strings for defaults',
      () => ({ 'timeout-minutes': '', 'job-api': ' ', 'import-results': '', 'job-name': '', username: '' }),
    ],
    ['words in any case', () => ({ 'import-results': 'True', 'on-timeout': 'Leave', 'job-api': 'AUTO' })],
  ];
  it.each(good)('%s', async (_, change) => {
    const id = simulator.addJob({ life: succeeded });
    const run = await runAction({ inputs: { ...right(), 'job-id': id, ...change(id) } });
    expect(run.outputs).toMatchObject({ outcome: 'success', 'job-id': id });
    expect(jobsOf(run)).toHaveLength(1);
    expect(run.exitCode).toBe(0);
  });
});

it('an IPv6 address in the url', async () => {
  const own = await simulate({ host: '::1' });
  const id = own.addJob({ life: succeeded });
  const run = await runAction({ inputs: { url: `http://[::1]:${own.port}`, 'job-id': id, token: TOKEN } });
  expect(run.outputs.outcome).toBe('success');
});
