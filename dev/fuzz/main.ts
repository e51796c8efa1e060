/**
 * Random scenarios against the real loop and client: `npm run fuzz -- --runs 100000 --seed 1`.
 * A failure is made small and printed, with the options that repeat it.
 */
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';

import { check, type CheckOptions, type CheckResult, type Failure } from './check.ts';
import { add, describe, type Statistics } from './statistics.ts';

/** Scenarios in one batch; the next batch has the next seed, so that the number of workers changes nothing. */
const BATCH = 1_000;
const MAX_BATCH_MS = 600_000;

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { runs: text, seed: text, path: text } });
const runs = wholeNumber(values.runs ?? '10000');
const seed = wholeNumber(values.seed ?? String(Date.now() % 1_000_000));

const startMs = performance.now();
const statistics: Statistics = {};
const failures: Failure[] = [];
let batches = 0;
if (values.path === undefined) await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, work));
else collect(await check({ runs: BATCH, seed, path: values.path }));

console.log(describe(statistics));
const seconds = Math.round((performance.now() - startMs) / 1000);
console.log(`seed ${seed}, ${seconds} s, failures: ${failures.length}`);
for (const { seed: own, path, violations, trace } of failures) {
  console.log(['', trace, ...violations.map((violation) => `  ✗ ${violation}`)].join('\n'));
  console.log(`Repeat it: npm run fuzz -- --seed ${own} --path ${path}`);
}
process.exitCode = failures.length > 0 ? 1 : 0;

/** One worker, which takes batch after batch until there are none or one has failed. */
async function work(): Promise<void> {
  const worker = new Worker(new URL('worker.ts', import.meta.url));
  try {
    for (let batch = nextBatch(); batch && failures.length === 0; batch = nextBatch()) {
      worker.postMessage(batch);
      const message = once(worker, 'message', { signal: AbortSignal.timeout(MAX_BATCH_MS) });
      collect(...((await message) as [CheckResult]));
    }
  } finally {
    await worker.terminate();
  }
}

function nextBatch(): CheckOptions | undefined {
  const batch = batches++;
  const left = runs - batch * BATCH;
  return left > 0 ? { runs: Math.min(BATCH, left), seed: seed + batch } : undefined;
}

function collect({ statistics: one, failure }: CheckResult): void {
  for (const [name, n] of Object.entries(one)) add(statistics, name, n);
  if (failure) failures.push(failure);
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`Not a whole number: ${text}`);
  return Number(text);
}
