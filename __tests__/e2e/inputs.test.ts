import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from '@jest/globals';

import { leaks, runAction } from '../../dev/runner/runner.ts';
import { jobsOf, OUTPUT_NAMES, simulate, succeeded, TOKEN } from './run-step.ts';

const ID = '0198c0de-0000-4000-8000-00000000c0de';
const SECRET = 'a-secret-that-nobody-may-see';
const MANY_IDS = Array.from({ length: 101 }, (_, n) => ID.slice(0, -3) + `${n + 100}`).join();

const simulator = await simulate({ pathPrefix: '/collibra' });

type Inputs = Record<string, string | undefined>;

/**
 * Inputs that are wrong together, and how each line of the annotation begins; src/inputs.ts has a test for the rest.
 * Each value that is wrong in its own way is there once.
 */
const WRONG: readonly [name: string, inputs: Inputs, errors: readonly string[]][] = [
  [
    'are missing, are no numbers, or have no such value',
    {
      url: '',
      'job-id': '',
      token: '',
      accept: 'ABORTED, FAILURE',
      'max-failed-commands': '1.5',
      'job-api': 'v2',
      'timeout-minutes': '5s',
      'min-interval-seconds': '1e0',
      'max-outage-minutes': 'NaN',
      'on-timeout': 'stop',
      'on-cancel': 'yes',
      'import-results': 'maybe',
    },
    [
      ...['url: is missing', 'job-id, job-name: both are missing', 'Set exactly one', 'accept: "FAILURE"'],
      ...['max-failed-commands', 'job-api: "v2"', 'timeout-minutes', 'min-interval-seconds'],
      ...['max-outage-minutes', 'on-timeout: "stop"', 'on-cancel: "yes"', 'import-results: "maybe"'],
    ],
  ],
  [
    'are out of range, or lack a companion',
    {
      url: 'acme.collibra.com',
      'job-id': `${ID} 42`,
      token: '',
      username: 'me',
      'max-failed-commands': '0x10',
      'timeout-minutes': '0',
      'min-interval-seconds': '0.05',
      'max-outage-minutes': '-1',
    },
    [
      ...['url: "acme.collibra.com"', 'job-id: must contain UUIDs', 'password: is missing'],
      ...['max-failed-commands', 'timeout-minutes', 'min-interval-seconds', 'max-outage-minutes'],
    ],
  ],
  [
    'contradict each other, or would send a password in clear text',
    {
      url: 'http://acme.example',
      'job-id': `["${ID}", 42]`,
      token: '',
      password: SECRET,
      accept: 'not_set',
      'timeout-minutes': '7200.1',
      'min-interval-seconds': '5',
      'max-interval-seconds': '4',
    },
    [
      ...['url: "http://acme.example" must use https', 'job-id: must be a JSON array', 'username: is missing'],
      ...['accept: "NOT_SET"', 'timeout-minutes', 'max-interval-seconds: 4 is less than'],
    ],
  ],
  [
    'have a secret in the URL, an empty list, or a client without its secret',
    { url: `https://me:${SECRET}@acme.example`, 'job-id': '[]', token: '', 'client-id': 'urn:me' },
    ['url: "***@acme.example" contains credentials', 'job-id: "[]"', 'client-secret: is missing'],
  ],
  [
    'have a query, too many jobs, or a secret without its client',
    { url: 'https://acme.example/?a=1', 'job-id': MANY_IDS, token: '', 'client-secret': SECRET },
    ['url: "https://acme.example/?a=1"', 'job-id: contains 101 job IDs', 'client-id: is missing'],
  ],
  [
    'have a fragment, or describe a job by its name wrongly',
    {
      url: 'https://acme.example/#jobs',
      'job-id': '',
      'job-name': 'Sync',
      'job-user': 'me',
      'lookback-minutes': 'an hour',
      token: `Bearer ${SECRET}`,
    },
    ['url: "https://acme.example/#jobs"', 'job-user', 'lookback-minutes', 'token: contains invalid characters'],
  ],
  [
    'name a job twice, or authenticate twice',
    { 'job-name': 'Sync', username: 'me', password: SECRET },
    ['job-id, job-name: both are set', 'Set exactly one'],
  ],
  [
    'have a type for a job with an ID, or a token URL without https',
    {
      'job-type': 'IMPORT',
      token: '',
      'client-id': 'urn:me',
      'client-secret': SECRET,
      'token-url': 'http://idp.example/token',
    },
    ['job-type: "IMPORT" has no effect', 'token-url: "http://idp.example/token" must use https'],
  ],
  ['hold a comma in place of a job ID', { 'job-id': ',' }, ['job-id: "," contains no job ID']],
  ['hold a space in place of a job ID', { 'job-id': '  ' }, ['job-id, job-name: both are missing']],
  [
    'name an errors-file that cannot be written',
    { 'errors-file': join(fileURLToPath(import.meta.url), 'errors.jsonl') },
    ['errors-file: could not be written'],
  ],
];

