import { readdirSync } from 'node:fs';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';

import { expect, it } from '@jest/globals';

import { read, root } from '../../dev/scripts/documents.ts';
import { defaultCredentials, type Simulator, type SimulatorOptions } from '../../dev/simulator/simulator.ts';
import { closedAfterTests, simulate } from '../e2e/run-step.ts';
import { connectProxy, listen, tlsFront } from '../e2e/tls.ts';
import { describeWorkflows } from '../support/needs.ts';
import { type JobRun, runWorkflow, type World } from './workflow/executor.ts';

/** Runs every example unchanged against the simulator: with bash, curl and jq, and with dist. */

const catalog = read('dev/demo/import.json');
const files = { 'catalog.json': catalog, 'batches/1.json': catalog, 'batches/2.json': catalog };
const [[clientId, clientSecret] = ['', '']] = Object.entries(defaultCredentials.clients);

let simulator: Simulator;
const examples = new Set<string>();
const describeRuns = describeWorkflows();

/** Starts a simulator whose jobs are finished before the first poll, unless `options` slow it down. */
async function collibra(defaultScenario: string, options: SimulatorOptions = {}): Promise<Simulator> {
  simulator = await simulate({ defaultScenario, speed: 1000, ...options });
  return simulator;
}

/** Runs the first job of an example, after a simulator was started if a scenario is given. */
async function run(name: string, scenario?: string, world: World = {}): Promise<JobRun> {
  if (scenario !== undefined) await collibra(scenario);
  const [first] = await runAll(name, world);
  if (first === undefined) throw new Error(`${name} has no job.`);
  return first;
}

function runAll(name: string, { vars, secrets, ...world }: World): Promise<JobRun[]> {
  examples.add(name);
  return runWorkflow(read(`examples/${name}`), {
    files,
    vars: (environment) => ({
      COLLIBRA_URL: simulator.url,
      COLLIBRA_USERNAME: 'pipeline',
      COLLIBRA_CLIENT_ID: clientId,
      ...vars?.(environment),
    }),
    secrets: (environment) => ({
      COLLIBRA_PASSWORD: defaultCredentials.users['pipeline'] ?? '',
      COLLIBRA_TOKEN: defaultCredentials.tokens[0] ?? '',
      COLLIBRA_CLIENT_SECRET: clientSecret,
      ...secrets?.(environment),
    }),
    ...world,
  });
}

const outcomesOf = ({ steps }: JobRun) => steps.map(({ outcome }) => outcome);
/** The first step whose name begins so. */
const stepOf = ({ steps }: JobRun, name: string) => {
  const step = steps.find((one) => one.name.startsWith(name));
  if (step === undefined) throw new Error(`There is no step ${name}.`);
  return step;
};

