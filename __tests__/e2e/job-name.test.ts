import { describe, expect, it, jest } from '@jest/globals';

import { startSimulator, type JobToAdd } from '../../dev/simulator/simulator.ts';
import { constantLife, succeeded } from './lives.ts';
import { runStep, serve, simulate, TOKEN, type Received } from './run-step.ts';

/* Jobs that are known by their names: other ways to compare names, the Core REST API, and what almost matched. */
jest.setTimeout(60_000);

const NAME = 'Nightly sync';
const V1 = '/rest/jobs/v1/jobs';
const CORE = '/rest/2.0/jobs';
const SHORT = { 'timeout-minutes': '0.01' };
const hours = (n: number) => n * 3_600_000;
const failed = constantLife({ state: 'FAILED', result: 'FAILURE' });

/** A simulator with jobs of that name that succeeded, unless a job says otherwise. */
async function withJobs(jobs: readonly JobToAdd[], options: Parameters<typeof startSimulator>[0] = {}) {
  const simulator = await simulate(options);
  const ids = jobs.map((job) => simulator.addJob({ name: NAME, life: succeeded, ...job }));
  return { simulator, ids };
}

describe('job-name-match', () => {
  const jobs: JobToAdd[] = [
    { name: 'Sync of sites, NIGHTLY', createdAgoMs: 1000 },
    { name: 'nightly SYNC', createdAgoMs: 2000 },
    { name: 'The Nightly sync job', createdAgoMs: 3000 },
    { name: 'Nightly sync 2', createdAgoMs: 4000 },
    { name: 'My nightly sync', createdAgoMs: 5000 },
    { name: NAME, createdAgoMs: 6000, life: failed },
  ];
  const TOOK = 'It is the newest of several jobs that match. Other names:';

  it.concurrent.each<[match: string, name: string, found: number, others: string | undefined]>([
    ['exact', NAME, 5, undefined],
    ['', NAME, 5, undefined],
    ['START', 'nightly', 1, `${TOOK} "Nightly sync 2", "Nightly sync".`],
    ['end', 'Sync', 1, `${TOOK} "My nightly sync", "Nightly sync".`],
    ['anywhere', 'NIGHTLY', 0, `${TOOK} "nightly SYNC", "The Nightly sync job", "Nightly sync 2" and 2 more.`],
    ['start', 'my nightly', 4, undefined],
  ])('%s finds the newest job for "%s", and the log names the other names', async (match, name, found, others) => {
    for (const apis of [['jobs-v1'], ['core-2.0']] as const) {
      const { simulator, ids } = await withJobs(jobs, { apis });
      const run = await runStep(simulator, { 'job-name': name, 'job-name-match': match });
      expect(run.outputs['job-id']).toBe(ids[found]);
      expect(run.lines.find((line) => line.startsWith(TOOK))).toBe(others);
    }
  });

  it.concurrent('is checked again when the server ignores it', async () => {
    const server = await serve(({ id }) => {
      const job = (name: string, ms: number) => ({
        ...{ id: crypto.randomUUID(), name, createdOn: new Date(Date.now() - ms).toISOString() },
        ...{ state: 'COMPLETED', result: 'SUCCESS' },
      });
      return id === '' ? { results: [job('A sync', 1), job('Sync by night', 2), job('sync ::add-mask::x', 3)] } : 404;
    });
    const inputs = { 'job-name': 'SYNC', 'job-name-match': 'start', ...SHORT };
    const { lines } = await runStep(server, inputs);
    expect(lines.find((line) => line.startsWith('Found job'))).toContain('"Sync by night"');
    expect(lines).toContain(`${TOOK} "sync ::add-mask::x".`);
  });
});

