import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

import { cancelLikeRunner, leaks, type Run, runAction, type RunOptions } from '../../../dev/runner/runner.ts';

const actionYaml = `
name: A small action
inputs:
  url: { required: true }
  wait for: { default: '10' }
  fast: { default: true }
  empty: {}
runs: { using: node24, main: script.mjs }
`;

let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'runner-test-'));
  await writeFile(join(folder, 'action.yml'), actionYaml);
  await writeFile(join(folder, 'with-post.yml'), actionYaml.replace('main:', 'post: script.mjs, main:'));
});

afterAll(() => rm(folder, { recursive: true }));

/** Runs a small script as the action. */
async function run(script: string, options: RunOptions = {}): Promise<Run> {
  const names = 'const { GITHUB_OUTPUT, GITHUB_STATE, GITHUB_STEP_SUMMARY } = process.env;';
  await writeFile(join(folder, 'script.mjs'), `import { appendFileSync } from 'node:fs';\n${names}\n${script}`);
  return runAction({ actionFile: join(folder, 'action.yml'), timeoutMs: 20_000, ...options });
}

async function environment(options: RunOptions): Promise<Record<string, string>> {
  const { lines } = await run('console.log(JSON.stringify(process.env))', options);
  return JSON.parse(lines[0] ?? '') as Record<string, string>;
}

describe('the environment of a run', () => {
  it('has every input as given or by default, unless it is given as undefined', async () => {
    const variables = await environment({ inputs: { url: 'https://acme.example', empty: undefined } });
    expect(variables).toMatchObject({ INPUT_URL: 'https://acme.example', INPUT_WAIT_FOR: '10', INPUT_FAST: 'true' });
    expect(variables).not.toHaveProperty('INPUT_EMPTY');
    expect(await environment({})).toMatchObject({ INPUT_EMPTY: '' });
  });

  it('rejects an input that action.yml does not have', async () => {
    await expect(run('', { inputs: { ulr: 'x' } })).rejects.toThrow('no input named ulr');
  });

  it("has the runner's variables and none of the test's own", async () => {
    process.env['OF_OUR_OWN'] = 'yes';
    const variables = await environment({ env: { EXTRA: '1', CI: undefined } });
    delete process.env['OF_OUR_OWN'];
    expect(variables).toMatchObject({ GITHUB_ACTIONS: 'true', GITHUB_RUN_ID: '4242', EXTRA: '1' });
    for (const name of ['OF_OUR_OWN', 'CI']) expect(variables).not.toHaveProperty(name);
    // It is deleted after the run.
    await expect(readdir(variables['RUNNER_TEMP'] ?? '')).rejects.toThrow('ENOENT');
  });
});

