import { describe, expect, it } from '@jest/globals';

import { leaks } from '../../dev/runner/runner.ts';
import { endsAfter, faultsOf, constantLife } from './lives.ts';
import { runStepFor, simulate, TOKEN } from './run-step.ts';

const USER = 'pipeline';
const PASSWORD = 'Hidden word/ä+"<&>\'\\=:x7';

/** Runs a step whose server echoes a text in everything that it says about the job, without letting anybody in. */
async function stepThatEchoes(text: string, inputs: Record<string, string>, more = {}) {
  const simulator = await simulate({ authentication: false });
  const message = `Rejected: ${text}!`;
  const life = constantLife({ state: 'FAILED', result: 'FAILURE', message }, { name: message, ...more });
  return runStepFor(simulator, life, { token: '', ...inputs }, { env: { RUNNER_DEBUG: '1' } });
}

describe('a password', () => {
  // __tests__/report/secrets.test.ts has the other ways to write each of these.
  it.concurrent.each([
    ['as it is', PASSWORD],
    ['with a line break', PASSWORD.replace(' ', '\n')],
    ['in JSON', JSON.stringify(PASSWORD).slice(1, -1)],
    ['in a URL', encodeURIComponent(PASSWORD)],
    ['in a form', new URLSearchParams({ '': PASSWORD }).toString().slice(1)],
    ['in XML', PASSWORD.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')],
    ['in Base64', Buffer.from(PASSWORD).toString('base64')],
    ['in Base64 with its user name', Buffer.from(`${USER}:${PASSWORD}`).toString('base64')],
  ])('is shown nowhere when the server echoes it %s', async (_, echo) => {
    const run = await stepThatEchoes(echo, { username: USER, password: PASSWORD });
    expect(run.outputs.message).toMatch(/^Rejected: \*\*\*=*!$/);
    expect(run.annotations[0]?.message).toMatch(/Rejected: \*\*\*=*!/);
    expect(leaks(run, [PASSWORD, echo, 'Hidden'])).toEqual([]);
    expect(run.masks).not.toContain(USER);
  });

  it.concurrent('of several lines masks its long lines alone', async () => {
    const line = '"key": "a-long-line-of-it"';
    const password = `{\n  ${line}\n}`;
    const run = await stepThatEchoes(`${password} and ${line}`, { username: USER, password });
    expect(run.outputs.message).toBe('Rejected: *** and ***!');
    expect(leaks(run, [line])).toEqual([]);
    expect(run.masks).toContain(line);
    expect(run.masks.filter((mask) => mask.split('\n').some((one) => one.trim().length < 6))).toEqual([]);
    expect(run.shown.jobOutputs).toHaveProperty('jobs');
  });

  const AMPERSANDS = ['open&failure', 'a&b&failure', 'open&+-failure', 'failure&+', 'failure&open'];

  it.concurrent.each(AMPERSANDS)('masks no common word beside its ampersand: %s', async (password) => {
    const run = await stepThatEchoes(password, { username: USER, password });
    expect(run.outputs.message).toBe('Rejected: ***!');
    expect(run.shown.jobOutputs).toMatchObject({ outcome: 'failure' });
  });
});

describe('a token', () => {
  it.concurrent('of 4,096 characters hides nothing else when the server echoes it twice', async () => {
    const token = 'x7'.repeat(2048);
    const run = await stepThatEchoes(`${token} or ${token}.`, { token });
    expect(run.outputs.message).toBe('Rejected: *** or ***.!');
    expect(run.annotations[0]?.message).toContain('Rejected: *** or ***.!');
    expect(leaks(run, ['x7x7'])).toEqual([]);
  });

  it.concurrent('is not shown in part when the text that echoes it is truncated', async () => {
    const location = `https://elsewhere.example/${'x'.repeat(460)}${TOKEN}`;
    const faults = faultsOf({ kind: 'redirect', location });
    const run = await runStepFor(await simulate(), endsAfter(100, { faults }));
    expect(run.outputs.outcome).toBe('error');
    expect(run.outputs.jobs).toContain('x***');
    expect(leaks(run, [TOKEN.slice(0, 10)])).toEqual([]);
  });
});