describe('a step', () => {
  it.concurrent.each(WRONG)('sends no request when its inputs %s', async (_, inputs, errors) => {
    const own = await simulate();
    const right = { url: own.url, 'job-id': ID, token: TOKEN };
    const run = await runAction({ inputs: { ...right, ...inputs } });
    expect(own.requests).toEqual([]);
    expect(run.exitCode).toBe(1);
    expect(run.outputs).toEqual({
      ...Object.fromEntries(OUTPUT_NAMES.map((name) => [name, ''])),
      outcome: 'error',
      jobs: '[]',
    });
    expect(run.annotations).toMatchObject([{ kind: 'error' }]);
    const [, ...lines] = run.annotations[0]?.message.split('\n') ?? [];
    expect(lines.map((line, index) => line.slice(0, errors[index]?.length))).toEqual(errors);
    expect(run.stdout + run.stderr).not.toMatch(/^\s+at .*:\d+/m);
    expect(run.summary).toContain('Fix these inputs');
    expect(leaks(run, [SECRET])).toEqual([]);
  });

  it.concurrent.each<[name: string, change: (id: string) => Inputs]>([
    [
      'whitespace around everything',
      (id) => ({ 'job-id': `\n  ${id} \n`, url: `  ${simulator.url} `, token: ` ${TOKEN}\n` }),
    ],
    ['several IDs in one string', (id) => ({ 'job-id': `${id},\n${id}  ${id.toUpperCase()}` })],
    ['a JSON array', (id) => ({ 'job-id': JSON.stringify([id, id]) })],
    ['a UUID in upper case', (id) => ({ 'job-id': id.toUpperCase() })],
    ['trailing slashes after a path prefix', () => ({ url: `${simulator.url}//` })],
    ['a policy in any case that holds SUCCESS', () => ({ accept: 'success, Completed_With_Error' })],
    [
      'numbers without a digit before or after the point',
      () => ({ 'timeout-minutes': '1.', 'min-interval-seconds': '.5' }),
    ],
    [
      'empty strings in place of defaults',
      () => ({ 'timeout-minutes': '', 'job-api': ' ', 'import-results': '', 'job-name': '', username: '' }),
    ],
    ['words in any case', () => ({ 'import-results': 'True', 'on-timeout': 'Leave', 'job-api': 'AUTO' })],
  ])('takes %s', async (_, change) => {
    const id = simulator.addJob({ life: succeeded });
    const run = await runAction({
      inputs: { url: simulator.url, 'job-id': id, token: TOKEN, ...change(id) },
    });
    expect(run.outputs).toMatchObject({ outcome: 'success', 'job-id': id });
    expect(jobsOf(run)).toHaveLength(1);
    expect(run.exitCode).toBe(0);
  });

  it.concurrent('takes an IPv6 address in the URL', async () => {
    const own = await simulate({ host: '::1' });
    const id = own.addJob({ life: succeeded });
    const run = await runAction({ inputs: { url: `http://[::1]:${own.port}`, 'job-id': id, token: TOKEN } });
    expect(run.outputs.outcome).toBe('success');
  });
});
