/**
 * Random scenarios against the real loop and client: `npm run fuzz -- --runs 100000 --seed 1`.
 * A failure is made small and printed, with the options that repeat it.
 */
import { parseArgs } from 'node:util';

import { check } from './check.ts';
import { describe } from './describe.ts';

// Errors are created by the million here, and nobody reads their stacks.
Error.stackTraceLimit = 0;

const text = { type: 'string' } as const;
const { values } = parseArgs({ options: { runs: text, seed: text, path: text } });
const runs = wholeNumber(values.runs ?? '10000');
const seed = wholeNumber(values.seed ?? String(Date.now() % 1_000_000));

const startMs = performance.now();
const { statistics, failure } = await check({ runs, seed, path: values.path });
const seconds = Math.round((performance.now() - startMs) / 1000);
console.log(describe(statistics));
console.log(`seed ${seed}, ${seconds} s, failures: ${failure ? 1 : 0}`);
if (failure) {
  console.log(['', failure.trace, ...failure.violations.map((violation) => `  ✗ ${violation}`)].join('\n'));
  console.log(`Repeat it: npm run fuzz -- --runs ${runs} --seed ${seed} --path ${failure.path}`);
  process.exitCode = 1;
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new Error(`Not a whole number: ${text}`);
  return Number(text);
}
