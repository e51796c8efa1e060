import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { expect, it } from '@jest/globals';

import { defaultCredentials, type Simulator, type SimulatorOptions } from '../../dev/simulator/simulator.ts';
import { closedAfterTest, simulate } from '../e2e/steps.ts';
import { connectProxy, tlsFront } from '../e2e/tls.ts';
import { describeWorkflows } from '../support/needs.ts';
import { type JobRun, runWorkflow, type World } from './workflow/executor.ts';

/** Every example is run against the simulator as it stands: bash, curl and jq, and then dist. */

const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const catalog = read('dev/demo/import.json');
const files = { 'catalog.json': catalog, 'batches/1.json': catalog, 'batches/2.json': catalog };
const [[clientId, clientSecret] = ['', '']] = Object.entries(defaultCredentials.clients);

/** Jobs are over before one looks; what takes time is tested elsewhere. */
const SPEED = 1000;

let simulator: Simulator;
const ended = new Set<string>();

async function collibra(defaultScenario: string, options: SimulatorOptions = {}): Promise<void> {
  simulator = await simulate({ defaultScenario, speed: SPEED, ...options });
}

function worldOf({ url }: Pick<Simulator, 'url'> = simulator): World {
  return {
    files,
    vars: () => ({
      COLLIBRA_URL: url,
      COLLIBRA_USERNAME: 'pipeline',
      COLLIBRA_CLIENT_ID: clientId,
    }),
    secrets: () => ({
      COLLIBRA_PASSWORD: defaultCredentials.users['pipeline'] ?? '',
      COLLIBRA_TOKEN: defaultCredentials.tokens[0] ?? '',
      COLLIBRA_CLIENT_SECRET: clientSecret,
      CHAT_WEBHOOK_URL: 'http://127.0.0.1:9/',
    }),
  };
}

async function runExample(name: string, world: World = worldOf()): Promise<JobRun> {
  ended.add(name);
  const [run] = await runWorkflow(read(`examples/${name}`), world);
  if (run === undefined) throw new Error(`${name} has no job.`);
  return run;
}

const outcomesOf = ({ steps }: JobRun) => steps.map(({ outcome }) => outcome);
const stepOf = ({ steps }: JobRun, name: string | RegExp) => {
  const step = steps.find((one) => (typeof name === 'string' ? one.name === name : name.test(one.name)));
  if (step === undefined) throw new Error(`There is no step ${String(name)}.`);
  return step;
};

const describeRuns = describeWorkflows();

describeRuns('import.yml', () => {
  it('goes on after a success', async () => {
    await collibra('success');
    const run = await runExample('import.yml');
    expect(outcomesOf(run)).toEqual(['success', 'success', 'success', 'success']);
    expect(stepOf(run, 'Wait for the import').outputs).toMatchObject({
      outcome: 'success',
      'job-id': stepOf(run, 'Submit the import').outputs['job-id'],
    });
    expect(stepOf(run, 'Go on').log).toBe('The catalog is in Collibra.\n');
  });

  it.each(['completed-with-error', 'aborted', 'failed', 'deleted'])(
    'does not go on after %s',
    async (scenario) => {
      await collibra(scenario);
      const run = await runExample('import.yml');
      expect(run.result).toBe('failure');
      expect(stepOf(run, 'Wait for the import').outputs['outcome']).toBe('failure');
      expect(stepOf(run, 'Go on').outcome).toBe('skipped');
    },
  );

  it('fails at the submission where that is refused', async () => {
    await collibra('success', { users: { pipeline: 'another-password' } });
    const run = await runExample('import.yml');
    expect(outcomesOf(run)).toEqual(['success', 'failure', 'skipped', 'skipped']);
    expect(stepOf(run, 'Submit the import').log).toContain('401');
  });
});

describeRuns('scheduled.yml', () => {
  const name = 'Nightly synchronization';
  const minuteMs = 60_000;

  it("waits for the night's job by its name, never for the one of the night before", async () => {
    await collibra('success');
    simulator.addJob({ name, scenario: 'failed', createdAgoMs: 24 * 60 * minuteMs });
    simulator.addJob({ name, type: 'EXPORT', scenario: 'failed' });
    const id = simulator.addJob({ name, scenario: 'success', createdAgoMs: 5 * minuteMs });
    const run = await runExample('scheduled.yml');
    expect(run.result).toBe('success');
    expect(stepOf(run, 'Tell which job it was').log).toBe(`Job ${id} ended well.\n`);
  });

  it('waits for it to appear', async () => {
    await collibra('success');
    const id = simulator.addJob({ name, appearsInMs: 1500 });
    const run = await runExample('scheduled.yml');
    expect(stepOf(run, /^Wait/).outputs).toMatchObject({ outcome: 'success', 'job-id': id });
    expect(stepOf(run, /^Wait/).log).toMatch(/No job named .* yet/);
  });
});