describe('Find jobs of the Core REST API', () => {
  it.concurrent('is used with core-2.0, and every filter is sent by its name there', async () => {
    const { simulator, ids } = await withJobs([{}, { type: 'EXPORT' }, { name: 'Other' }]);
    const user = simulator.userId('admin');
    const ofAdmin = simulator.addJob({ name: NAME, life: succeeded, user: 'admin', createdAgoMs: 1000 });
    const inputs = { 'job-name': NAME, 'job-api': 'core-2.0', 'job-type': 'IMPORT' };
    expect((await runStep(simulator, inputs)).outputs).toMatchObject({ outcome: 'success', 'job-id': ids[0] });
    expect((await runStep(simulator, { ...inputs, 'job-user': user })).outputs['job-id']).toBe(ofAdmin);
    const { requests } = simulator;
    expect(requests.every(({ path }) => path.startsWith('/rest/2.0/'))).toBe(true);
    const query = Object.fromEntries(requests.findLast(({ path }) => path === CORE)?.query ?? []);
    expect(query).toEqual({ name: NAME, nameMatchMode: 'EXACT', types: 'IMPORT', createdBy: user, limit: '50' });
  });

  it.concurrent.each([404, 405, 410, 501])(
    'is used with auto when v1 responds %d, and v1 still comes first for the job itself',
    async (status) => {
      const id = crypto.randomUUID();
      const job = { id, name: NAME, state: 'RUNNING', result: 'NOT_SET', createdOn: Date.now() };
      const server = await serve(({ path, nth }) => {
        if (path === V1) return status;
        if (path === CORE) return { total: 1, results: nth < 3 ? [] : [job] };
        return path === `${V1}/${id}` ? { id, state: 'COMPLETED', result: 'SUCCESS' } : 404;
      });
      const run = await runStep(server, { 'job-name': NAME });
      expect(run.outputs).toMatchObject({ outcome: 'success', 'job-id': id });
      const paths = server.requests.map(({ path }) => path).filter((path) => !path.includes('/import/'));
      expect(paths).toEqual([V1, CORE, CORE, CORE, `${V1}/${id}`]);
    },
  );

  it.concurrent('is not used when v1 fails otherwise, or has responded before', async () => {
    const forbidden = await serve(() => 403);
    expect((await runStep(forbidden, { 'job-name': NAME })).outputs.outcome).toBe('error');
    const later = await serve(({ nth }) => (nth === 1 ? { results: [] } : 404));
    expect((await runStep(later, { 'job-name': NAME, ...SHORT })).outputs.outcome).toBe('timeout');
    expect([...forbidden.requests, ...later.requests].map(({ path }) => path)).not.toContain(CORE);
  });

  it.concurrent.each([
    [[404, 501], /^job-name requires the Find jobs API .* Use job-id instead\. HTTP 404 .* HTTP 501 /],
    [[410, 403], /^HTTP 410 from .*\/v1\/jobs\. HTTP 403 from .*\/2\.0\/jobs\. Access denied/],
  ])('fails like v1 (%j), and the error says both', async (statuses, message) => {
    const server = await serve(({ path }) => statuses[[V1, CORE].indexOf(path)]);
    const run = await runStep(server, { 'job-name': NAME });
    expect(run.outputs.outcome).toBe('error');
    expect(run.annotations[0]?.message).toMatch(message);
    expect(run.durationMs).toBeLessThan(5000);
  });

  type Listed = Readonly<Record<string, unknown>>;
  const [USER, OTHER] = [crypto.randomUUID(), crypto.randomUUID()];
  const listed = (secondsAgo: number, more: object = {}): Listed => ({
    ...{ id: crypto.randomUUID(), name: NAME, type: 'IMPORT', userId: USER, resourceType: 'Job' },
    ...{ createdOn: Date.now() - 1000 * secondsAgo, state: 'COMPLETED', result: 'SUCCESS' },
    ...more,
  });
  const fresh = listed(60, { result: 'FAILURE' });
  /** In ascending order unless more is said. */
  const many = (n: number, more: object = {}) => Array.from({ length: n }, (_, i) => listed(200 - i, more));
  const unsorted = [...many(5), fresh];
  const other = { name: 'Other' };
  /** The list in pages of some size, with or without a total. */
  const paged = (jobs: readonly Listed[], size = 50, total: unknown = jobs.length) => {
    return ({ query }: Received) => {
      const offset = Number(query.get('offset'));
      return { results: jobs.slice(offset, offset + size), ...(total === null ? {} : { total }) };
    };
  };
  /** Before the second page is read, so many new jobs arrive. */
  const growing = (jobs: readonly Listed[], n: number) => (request: Received) =>
    paged(request.query.get('offset') ? [...many(n, other), ...jobs] : jobs)(request);

  it.concurrent.each<[name: string, respond: (request: Received) => unknown, outcome: string]>([
    ['the newest is on the second page of a list that is not sorted', paged([...many(50), fresh]), 'failure'],
    ['pages are shorter than requested', paged(unsorted, 2), 'failure'],
    ['pages have no total', paged(unsorted, 2, null), 'failure'],
    ['the total is 0 or no number', paged(unsorted, 2, 0), 'failure'],
    ['the total counts what is not there', paged([fresh], 50, 9), 'failure'],
    ['everything is on each page, without a total', () => ({ results: unsorted }), 'failure'],
    ['one page comes again and again', () => ({ results: unsorted, total: 99 }), 'error'],
    ['pages never end', () => ({ results: many(2) }), 'error'],
    ['new jobs arrive while pages are read', growing([...many(50, other), fresh, listed(999)], 3), 'failure'],
    ['the user is another one', () => ({ total: 2, results: [{ ...fresh, userId: OTHER }, listed(99)] }), 'success'],
    ['the type is another one', () => ({ total: 2, results: [{ ...fresh, type: 'X' }, listed(99)] }), 'success'],
    ['the name is another one', () => ({ total: 2, results: [{ ...fresh, name: 'X' }, listed(99)] }), 'success'],
    ['it is too old, in milliseconds since 1970', () => ({ total: 1, results: [listed(3601)] }), 'timeout'],
    ['nothing is there', () => ({ results: [] }), 'timeout'],
  ])('finds the right job, or fails, when %s', async (_, respond, outcome) => {
    const jobs: Listed[] = [];
    const server = await serve((request) => {
      if (request.path !== CORE) return jobs.find(({ id }) => id === request.id) ?? 404;
      const page = respond(request) as { results: Listed[] };
      jobs.push(...page.results);
      return page;
    });
    const inputs = { 'job-api': 'core-2.0', 'job-name': NAME, 'job-user': USER, 'job-type': 'IMPORT' };
    const run = await runStep(server, { ...inputs, 'import-results': 'false', 'max-outage-minutes': '0', ...SHORT });
    expect(run.outputs.outcome).toBe(outcome);
  });
});

