import { setTimeout as sleep } from 'node:timers/promises';

import { describe, expect, it, jest } from '@jest/globals';

import { cancelLikeRunner, leaks, type RunOptions, type StepRun } from '../../dev/runner/runner.ts';
import { running as lifeOfRunning } from '../../dev/simulator/simulator.ts';
import { expectAllOutputs, fastClock, preloading, runStep, serve, simulate, type Received } from './run-step.ts';

/* What the main step leaves to the post step when it is canceled or killed, and what the post step makes of it. */
jest.setTimeout(120_000);

const DELETE = { 'on-cancel': 'delete', 'import-results': 'false' };

const idsOf = (count: number): string[] => Array.from({ length: count }, () => crypto.randomUUID());
const running = (id: string) => ({ id, state: 'RUNNING', result: 'NOT_SET' });
const succeeded = (id: string) => ({ id, state: 'COMPLETED', result: 'SUCCESS' });

/** How the runner stops a step when a line is written: in a container, the process is killed without a signal. */
const stop = (whenLine: RegExp, where: 'host' | 'container') =>
  cancelLikeRunner({ whenLine }, { inContainer: where === 'container' });

/** Runs a step against a server, and separates what the two steps requested. */
async function stepWith(
  ids: readonly string[],
  respond: (request: Received, inPost: boolean) => unknown,
  inputs: Record<string, string>,
  options: RunOptions = {},
) {
  let main: StepRun | undefined;
  const server = await serve((request) =>
    request.path.includes('/import/') ? 404 : respond(request, main !== undefined),
  );
  let requestsOfMain: Received[] = [];
  const onMainEnd = (run: StepRun) => {
    main = run;
    requestsOfMain = [...server.requests];
  };
  const run = await runStep(
    server,
    { 'job-id': ids.join(), 'job-api': 'jobs-v1', ...inputs },
    { onMainEnd, ...options },
  );
  const requestsOfPost = server.requests.slice(requestsOfMain.length);
  const of = (method: string, requests: readonly Received[]) =>
    requests.filter((request) => request.method === method).map(({ id }) => ids.indexOf(id));
  return {
    run,
    post: run.post as StepRun,
    polled: of('GET', requestsOfPost),
    deleted: of('DELETE', requestsOfPost),
    deletedByMain: of('DELETE', requestsOfMain),
    requestsOfPost,
  };
}

const linesOf = ({ lines }: StepRun) => lines.filter((line) => !line.startsWith('::'));