describeRuns('batch-synchronization.yml', () => {
  it('finalizes after every batch ended with SUCCESS', async () => {
    await collibra('success', { speed: 4 });
    const run = await runExample('batch-synchronization.yml');
    expect(run.result).toBe('success');
    expect(JSON.parse(stepOf(run, 'Wait for every batch').outputs['jobs'] ?? '')).toHaveLength(2);
    expect(simulator.finalized).toMatchObject([
      { synchronizationId: 'acme-catalog', batches: [{}, {}], notSuccessful: [] },
    ]);
    expect(stepOf(run, 'Wait for the finalization').outputs['job-id']).toBe(simulator.finalized[0]?.jobId);
  });

  it.each(['completed-with-error', 'failed'])(
    'does not finalize where a batch ends in %s',
    async (scenario) => {
      await collibra(scenario);
      const failed = await runExample('batch-synchronization.yml');
      expect(stepOf(failed, 'Wait for every batch').outputs['outcome']).toBe('failure');
      expect(stepOf(failed, 'Finalize the synchronization').outcome).toBe('skipped');
      expect(simulator.finalized).toEqual([]);
    },
  );
});

describeRuns('accept-partial.yml', () => {
  it('passes, warns and tells how many commands failed', async () => {
    await collibra('completed-with-error');
    const run = await runExample('accept-partial.yml');
    expect(run.result).toBe('success');
    expect(stepOf(run, /^Wait/).annotations).toMatchObject([{ kind: 'warning' }]);
    expect(stepOf(run, /^Say so/).log).toBe('Imported, but 3 commands failed.\n');
  });

  it('says nothing after a full success', async () => {
    await collibra('success');
    const run = await runExample('accept-partial.yml');
    expect(outcomesOf(run)).toEqual(['success', 'success', 'success', 'skipped']);
  });

  it.each(['large', 'aborted'])(
    'fails after %s: too many failed commands, another result',
    async (scenario) => {
      await collibra(scenario);
      expect((await runExample('accept-partial.yml')).result).toBe('failure');
    },
  );
});

describeRuns('errors-file.yml', () => {
  it('keeps every failed command', async () => {
    await collibra('large');
    const run = await runExample('errors-file.yml');
    expect(outcomesOf(run)).toEqual(['success', 'success', 'failure', 'success', 'success']);
    const lines = run.artifacts['failed-commands']
      ?.trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).toHaveLength(2500);
    expect(Object.keys(lines?.[0] ?? {})).toEqual([
      'jobId',
      'errorType',
      'resourceType',
      'errorMessage',
      'indices',
      'identifier',
    ]);
    expect(stepOf(run, 'Count them').log).toBe('2500 commands failed.\n');
  });

  it('keeps nothing where nothing failed', async () => {
    await collibra('success');
    const run = await runExample('errors-file.yml');
    expect(outcomesOf(run)).toEqual(['success', 'success', 'success', 'skipped', 'skipped']);
  });
});