describe('a timeout says what was seen', () => {
  const user = crypto.randomUUID();
  const OLD = [38, 14].map((n) => ({ createdAgoMs: hours(n) }));

  it.concurrent.each<[jobs: JobToAdd[], inputs: Record<string, string>, seen: string]>([
    [[], {}, 'no job of this or a similar name. Check job-name and the permissions of the user, or increase timeout'],
    [
      [...OLD, { type: 'EXPORT' }],
      { 'job-type': 'IMPORT' },
      '3 jobs of this name: 2 older than the look-back (newest 14 h), 1 of another type (EXPORT). ' +
        'If your job is one of them, increase lookback-minutes, or correct job-type. Otherwise, increase timeout-minutes.',
    ],
    [
      [{}, { name: NAME.toLowerCase(), createdAgoMs: 1000 }, { name: `My ${NAME}` }],
      { 'job-user': user },
      '1 job of this name: 1 started by another user (USER); 1 job whose name only contains job-name ("My Nightly sync"); ' +
        '1 job whose name differs in case ("nightly sync"). If your job is one of them, ',
    ],
  ])('of the jobs %j with %j, in the annotation and in the log', async (jobs, inputs, seen) => {
    for (const apis of [['jobs-v1'], ['core-2.0']] as const) {
      const { simulator } = await withJobs(jobs, { apis });
      const run = await runStep(simulator, { 'job-name': NAME, ...SHORT, ...inputs });
      expect(run.outputs.outcome).toBe('timeout');
      const listed = `Collibra listed ${seen.replace('USER', simulator.userId('pipeline'))}`;
      expect(run.annotations.map(({ message }) => message)).toEqual([expect.stringContaining(listed)]);
      expect(run.lines.filter((line) => line.startsWith('Job ') && line.includes(listed))).toHaveLength(1);
      // One request more than there are polls, and none before the time is up.
      const wide = simulator.requests.filter(({ query }) => query.get('nameMatchMode') === 'ANYWHERE');
      expect([wide.length, simulator.requests.at(-1)]).toEqual([1, wide[0]]);
    }
  });

  it.concurrent.each<[name: string, reply: unknown, seen: string]>([
    ['gets no response', undefined, '1 job of this name: 1 older'],
    ['is rejected', 429, '1 job of this name: 1 older'],
    ['is not understood', 400, '1 job of this name: 1 older'],
    ['returns no page', { results: 1 }, '1 job of this name: 1 older'],
    [
      'finds the job',
      'job',
      '1 job of this name: 1 listed only when the time was up (ID). If your job is one of them, run',
    ],
  ])('and changes nothing else when the search for similar names %s', async (_, reply, seen) => {
    const job = (secondsAgo: number) => ({ id: user, name: NAME, createdOn: Date.now() - 1000 * secondsAgo, ...{} });
    const server = await serve(({ query }) => {
      if (query.get('nameMatchMode') === 'EXACT') return { results: reply === 'job' ? [] : [job(3700)] };
      return reply === 'job' ? { results: [job(1)] } : reply;
    });
    const run = await runStep(server, { 'job-name': NAME, ...SHORT });
    expect(run.outputs).toMatchObject({ outcome: 'timeout', 'job-id': '', jobs: '[]' });
    expect(run.annotations[0]?.message).toContain(`Collibra listed ${seen.replace('ID', user)}`);
    expect(run.durationMs).toBeLessThan(15_000);
  });

  it.concurrent('without repeating the words of the server as they are', async () => {
    const name = `${NAME}\n::error::x ##[group]`;
    const jobs = [{ name }, { name: `${NAME} ${TOKEN} more` }, { name: `${NAME} ${'x'.repeat(5000)}` }];
    const { simulator } = await withJobs(jobs);
    const run = await runStep(simulator, { 'job-name': NAME, ...SHORT });
    const message = run.annotations[0]?.message ?? '';
    expect(run.annotations).toHaveLength(1);
    expect(message).toContain(
      'contains job-name ("Nightly sync ::error::x ## [group]", "Nightly sync *** more", "Nightly sync xx',
    );
    expect(message.length).toBeLessThan(600);
    const log = run.lines.filter((line) => !line.startsWith('::add-mask::'));
    expect([message, run.summary, ...log].join('\n')).not.toContain(TOKEN.slice(0, 12));
  });
});