describe('a run', () => {
  it('has the exit code and the output, line by line while it is written', async () => {
    const seen: [string, string][] = [];
    const onLine = (line: string, stream: string) => seen.push([stream, line]);
    const script = `process.stdout.write('a\\rb\\r\\nc'); console.error('d'); process.exitCode = 3;`;
    const result = await run(script, { onLine });
    expect(result).toMatchObject({ exitCode: 3, signal: null, stdout: 'a\rb\r\nc', stderr: 'd\n' });
    expect(result.lines).toEqual(['a', 'b', 'c', 'd']);
    const ofStdout = ['a', 'b', 'c'].map((line) => ['stdout', line]);
    expect(seen.toSorted()).toEqual([['stderr', 'd'], ...ofStdout]);
    expect(result.durationMs).toBeGreaterThan(0);
    expect(result).not.toHaveProperty('post');
  });

  it('has the commands, annotations and masks of both streams', async () => {
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

  it('has the outputs, the state and the summary, also when the process was killed', async () => {
    const script = `
      appendFileSync(GITHUB_OUTPUT, '\\uFEFFoutcome<<END\\ntwo\\n\\nlines\\nEND\\nplain=a=b\\n');
      appendFileSync(GITHUB_STATE, 'kept=1\\n');
      appendFileSync(GITHUB_STEP_SUMMARY, '# Done\\n');
      process.on('SIGINT', () => console.log('canceled'));
      console.log('ready');
      setInterval(() => undefined, 1000);
    `;
    const signals = cancelLikeRunner({ whenLine: /ready/ }, { inContainer: true });
    expect(await run(script, { signals })).toMatchObject({
      signal: 'SIGKILL',
      lines: ['ready'],
      outputs: { outcome: 'two\n\nlines', plain: 'a=b' },
      state: { kept: '1' },
      summary: '# Done\n',
    });
  });
});

it('the post step runs after main, even after it was killed, with its inputs and the state that it saved', async () => {
  const script = `
    if (process.env.STATE_jobs) {
      appendFileSync(GITHUB_OUTPUT, 'from=post\\n');
      console.log('ready', process.env.STATE_jobs, process.env.INPUT_URL, 's3cret');
      setTimeout(() => undefined, 300);
    } else {
      console.log('::add-mask::s3cret');
      appendFileSync(GITHUB_STATE, 'jobs=1,2\\n');
      console.log('ready');
      setInterval(() => undefined, 1000);
    }
  `;
  const signals = [{ whenLine: /ready/, signal: 'SIGKILL' }] as const;
  const actionFile = join(folder, 'with-post.yml');
  const { post, ...main } = await run(script, { actionFile, inputs: { url: 'x' }, signals });
  expect(main).toMatchObject({ signal: 'SIGKILL', outputs: {} });
  expect(post).toMatchObject({ exitCode: 0, lines: ['ready 1,2 x s3cret'], outputs: { from: 'post' } });
  expect(post?.shown.log).toEqual(['ready 1,2 x ***']);
  expect(leaks({ ...main, ...(post && { post }) }, ['s3cret'])).toEqual([{ secret: 's3cret', where: 'post stdout' }]);
});

describe('GitHub', () => {
  it('shows masked messages of at most 4,096 characters, and titles as they are', async () => {
    const logLines: string[] = [];
    const { shown, annotations } = await run(
      `console.log('s3cret before');
       console.log('::add-mask::s3cret%0A  short%0D%0A');
       console.log('::debug::s3cret');
       console.log('::group::s3cret');
       console.log('::endgroup::');
       console.log('::made-up::a short line');
       console.log('::error title=a s3cret title::a s3cret ' + 'x'.repeat(5000));`,
      { onLogLine: (line) => logLines.push(line) },
    );
    const message = `a *** ${'x'.repeat(4090)}`;
    expect(shown.annotations).toEqual([{ kind: 'error', title: 'a s3cret title', message }]);
    expect(shown.log).toEqual(['s3cret before', '▼ ***', '::made-up::a *** line', `Error: ${message}`]);
    expect(logLines).toEqual(shown.log);
    expect(annotations[0]?.message).toContain('a s3cret');
  });

  it('shows ten annotations of each type', async () => {
    const script = "for (let n = 1; n <= 11; n++) console.log('::error::' + n + '\\n::warning::' + n);";
    const { shown, annotations } = await run(script);
    expect(annotations).toHaveLength(22);
    expect(shown.annotations).toHaveLength(20);
    expect(shown.annotations.map(({ message }) => message)).not.toContain('11');
  });

  it.each([
    [1024 * 1024, 1024 * 1024],
    [1024 * 1024 + 1, 0],
  ])('of a summary of %d bytes shows %d', async (size, length) => {
    const { shown } = await run(`appendFileSync(GITHUB_STEP_SUMMARY, 'x'.repeat(${size}))`);
    expect(shown.summary).toHaveLength(length);
  });

  it('masks the summary, and passes no output that contains a masked value on to other jobs', async () => {
    const { outputs, shown } = await run(`
      console.log('::add-mask::s3cret');
      appendFileSync(GITHUB_STEP_SUMMARY, 'a s3cret');
      appendFileSync(GITHUB_OUTPUT, 'a=fine\\nb=a s3cret\\nc=\\n');
    `);
    expect(outputs).toEqual({ a: 'fine', b: 'a s3cret', c: '' });
    expect(shown.summary).toBe('a ***');
    expect(shown.jobOutputs).toEqual({ a: 'fine' });
  });
});

/** The second signal: Windows has console events in place of signals. */
const SECOND = process.platform === 'win32' ? 'SIGBREAK' : 'SIGTERM';

describe('signals', () => {
  const stubborn = `
    const started = performance.now();
    for (const signal of ['SIGINT', '${SECOND}']) {
      process.on(signal, () => console.log(signal, Math.round(performance.now() - started)));
    }
    console.log('ready');
    setInterval(() => undefined, 1000);
  `;

  it('are sent after a line, one after the other, each after its delay', async () => {
    const signals = [
      { whenLine: /^ready$/, signal: 'SIGINT' },
      { afterMs: 200, signal: 'SIGTERM' },
      { afterMs: 100, signal: 'SIGKILL' },
    ] as const;
    const { exitCode, signal, lines } = await run(stubborn, { signals });
    expect([exitCode, signal]).toEqual([null, 'SIGKILL']);
    expect(lines.map((line) => line.split(' ')[0])).toEqual(['ready', 'SIGINT', SECOND]);
    const [, first = NaN, second] = lines.map((line) => Number(line.split(' ')[1]));
    expect(second).toBeGreaterThan(first + 150);
  });

  it('of a canceled run are those of the runner', () => {
    expect(cancelLikeRunner({ whenLine: /x/ })).toEqual([
      { whenLine: /x/, signal: 'SIGINT' },
      { afterMs: 7500, signal: 'SIGTERM' },
      { afterMs: 2500, signal: 'SIGKILL' },
    ]);
  });

  it('kill a process that takes too long, which is an error', async () => {
    await expect(run(stubborn, { timeoutMs: 2000 })).rejects.toThrow(/longer than 2000 ms. Its output:\nready/);
  });
});

it('a leak is a secret anywhere but in the command that masks it', async () => {
  const result = await run(`
    console.log('::add-mask::hidden\\n::add-mask::shown');
    console.error('it is shown here');
    appendFileSync(GITHUB_OUTPUT, 'message=so is in-output\\n');
    appendFileSync(GITHUB_STEP_SUMMARY, 'and in-summary');
  `);
  expect(leaks(result, ['hidden', 'shown', 'in-output', 'in-summary', 'absent'])).toEqual([
    { secret: 'shown', where: 'stderr' },
    { secret: 'in-output', where: 'outputs' },
    { secret: 'in-summary', where: 'summary' },
  ]);
});