describeRuns('an example', () => {
  const passed = ['success', 'success', 'success'];
  const failed = ['success', 'success', 'failure'];

  it.each([
    ['import.yml', 'success', [...passed, 'success'], 'The catalog is in Collibra.\n'],
    ['import.yml', 'completed-with-error', [...failed, 'skipped'], ''],
    ['import.yml', 'aborted', [...failed, 'skipped'], ''],
    ['import.yml', 'failed', [...failed, 'skipped'], ''],
    ['import.yml', 'deleted', [...failed, 'skipped'], ''],
    ['accept-partial.yml', 'success', [...passed, 'skipped'], ''],
    ['accept-partial.yml', 'completed-with-error', [...passed, 'success'], 'Imported, but 3 commands failed.\n'],
    ['accept-partial.yml', 'large', [...failed, 'skipped'], ''],
    ['accept-partial.yml', 'aborted', [...failed, 'skipped'], ''],
    ['errors-file.yml', 'success', [...passed, 'skipped', 'skipped'], ''],
    ['errors-file.yml', 'large', [...failed, 'success', 'success'], '2500 commands failed.\n'],
  ])('%s runs the right steps after an import with %s', async (name, scenario, outcomes, lastLog) => {
    const job = await run(name, scenario);
    expect(outcomesOf(job)).toEqual(outcomes);
    expect(job.steps.at(-1)?.log).toBe(lastLog);
    const outcome = outcomes[2] === 'failure' ? 'failure' : scenario === 'success' ? 'success' : 'accepted';
    const submitted = stepOf(job, 'Submit the import').outputs['job-id'];
    const wait = stepOf(job, 'Wait');
    expect(wait.outputs).toMatchObject({ outcome, 'job-id': submitted });
    const kinds = { success: [], accepted: ['warning'], failure: ['error'] };
    expect(wait.annotations.map(({ kind }) => kind)).toEqual(kinds[outcome]);
  });

  it('import.yml fails at the submission if Collibra rejects it', async () => {
    await collibra('success', { users: { pipeline: 'another-password' } });
    const job = await run('import.yml');
    expect(outcomesOf(job)).toEqual(['success', 'failure', 'skipped', 'skipped']);
    expect(stepOf(job, 'Submit the import').log).toContain('401');
  });

  it('scheduled.yml polls until there is a job with the name and type that is not the one of the night before', async () => {
    const { addJob } = await collibra('success');
    const nightly = { name: 'Nightly synchronization' };
    addJob({ ...nightly, scenario: 'failed', createdAgoMs: 86_400_000 });
    addJob({ ...nightly, type: 'EXPORT', scenario: 'failed' });
    const id = addJob({ ...nightly, appearsInMs: 1500 });
    const job = await run('scheduled.yml');
    expect(job.result).toBe('success');
    expect(stepOf(job, 'Wait').log).toMatch(/Nightly synchronization.* yet/);
    expect(stepOf(job, 'Show the job ID').log).toBe(`Job ${id} succeeded.\n`);
  });

  it('batch-synchronization.yml finalizes after the SUCCESS of every batch', async () => {
    const { finalized } = await collibra('success', { speed: 4 });
    const job = await run('batch-synchronization.yml');
    expect(job.result).toBe('success');
    expect(JSON.parse(stepOf(job, 'Wait for every batch').outputs['jobs'] ?? '')).toHaveLength(2);
    expect(finalized).toMatchObject([{ synchronizationId: 'acme-catalog', batches: [{}, {}], notSuccessful: [] }]);
    expect(stepOf(job, 'Wait for the finalization').outputs['job-id']).toBe(finalized[0]?.jobId);
  });

  const notSuccessful = ['completed-with-error', 'failed'];
  it.each(notSuccessful)('batch-synchronization.yml does not finalize after %s', async (scenario) => {
    const { finalized } = await collibra(scenario);
    const job = await run('batch-synchronization.yml');
    expect(stepOf(job, 'Wait for every batch').outputs['outcome']).toBe('failure');
    expect(stepOf(job, 'Finalize the synchronization').outcome).toBe('skipped');
    expect(finalized).toEqual([]);
  });

  it('errors-file.yml keeps every failed command', async () => {
    const job = await run('errors-file.yml', 'large');
    const lines = job.artifacts['failed-commands']?.trim().split('\n') ?? [];
    expect(lines).toHaveLength(2500);
    const keys = ['jobId', 'errorType', 'resourceType', 'errorMessage', 'indices', 'identifier'];
    expect(Object.keys(JSON.parse(lines[0] ?? '') as object)).toEqual(keys);
    expect(read('examples/errors-file.yml')).toContain(`${keys.join(', ')}.`);
  });

  /** Runs the example with a chat server that collects messages. */
  async function runWithChat(scenario: string) {
    const messages: { text: string }[] = [];
    const server = createServer((request, response) => {
      void json(request).then((body) => {
        messages.push(body as { text: string });
        response.end();
      });
    });
    const url = `http://127.0.0.1:${await listen(closedAfterTests(server))}/`;
    const job = await run('react-to-outputs.yml', scenario, { secrets: () => ({ CHAT_WEBHOOK_URL: url }) });
    return { job, messages };
  }

  it('react-to-outputs.yml celebrates a success and notifies nobody', async () => {
    const { job, messages } = await runWithChat('success');
    expect(outcomesOf(job)).toEqual(['success', 'success', 'success', 'success', 'skipped', 'success']);
    expect(messages).toEqual([]);
    expect(JSON.parse(job.steps.at(-1)?.log ?? '')).toEqual({ success: 1 });
  });

  it('react-to-outputs.yml notifies the team of a failure', async () => {
    const { job, messages } = await runWithChat('failed');
    expect(job.result).toBe('failure');
    expect(stepOf(job, 'Celebrate').outcome).toBe('skipped');
    const message = "Collibra import: failure. The asset type 'Colunm' does not exist.";
    expect(messages).toEqual([{ text: `${message} https://github.com/acme/catalog/actions/runs/4242` }]);
  });

  it('react-to-outputs.yml passes a hostile message on as plain text', async () => {
    const { job, messages } = await runWithChat('hostile');
    expect(job.result).toBe('success');
    const message = stepOf(job, 'Wait').outputs['message'] ?? '';
    // A variable ends at a NUL.
    expect(messages[0]?.text).toContain(message.split('\0')[0]);
    expect(messages[0]?.text).toContain('::error title=owned::taken over');
    const logs = job.steps.filter(({ name }) => !name.startsWith('Wait')).map(({ log }) => log);
    expect(logs.join('')).not.toMatch(/::|##\[/);
  });

  it('environments.yml imports into each environment with its own variables, also after a failure in another', async () => {
    const production = await collibra('completed-with-error');
    const test = await collibra('completed-with-error');
    const jobs = await runAll('environments.yml', {
      vars: (environment) => ({ COLLIBRA_URL: (environment === 'production' ? production : test).url }),
    });
    expect(jobs.map(({ matrix, result }) => [matrix['environment'], result])).toEqual([
      ['test', 'success'],
      ['production', 'failure'],
    ]);
    expect(production.requests.some(({ path }) => path.endsWith('/json-job'))).toBe(true);
  });

  it('oauth-client.yml submits and waits with tokens of the client', async () => {
    const { issuedTokens } = await collibra('success');
    const job = await run('oauth-client.yml');
    expect(job.result).toBe('success');
    expect(issuedTokens).toHaveLength(2);
    expect(stepOf(job, 'Submit the import').log).toBe(`::add-mask::${issuedTokens[0] ?? ''}\n`);
  });

  it('cancel-with-the-run.yml deletes the job when the run is canceled', async () => {
    await collibra('stuck', { speed: 1 });
    const job = await run('cancel-with-the-run.yml', undefined, { cancelOn: /RUNNING/ });
    expect(job.result).toBe('cancelled');
    const id = stepOf(job, 'Submit the import').outputs['job-id'] ?? '';
    expect(simulator.job(id)?.deletion?.message).toContain('https://github.com/acme/catalog/actions/runs/4242');
    expect(stepOf(job, 'Show the outcome').log).toBe('The outcome is cancelled.\n');
  });

  it('private-network.yml uses the proxy and trusts the certificate of the extra authority', async () => {
    const host = 'collibra.acme.example';
    const front = closedAfterTests(await tlsFront((await collibra('success')).url, host));
    const proxy = closedAfterTests(await connectProxy(front.port));
    // Only the addresses that cannot be real are replaced.
    const certificates = { CURL_CA_BUNDLE: front.caFile, NODE_EXTRA_CA_CERTS: front.caFile };
    const env = { https_proxy: `http://127.0.0.1:${proxy.port}`, ...certificates };
    const job = await run('private-network.yml', undefined, { vars: () => ({ COLLIBRA_URL: `https://${host}` }), env });
    const failed = job.steps.filter(({ outcome }) => outcome !== 'success');
    expect([job.steps.length, failed.map(({ name, log }) => [name, log])]).toEqual([3, []]);
    expect(new Set(proxy.asked)).toEqual(new Set([`${host}:443`]));
    for (const name of Object.keys(env)) expect(read('examples/private-network.yml')).toContain(`${name}: `);
  });

  // The last test: the others have filled the set.
  it('is run here for every file of its folder', () => {
    expect([...examples].sort()).toEqual(readdirSync(`${root}examples`).sort());
  });
});
