import { describe, expect, it } from '@jest/globals';

import { leaks, runAction } from '../../dev/runner/runner.ts';
import { succeeded } from './lives.ts';
import { jobsOf, OUTPUT_NAMES, simulate, TOKEN } from './run-step.ts';

const ID = '0198c0de-0000-4000-8000-00000000c0de';
const SECRET = 'a-secret-that-nobody-may-see';

const simulator = await simulate({ pathPrefix: '/collibra' });

type Inputs = Record<string, string | undefined>;

/** Inputs that are wrong together, and how each line of the annotation begins; __tests__/inputs.test.ts has the rest. */
const WRONG: readonly [name: string, inputs: Inputs, errors: readonly string[]][] = [
  [
    'are missing, are no numbers, or have no such value',
    { url: '', 'job-id': '', token: '', 'job-api': 'v2', 'timeout-minutes': '5s', 'on-cancel': 'yes' },
    [
      ...['url: is missing', 'job-id, job-name: both are missing', 'Set exactly one', 'job-api: "v2"'],
      ...['timeout-minutes', 'on-cancel: "yes"'],
    ],
  ],
  [
    'hold secrets in the wrong places',
    {
      ...{ url: `https://me:${SECRET}@acme.example`, 'job-id': '[]' },
      ...{ token: '', username: `me:${SECRET}`, password: '', 'client-secret': SECRET },
    },
    [
      ...['url: "***@acme.example" contains credentials', 'job-id: "[]"', 'Set exactly one', 'password: is missing'],
      ...['client-id: is missing', 'username: contains a colon'],
    ],
  ],
];

describe('a step', () => {
  it.concurrent.each(WRONG)('sends no request when its inputs %s', async (_, inputs, errors) => {
    const own = await simulate();
    const right = { url: own.url, 'job-id': ID, token: TOKEN };
    const run = await runAction({ inputs: { ...right, ...inputs } });
    expect(own.requests).toEqual([]);
    expect(run.exitCode).toBe(1);
    const empty = Object.fromEntries(OUTPUT_NAMES.map((name) => [name, '']));
    expect(run.outputs).toEqual({ ...empty, outcome: 'error', jobs: '[]' });
    expect(run.annotations).toMatchObject([{ kind: 'error' }]);
    const [, ...lines] = run.annotations[0]?.message.split('\n') ?? [];
    expect(lines.map((line, index) => line.slice(0, errors[index]?.length))).toEqual(errors);
    expect(run.stdout + run.stderr).not.toMatch(/^\s+at .*:\d+/m);
    expect(run.summary).toContain('Fix these inputs');
    expect(leaks(run, [SECRET])).toEqual([]);
  });

  it.concurrent.each<[name: string, change: (id: string) => Inputs]>([
    ['whitespace', (id) => ({ 'job-id': `\n  ${id} \n`, url: `  ${simulator.url}// `, token: ` ${TOKEN}\n` })],
    ['several IDs', (id) => ({ 'job-id': `${id},\n${id}  ${id.toUpperCase()}`, accept: 'success, Aborted' })],
    ['a JSON array, and a number without 0', (id) => ({ 'job-id': JSON.stringify([id, id]), 'timeout-minutes': '.5' })],
    [
      'empty strings for defaults',
      () => ({ 'timeout-minutes': '', 'job-api': ' ', 'import-results': '', username: '' }),
    ],
  ])('takes %s', async (_, change) => {
    const id = simulator.addJob({ life: succeeded });
    const run = await runAction({ inputs: { url: simulator.url, 'job-id': id, token: TOKEN, ...change(id) } });
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
