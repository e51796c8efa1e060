/**
 * Runs dist through real gateways: `npm run gateways`. Each one has connections that it closes early, a reload in the
 * middle of the wait, and a rate limit. A gateway that is not installed is skipped with a word
 * (`apt-get install nginx-light haproxy`).
 */
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { table } from '../bench/table.ts';
import { runAction } from '../runner/runner.ts';
import { startSimulator, succeedsAfter } from '../simulator/simulator.ts';
import { gateways, type GatewayProgram, type Scene } from './programs.ts';

const JOBS = 30;
const JOB_MS = 12_000;
const RELOADS_MS = [3_000, 6_000, 9_000];

const SCENES: readonly Scene[] = ['short keep-alive', 'rate limit'];

/** A port that is free now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Runs one step through a gateway. Returns a row of the table, and whether everything is as it should be. */
async function runThrough(program: GatewayProgram, scene: Scene): Promise<{ row: string[]; isGood: boolean }> {
  const folder = await mkdtemp(join(tmpdir(), 'gateway-'));
  const simulator = await startSimulator();
  const port = await freePort();
  const gateway = await program.start({ folder, port, target: simulator.port, scene });
  const reloads = scene === 'rate limit' ? [] : RELOADS_MS.map((ms) => setTimeout(gateway.reload, ms));
  try {
    const life = succeedsAfter(JOB_MS);
    const ids = Array.from({ length: JOBS }, () => simulator.addJob({ life }));
    const run = await runAction({
      inputs: {
        url: `http://127.0.0.1:${port}`,
        token: 'a-bearer-token-for-the-pipeline',
        'job-id': ids.join(),
        'import-results': 'false',
        'min-interval-seconds': '0.2',
        'max-interval-seconds': '2',
      },
      timeoutMs: 120_000,
    });
    const errors = run.shown.log.filter((line) => line.includes('Transient error'));
    for (const line of errors.slice(0, 3)) console.error(line);
    const { outcome = '' } = run.outputs;
    const seconds = `${(run.durationMs / 1000).toFixed(1)} s`;
    return {
      row: [program.name, scene, outcome, seconds, `${simulator.requests.length}`, `${errors.length}`],
      // A limit that also counts what it rejects may reject all requests of a moment, which are then sent again.
      isGood: outcome === 'success' && (scene === 'rate limit' || errors.length === 0),
    };
  } finally {
    for (const reload of reloads) clearTimeout(reload);
    await gateway.stop();
    await simulator.close();
    await rm(folder, { recursive: true, force: true });
  }
}

const rows: string[][] = [];
for (const { name, program } of gateways()) {
  if (program === undefined) {
    console.log(`SKIPPED: ${name} is not installed.`);
    continue;
  }
  for (const scene of SCENES) {
    const { row, isGood } = await runThrough(program, scene);
    rows.push(row);
    if (!isGood) process.exitCode = 1;
  }
}
if (rows.length > 0) console.log(table(['gateway', 'scene', 'outcome', 'time', 'responses', 'transient errors'], rows));
