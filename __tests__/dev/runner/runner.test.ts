import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { readKeyValueFile } from '../../../dev/runner/file-commands.ts';
import { cancelLikeRunner, leaks, type Run, runAction, type RunOptions } from '../../../dev/runner/runner.ts';
import { commandIn, linesOf } from '../../../dev/runner/workflow-commands.ts';

const definition = `
name: A small action
inputs:
  url: { required: true }
  wait for: { default: '10' }
  fast: { default: true }
  empty: {}
`;

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runner-test-'));
  await writeFile(join(folder, 'action.yml'), definition);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** Runs a small script as the action. */
async function run(script: string, options: RunOptions = {}): Promise<Run> {
  const entry = join(folder, 'script.mjs');
  await writeFile(entry, `import { appendFileSync } from 'node:fs';\n${script}`);
  return runAction({ entry, actionFile: join(folder, 'action.yml'), timeoutMs: 20_000, ...options });
}

const printEnvironment = 'console.log(JSON.stringify(process.env))';

async function environment(options: RunOptions): Promise<Record<string, string>> {
  const { lines } = await run(printEnvironment, options);
  return JSON.parse(lines[0] ?? '') as Record<string, string>;
}

describe('the environment of a run', () => {
  it('has every input of the definition, by default or as given', async () => {
    const inputs = { url: 'https://acme.example' };
    expect(await environment({ inputs })).toMatchObject({
      INPUT_URL: 'https://acme.example',
      INPUT_WAIT_FOR: '10',
      INPUT_FAST: 'true',
      INPUT_EMPTY: '',
    });
  });

  it('lacks an input that is given as undefined', async () => {
    expect(await environment({ inputs: { url: undefined } })).not.toHaveProperty('INPUT_URL');
  });

  it('refuses an input that the definition does not have', async () => {
    await expect(run('', { inputs: { ulr: 'x' } })).rejects.toThrow('no input named ulr');
  });

  it('has what the runner sets and nothing of our own', async () => {
    process.env['OF_OUR_OWN'] = 'yes';
    const variables = await environment({ env: { EXTRA: '1', CI: undefined } });
    delete process.env['OF_OUR_OWN'];
    expect(variables).toMatchObject({ GITHUB_ACTIONS: 'true', GITHUB_RUN_ID: '4242', EXTRA: '1' });
    expect(variables).not.toHaveProperty('OF_OUR_OWN');
    expect(variables).not.toHaveProperty('CI');
  });

  it('is gone after the run', async () => {
    const { RUNNER_TEMP = '' } = await environment({});
    await expect(readdir(RUNNER_TEMP)).rejects.toThrow('ENOENT');
  });
});

describe('what a run leaves behind', () => {
  it('is its exit code and its output', async () => {
    const result = await run(
      `process.stdout.write('a\\rb\\r\\nc'); console.error('d'); process.exitCode = 3;`,
    );
    expect(result).toMatchObject({ exitCode: 3, signal: null, stdout: 'a\rb\r\nc', stderr: 'd\n' });
    expect(result.lines).toEqual(['a', 'b', 'c', 'd']);
    expect(result.durationMs).toBeGreaterThan(0);
  });

  it('is commands, annotations and masks, from both streams', async () => {
    const result = await run(`
      console.log('::add-mask::s3cret%25');
      console.log('::error title=Bad%3A it%2C failed,line=3::first%0Asecond%25');
      console.error('  ::warning::careful');
      console.log('text ##[notice]in the middle');
      console.log('text ::notice::not at the start');
    `);
    expect(result.commands.map(({ name }) => name)).toEqual(['add-mask', 'error', 'notice', 'warning']);
    expect(result.annotations).toEqual([
      { kind: 'error', title: 'Bad: it, failed', message: 'first\nsecond%' },
      { kind: 'notice', title: '', message: 'in the middle' },
      { kind: 'warning', title: '', message: 'careful' },
    ]);
    expect(result.masks).toEqual(['s3cret%']);
  });

  it('is outputs, state and the summary', async () => {
    const result = await run(`
      appendFileSync(process.env.GITHUB_OUTPUT, 'outcome<<END\\ntwo\\n\\nlines\\nEND\\nplain=a=b\\n');
      appendFileSync(process.env.GITHUB_STATE, 'kept=1\\n');
      appendFileSync(process.env.GITHUB_STEP_SUMMARY, '# Done\\n');
    `);
    expect(result.outputs).toEqual({ outcome: 'two\n\nlines', plain: 'a=b' });
    expect(result.state).toEqual({ kept: '1' });
    expect(result.summary).toBe('# Done\n');
  });

  it('is told line by line while it runs', async () => {
    const told: [string, string][] = [];
    const onLine = (line: string, stream: string) => told.push([stream, line]);
    await run(`process.stdout.write('one\\r\\ntwo\\rthree')`, { onLine });
    expect(told).toEqual([
      ['stdout', 'one'],
      ['stdout', 'two'],
      ['stdout', 'three'],
    ]);
  });
});

