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
  it('has the exit code, and the lines, commands, annotations and masks of both streams', async () => {
    const seen: string[] = [];
    const script = `
      process.stdout.write('a\\rb ##[notice]in the middle\\r\\n');
      console.log('::error title=Bad%3A it%2C failed,line=3::first%0Asecond%25');
      console.log('::add-mask::s3cret%25');
      console.error('  ::warning::careful');
      process.exitCode = 3;
    `;
    const result = await run(script, { onLine: (line, stream) => seen.push(`${stream} ${line}`) });
    expect(result).toMatchObject({ exitCode: 3, signal: null, stderr: '  ::warning::careful\n', masks: ['s3cret%'] });
    expect(result.lines.slice(0, 2)).toEqual(['a', 'b ##[notice]in the middle']);
    const streams = ['stdout', 'stdout', 'stdout', 'stdout', 'stderr'];
    expect(seen.toSorted()).toEqual(result.lines.map((line, index) => `${streams[index]} ${line}`).toSorted());
    expect(result.annotations).toEqual([
      { kind: 'notice', title: '', message: 'in the middle' },
      { kind: 'error', title: 'Bad: it, failed', message: 'first\nsecond%' },
      { kind: 'warning', title: '', message: 'careful' },
    ]);
  });

  it('has what was written before the process was killed, and a post step with the inputs and the saved state', async () => {
    const script = `
      if (process.env.STATE_jobs) {
        appendFileSync(GITHUB_OUTPUT, 'from=post\\n');
        console.log('ready', process.env.STATE_jobs, process.env.INPUT_URL, 's3cret');
        setTimeout(() => undefined, 300);
      } else {
        process.on('SIGINT', () => console.log('canceled'));
        appendFileSync(GITHUB_OUTPUT, '\\uFEFFoutcome<<END\\ntwo\\n\\nlines\\nEND\\nplain=a=b\\n');
        appendFileSync(GITHUB_STATE, 'jobs=1,2\\n');
        appendFileSync(GITHUB_STEP_SUMMARY, '# Done\\n');
        console.log('::add-mask::s3cret');
        console.log('ready');
        setInterval(() => undefined, 1000);
      }
    `;
    const signals = cancelLikeRunner({ whenLine: /ready/ }, { inContainer: true });
    const actionFile = join(folder, 'with-post.yml');
    const { post, ...main } = await run(script, { actionFile, inputs: { url: 'x' }, signals });
    expect(main).toMatchObject({
      ...{ signal: 'SIGKILL', lines: ['::add-mask::s3cret', 'ready'], summary: '# Done\n' },
      ...{ outputs: { outcome: 'two\n\nlines', plain: 'a=b' }, state: { jobs: '1,2' } },
    });
    expect(post).toMatchObject({ exitCode: 0, lines: ['ready 1,2 x s3cret'], outputs: { from: 'post' } });
    expect(post?.shown.log).toEqual(['ready 1,2 x ***']);
    expect(leaks({ ...main, ...(post && { post }) }, ['s3cret'])).toEqual([{ secret: 's3cret', where: 'post stdout' }]);
  });
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
    const { shown } = await run(script);
    const ten = Array.from({ length: 10 }, (_, index) => `${index + 1}`);
    expect(shown.annotations.map(({ message }) => message)).toEqual(ten.flatMap((n) => [n, n]));
  });

  it.each([
    [1024 * 1024, 1024 * 1024],
    [1024 * 1024 + 1, 0],
  ])('of a summary of %d bytes shows %d', async (size, length) => {
    const { shown } = await run(`appendFileSync(GITHUB_STEP_SUMMARY, 'x'.repeat(${size}))`);
    expect(shown.summary).toHaveLength(length);
  });

  it('masks the summary, and passes no output that is empty or contains a masked value on to other jobs', async () => {
    const result = await run(`
      console.log('::add-mask::s3cret\\n::add-mask::hidden');
      console.error('a s3cret');
      appendFileSync(GITHUB_STEP_SUMMARY, 'a s3cret');
      appendFileSync(GITHUB_OUTPUT, 'a=fine\\nb=a s3cret\\nc=\\n');
    `);
    const { outputs, shown } = result;
    expect(outputs).toEqual({ a: 'fine', b: 'a s3cret', c: '' });
    expect([shown.summary, shown.jobOutputs]).toEqual(['a ***', { a: 'fine' }]);
    // A leak is a secret anywhere but in the command that masks it, also where GitHub masks it.
    const places = ['stderr', 'summary', 'outputs'].map((where) => ({ secret: 's3cret', where }));
    expect(leaks(result, ['s3cret', 'hidden', 'absent'])).toEqual(places);
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

  it('kill a process that takes too long, which is an error', async () => {
    await expect(run(stubborn, { timeoutMs: 2000 })).rejects.toThrow(/longer than 2000 ms. Its output:\nready/);
  });
});