describe('the post step', () => {
  it.concurrent.each<[name: string, inputs: Record<string, string>]>([
    ['passed', {}],
    ['failed', { 'max-failed-commands': '0', 'job-id': idsOf(1).join() }],
    ['timed out', { 'timeout-minutes': '0.005' }],
    ['had invalid inputs', { 'timeout-minutes': 'long' }],
  ])('says and requests nothing after a main step that %s', async (_, inputs) => {
    const [id = ''] = idsOf(1);
    const respond = (request: Received) => {
      if (request.id !== id) return 403;
      return 'timeout-minutes' in inputs ? running(id) : succeeded(id);
    };
    const { run, post, requestsOfPost } = await stepWith([id], respond, { ...DELETE, ...inputs });
    expect(run.exitCode).toBe(Object.keys(inputs).length === 0 ? 0 : 1);
    expect(post).toMatchObject({ exitCode: 0, stdout: '', stderr: '', summary: '', outputs: {} });
    expect(requestsOfPost).toEqual([]);
  });

  it.concurrent.each(['host', 'container'] as const)(
    'deletes the jobs that are unfinished when the run is canceled on a %s, and only asks for these',
    async (where) => {
      const ids = idsOf(4);
      // The first is finished before the cancellation, and the second after it.
      const respond = ({ method, id }: Received, inPost: boolean) => {
        if (method === 'DELETE') return 204;
        return id === ids[0] || (inPost && id === ids[1]) ? succeeded(id) : running(id);
      };
      const signals = stop(/: success after/, where);
      const { run, post, ...jobs } = await stepWith(ids, respond, DELETE, { signals });
      expect(jobs).toMatchObject({ deletedByMain: [], polled: [1, 2, 3], deleted: [2, 3] });
      expect(run.outputs['outcome']).toBe(where === 'host' ? 'cancelled' : 'error');
      expectAllOutputs(run);
      expect(post.exitCode).toBe(0);
      expect(linesOf(post)).toEqual([
        expect.stringMatching(/^Deleting what is unfinished of 3 jobs at http/),
        expect.stringContaining(
          `${ids[1]}: not deleted, because the job is finished (state COMPLETED, result SUCCESS).`,
        ),
        expect.stringContaining(`${ids[2]}: requested deletion.`),
        expect.stringContaining(`${ids[3]}: requested deletion.`),
      ]);
      const message = where === 'host' ? 'Workflow run canceled' : 'Workflow step stopped';
      expect(jobs.requestsOfPost.find(({ method }) => method === 'DELETE')?.query.get('message')).toBe(
        `${message}: https://github.com/acme/catalog/actions/runs/4242`,
      );
      if (where === 'host') {
        expect([run.annotations.length, post.annotations.length, post.summary]).toEqual([4 - 1, 0, '']);
        return;
      }
      expect([run.annotations.length, run.summary, post.annotations.length]).toEqual([0, '', 4]);
      expect(post.annotations[0]).toMatchObject({
        kind: 'error',
        title: "Could not determine the Collibra job's status",
      });
      expect(post.annotations.map((one) => one.message).join()).toMatch(
        /The step was stopped before it could report .*The job is finished in Collibra.*Not deleted, because the job is finished.*Requested deletion/,
      );
      expect(post.summary).toContain('Requested deletion. A running import might not stop.');
    },
  );

  it.concurrent(
    'reports a main step that was killed, and leaves the jobs alone, unless on-cancel is delete',
    async () => {
      const ids = idsOf(2);
      const signals = stop(/RUNNING/, 'container');
      const { run, post, requestsOfPost } = await stepWith(ids, ({ id }) => running(id), {}, { signals });
      expect([run.exitCode, run.outputs['outcome'], requestsOfPost]).toEqual([null, 'error', []]);
      expect(post).toMatchObject({ exitCode: 0, annotations: [{ kind: 'error' }, { kind: 'error' }] });
      expect(post.annotations[0]?.message).toMatch(
        /might still be running in Collibra\. Check it there before you import/,
      );
      expect(post.summary).toMatch(/The step was stopped before it could report a result/);
    },
  );

  it.concurrent('deletes a hundred jobs at 1 s for each response, but none that is finished', async () => {
    const ids = idsOf(100);
    const respond = async ({ method, id }: Received, inPost: boolean) => {
      if (inPost) await sleep(1_000);
      if (method === 'DELETE') return 204;
      return inPost && ids.indexOf(id) % 2 === 1 ? succeeded(id) : running(id);
    };
    const { post, deleted, polled } = await stepWith(ids, respond, DELETE, { signals: stop(/RUNNING/, 'host') });
    expect(polled).toHaveLength(100);
    expect(deleted.sort((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, index) => 2 * index));
    expect([post.exitCode, linesOf(post).length]).toEqual([0, 101]);
  });

  it.concurrent.each<[name: string, respond: (request: Received) => unknown, line: RegExp]>([
    [
      'rejects the deletes',
      ({ method, id }) => (method === 'DELETE' ? 403 : running(id)),
      /could not delete .*HTTP 403/,
    ],
    ['is unreachable', () => 'reset', /could not delete .*(connection reset|no time left)/i],
    ['does not respond', () => undefined, /could not delete .*No response|no time left/],
  ])('ends in time and says for each job that the server %s', async (_, respond, line) => {
    const ids = idsOf(12);
    const inPostOnly = (request: Received, inPost: boolean) => (inPost ? respond(request) : running(request.id));
    // A minute is over in 4 s.
    const options = { signals: stop(/RUNNING/, 'host'), env: preloading(fastClock(15)) };
    const inputs = {
      ...DELETE,
      'min-interval-seconds': '1000',
      'max-interval-seconds': '1000',
      'timeout-minutes': '7000',
    };
    const { post } = await stepWith(ids, inPostOnly, inputs, options);
    expect(post.exitCode).toBe(0);
    expect(linesOf(post).slice(1)).toEqual(ids.map(() => expect.stringMatching(line)));
    expect(post.annotations).toHaveLength(10);
    expect(post.annotations[0]).toMatchObject({ kind: 'warning', title: 'Collibra job not deleted' });
    expect(post.durationMs).toBeLessThan(10_000);
  });

  it.concurrent('honors Retry-After, and asks the API that knew the job with a token of its own', async () => {
    const server = await simulate({ clients: { client: 'the-client-secret' } });
    const retryAfter = { seconds: 2, as: 'seconds' } as const;
    const faults = [{ on: 'delete', to: 1, fault: { kind: 'status', status: 429, retryAfter } }] as const;
    const id = server.addJob({ life: { steps: lifeOfRunning(0, 600_000), faults }, knownTo: ['core-2.0'] });
    const credentials = { token: '', 'client-id': 'client', 'client-secret': 'the-client-secret' };
    let tokens = 0;
    const onMainEnd = () => (tokens = server.issuedTokens.length);
    const options = { signals: stop(/RUNNING/, 'container'), onMainEnd };
    const run = await runStep(server, { 'job-id': id, ...credentials, ...DELETE }, options);
    expect([tokens, server.issuedTokens.length]).toEqual([1, 2]);
    expect(leaks(run, ['the-client-secret', ...server.issuedTokens])).toEqual([]);
    const sent = server.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/canceled'));
    expect(sent.map(({ status }) => status)).toEqual([429, 202]);
    expect(run.post?.durationMs).toBeGreaterThan(2_000);
    const toV1 = server.requests.filter(({ path }) => path.includes('/jobs/v1/'));
    expect(toV1.map(({ status }) => status)).toEqual([404]);
  });

  it.concurrent(
    'asks again before a delete that had to wait for a new token, because the job may have finished',
    async () => {
      let tokens = 0;
      const respond = async ({ method, path, id, nth }: Received, inPost: boolean) => {
        if (path.endsWith('/oauth/v2/token')) {
          tokens += inPost ? 1 : 0;
          if (tokens === 2) await sleep(1_500);
          return { access_token: `token-number-${nth}`, token_type: 'Bearer' };
        }
        if (method === 'DELETE') return 401;
        return tokens < 2 ? running(id) : succeeded(id);
      };
      const [id = ''] = idsOf(1);
      const client = { token: '', 'client-id': 'the-client', 'client-secret': 'the-client-secret' };
      const { post, deleted } = await stepWith(
        [id],
        respond,
        { ...DELETE, ...client },
        { signals: stop(/RUNNING/, 'host') },
      );
      expect(deleted).toEqual([0]);
      expect(linesOf(post)[1]).toContain(`${id}: not deleted, because the job is finished`);
    },
  );

  it.concurrent('deletes the job of a main step that was canceled while it was loaded', async () => {
    const [id = ''] = idsOf(1);
    const signalOnStart = `
      import fs from 'node:fs';
      import { syncBuiltinESMExports } from 'node:module';
      const { appendFileSync } = fs;
      fs.appendFileSync = (file, text, ...more) => {
        appendFileSync(file, text, ...more);
        if (text === 'phase=started\\n') process.kill(process.pid, 'SIGINT');
      };
      syncBuiltinESMExports();
    `;
    const respond = ({ method }: Received, inPost: boolean) => (method === 'DELETE' ? 204 : inPost && running(id));
    const { run, deleted, deletedByMain } = await stepWith([id], respond, DELETE, { env: preloading(signalOnStart) });
    expect(run.outputs['outcome']).toBe('cancelled');
    expect([deletedByMain, deleted]).toEqual([[], [0]]);
  });

  it.concurrent('ends soon when it is canceled itself, and says what is not done', async () => {
    const [id = ''] = idsOf(1);
    const respond = ({ method }: Received) => (method === 'DELETE' ? undefined : running(id));
    const options = { signals: stop(/RUNNING/, 'container'), postSignals: cancelLikeRunner({ whenLine: /Deleting/ }) };
    const { post } = await stepWith([id], respond, DELETE, options);
    expect([post.exitCode, post.signal]).toEqual([0, null]);
    expect(linesOf(post)[1]).toMatch(/no confirmation that the job was deleted\. There was no time left/);
    expect(post.durationMs).toBeLessThan(7_000);
  });
});