describe('an output file', () => {
  it.each([
    ['', {}],
    ['a=1\n\nb=2', { a: '1', b: '2' }],
    ['a=x<<y\n', { a: 'x<<y' }],
    ['a<<E\nE\n', { a: '' }],
    ['a<<E\nx=1\r\nb<<F\nE\na=2\n', { a: '2' }],
    ['a<<E\nx\r\ny\nE\n', { a: 'x\r\ny' }],
  ])('%j is read as the runner reads it', (content, expected) => {
    expect(readKeyValueFile(content, false)).toEqual(expected);
  });

  it('has CRLF at the end of lines on Windows', () => {
    expect(readKeyValueFile('a<<E\r\nx\r\ny\r\nE\r\n', true)).toEqual({ a: 'x\r\ny' });
  });

  it.each([
    ['a<<E\nx\n', 'delimiter not found'],
    ['a<<\nx\n', 'delimiter not found'],
    ['text\n', 'Invalid format'],
    ['=x\n', 'Invalid format'],
  ])('%j is malformed', (content, message) => {
    expect(() => readKeyValueFile(content)).toThrow(message);
  });
});

describe('a line', () => {
  it('ends at LF, CR and CRLF', () => {
    expect(linesOf('a\nb\rc\r\n\nd')).toEqual(['a', 'b', 'c', '', 'd']);
    expect(linesOf('a\n')).toEqual(['a']);
  });

  it.each([
    ['::error::x', 'error', 'x'],
    ['\t ::error file=a::b::c', 'error', 'b::c'],
    ['::anything new=1::x', 'anything', 'x'],
    ['##[group]x', 'group', 'x'],
    ['a ##[error code=1;title=t]x', 'error', 'x'],
    [': :error::x', undefined, undefined],
    ['a ::error::x', undefined, undefined],
    ['::error:x', undefined, undefined],
    ['# #[error]x', undefined, undefined],
  ])('%j holds the right command', (line, name, data) => {
    const command = commandIn(line);
    expect([command?.name, command?.data]).toEqual([name, data]);
  });
});

/** What comes second: Windows has console events in place of signals. */
const SECOND = process.platform === 'win32' ? 'SIGBREAK' : 'SIGTERM';

describe('signals', () => {
  const obstinate = `
    const started = performance.now();
    for (const signal of ['SIGINT', '${SECOND}']) {
      process.on(signal, () => console.log(signal, Math.round(performance.now() - started)));
    }
    console.log('ready');
    setInterval(() => undefined, 1000);
  `;

  it('come after a line', async () => {
    const script = `process.on('SIGINT', () => process.exit(7)); console.log('ready'); setInterval(() => 0, 1000);`;
    const result = await run(script, { signals: [{ whenLine: /^ready$/, signal: 'SIGINT' }] });
    expect(result).toMatchObject({ exitCode: 7, signal: null });
  });

  it('come one after the other, after times', async () => {
    const signals = [
      { whenLine: /ready/, signal: 'SIGINT' },
      { afterMs: 200, signal: 'SIGTERM' },
      { afterMs: 100, signal: 'SIGKILL' },
    ] as const;
    const { exitCode, signal, lines } = await run(obstinate, { signals });
    expect([exitCode, signal]).toEqual([null, 'SIGKILL']);
    const [ready, first, second] = lines.map((line) => line.split(' '));
    expect([ready?.[0], first?.[0], second?.[0]]).toEqual(['ready', 'SIGINT', SECOND]);
    expect(Number(second?.[1]) - Number(first?.[1])).toBeGreaterThan(150);
  });

  it('of a cancelled run are those of the runner', () => {
    expect(cancelLikeRunner({ whenLine: /x/ })).toEqual([
      { whenLine: /x/, signal: 'SIGINT' },
      { afterMs: 7500, signal: 'SIGTERM' },
      { afterMs: 2500, signal: 'SIGKILL' },
    ]);
  });

  it('end a run that takes too long, which is an error', async () => {
    await expect(run(obstinate, { timeoutMs: 2000 })).rejects.toThrow(
      /longer than 2000 ms. It wrote:\nready/,
    );
  });
});

describe('leaks', () => {
  it('are secrets anywhere but in the command that masks them', async () => {
    const result = await run(`
      console.log('::add-mask::hidden');
      console.log('::add-mask::shown');
      console.error('it is shown here');
      appendFileSync(process.env.GITHUB_OUTPUT, 'message=so is in-output\\n');
      appendFileSync(process.env.GITHUB_STEP_SUMMARY, 'and in-summary');
    `);
    expect(leaks(result, ['hidden', 'shown', 'in-output', 'in-summary', 'absent'])).toEqual([
      { secret: 'shown', where: 'stderr' },
      { secret: 'in-output', where: 'outputs' },
      { secret: 'in-summary', where: 'summary' },
    ]);
  });
});
