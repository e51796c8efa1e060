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

/** Inputs that are wrong together, and what the annotation says about them. */
const WRONG: readonly [name: string, inputs: Inputs, errors: readonly RegExp[]][] = [
  [
    'are missing, are no numbers, or are no words that it knows',
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
      /^url: missing/m,
      /^job-id or job-name: missing/m,
      /^token, username or client-id: missing/m,
      /^accept: "FAILURE" cannot be accepted; allowed are COMPLETED_WITH_ERROR, ABORTED, SUCCESS/m,
      /^max-failed-commands: "1\.5"/m,
      /^job-api: "v2" is not one of auto, jobs-v1, core-2\.0/m,
      /^timeout-minutes: "5s"/m,
      /^min-interval-seconds: "1e0"/m,
      /^max-outage-minutes: "NaN"/m,
      /^on-timeout: "stop" is not one of leave, delete/m,
      /^on-cancel: "yes" is not one of leave, delete/m,
      /^import-results: "maybe" is not one of true, false/m,
    ],
  ],
  [
    'are out of range, or lack a counterpart',
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
      /^url: "acme\.collibra\.com" is not a URL/m,
      /^job-id: "42" is not a UUID/m,
      /^password: missing/m,
      /^max-failed-commands: "0x10"/m,
      /^timeout-minutes: "0"/m,
      /^min-interval-seconds: "0\.05"/m,
      /^max-outage-minutes: "-1"/m,
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
      /^url: "http:\/\/acme\.example" is not https/m,
      /^job-id: .* is not a JSON array of strings/m,
      /^username: missing/m,
      /^accept: "NOT_SET" cannot be accepted/m,
      /^timeout-minutes: "7200\.1".*at most 7200/m,
      /^max-interval-seconds: 4 is below min-interval-seconds \(5\)/m,
    ],
  ],
  [
    'have a secret in the URL, an empty list, or a client without its secret',
    { url: `https://me:${SECRET}@acme.example`, 'job-id': '[]', token: '', 'client-id': 'urn:me' },
    [
      /^url: "\*\*\*@acme\.example" has user info/m,
      /^job-id: "\[\]" holds no job id/m,
      /^client-secret: missing/m,
    ],
  ],
  [
    'have a query, too many jobs, or a secret without its client',
    { url: 'https://acme.example/?a=1', 'job-id': MANY_IDS, token: '', 'client-secret': SECRET },
    [/^url: .* has a query/m, /^job-id: 101 jobs/m, /^client-id: missing/m],
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
    [
      /^url: .* has a query or a fragment/m,
      /^job-user: "me" is not a UUID/m,
      /^lookback-minutes: "an hour"/m,
      /^token: holds characters/m,
    ],
  ],
  [
    'name a job twice, or authenticate twice',
    { 'job-name': 'Sync', username: 'me', password: SECRET },
    [/^job-id and job-name: give one/m, /one way to authenticate, not 2/m],
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
    [/^job-type: "IMPORT" has no effect/m, /^token-url: .* is not https/m],
  ],
  ['hold a comma in place of a job ID', { 'job-id': ',' }, [/^job-id: "," holds no job id/m]],
  ['hold a space in place of a job ID', { 'job-id': '  ' }, [/^job-id or job-name: missing/m]],
  [
    'name an errors-file that cannot be written',
    { 'errors-file': join(fileURLToPath(import.meta.url), 'errors.jsonl') },
    [/^errors-file: can't be written/m],
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
    for (const error of errors) expect(run.annotations[0]?.message).toMatch(error);
    expect(run.annotations[0]?.message.split('\n')).toHaveLength(1 + errors.length);
    expect(run.stdout + run.stderr).not.toMatch(/^\s+at .*:\d+/m);
    expect(run.summary).toContain('put right');
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