describeRuns('react-to-outputs.yml', () => {
  /** A chat that takes messages. */
  async function chat() {
    const messages: unknown[] = [];
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        messages.push(JSON.parse(body));
        response.end();
      });
    });
    closedAfterTest(server).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    return { url, messages };
  }

  async function runWithChat(scenario: string) {
    await collibra(scenario);
    const { url, messages } = await chat();
    const world = worldOf();
    const secrets = () => ({ ...world.secrets?.(undefined), CHAT_WEBHOOK_URL: url });
    const run = await runExample('react-to-outputs.yml', { ...world, secrets });
    return { run, messages };
  }

  it('celebrates a success and tells nobody', async () => {
    const { run, messages } = await runWithChat('success');
    expect(outcomesOf(run)).toEqual(['success', 'success', 'success', 'success', 'skipped', 'success']);
    expect(messages).toEqual([]);
    expect(JSON.parse(stepOf(run, 'Count the outcomes of single jobs').log)).toEqual({ success: 1 });
  });

  it('tells of a failure', async () => {
    const { run, messages } = await runWithChat('failed');
    expect(run.result).toBe('failure');
    expect(stepOf(run, 'Celebrate').outcome).toBe('skipped');
    expect(messages).toEqual([
      {
        text:
          "Collibra import: failure. The asset type 'Colunm' does not exist. " +
          'https://github.com/acme/catalog/actions/runs/4242',
      },
    ]);
  });

  it('hands on a hostile message as a mere text', async () => {
    const { run, messages } = await runWithChat('hostile');
    expect(run.result).toBe('success');
    const [{ text: told } = { text: '' }] = messages as { text: string }[];
    const message = stepOf(run, 'Wait for the import').outputs['message'] ?? '';
    // A variable ends at a NUL.
    expect(told).toContain(message.split('\0')[0]);
    expect(told).toContain('::error title=owned::taken over');
    expect(
      run.steps
        .filter(({ name }) => !name.startsWith('Wait'))
        .map(({ log }) => log)
        .join(''),
    ).not.toMatch(/::|##\[/);
  });
});

describeRuns('environments.yml', () => {
  it('imports into each with its own variables, and one failure leaves the others alone', async () => {
    await collibra('completed-with-error');
    const production = await simulate({ defaultScenario: 'completed-with-error', speed: SPEED });
    const world = worldOf();
    ended.add('environments.yml');
    const runs = await runWorkflow(read('examples/environments.yml'), {
      ...world,
      vars: (environment) => ({
        ...world.vars?.(environment),
        COLLIBRA_URL: environment === 'production' ? production.url : simulator.url,
      }),
    });
    expect(runs.map(({ matrix, result }) => [matrix['environment'], result])).toEqual([
      ['test', 'success'],
      ['production', 'failure'],
    ]);
    expect(production.requests.some(({ path }) => path.endsWith('/json-job'))).toBe(true);
  });
});

describeRuns('oauth-client.yml', () => {
  it('submits and waits with tokens of the client', async () => {
    await collibra('success');
    const run = await runExample('oauth-client.yml');
    expect(run.result).toBe('success');
    expect(simulator.issuedTokens).toHaveLength(2);
    expect(stepOf(run, 'Submit the import').log).toBe(`::add-mask::${simulator.issuedTokens[0] ?? ''}\n`);
  });
});

describeRuns('cancel-with-the-run.yml', () => {
  it('deletes the job when the run is cancelled', async () => {
    await collibra('stuck', { speed: 1 });
    const run = await runExample('cancel-with-the-run.yml', { ...worldOf(), cancelOn: /RUNNING/ });
    expect(run.result).toBe('cancelled');
    const id = stepOf(run, 'Submit the import').outputs['job-id'] ?? '';
    expect(simulator.job(id)?.deletion?.message).toContain(
      'https://github.com/acme/catalog/actions/runs/4242',
    );
    expect(stepOf(run, 'Say how it ended').log).toBe('The wait ended with cancelled.\n');
  });
});

describeRuns('private-network.yml', () => {
  it('goes through the proxy, to a certificate that only the extra authority vouches for', async () => {
    await collibra('success');
    const host = 'collibra.acme.example';
    const front = closedAfterTest(await tlsFront(simulator.url, host));
    const proxy = closedAfterTest(await connectProxy(front.port));
    // Only the two addresses that can't be real are replaced.
    const env = {
      https_proxy: `http://127.0.0.1:${proxy.port}`,
      CURL_CA_BUNDLE: front.caFile,
      NODE_EXTRA_CA_CERTS: front.caFile,
    };
    const run = await runExample('private-network.yml', { ...worldOf({ url: `https://${host}` }), env });
    expect(run.steps.map(({ outcome, log }) => [outcome, outcome === 'success' ? '' : log])).toEqual([
      ['success', ''],
      ['success', ''],
      ['success', ''],
    ]);
    expect(new Set(proxy.asked)).toEqual(new Set([`${host}:443`]));
    const example = read('examples/private-network.yml');
    for (const name of Object.keys(env)) expect(example).toContain(`${name}: `);
  });
});

describeRuns('the examples', () => {
  it('are all run', () => {
    expect([...ended].sort()).toEqual(readdirSync(new URL('examples', root)).sort());
  });
});
