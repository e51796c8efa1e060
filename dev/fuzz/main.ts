/**
 * Random scenarios against the real loop and client: `npm run fuzz -- --runs 100000 --seed 1`.
 * A failure is made small and printed, with the options that repeat it.
 */
import { parseArgs } from 'node:util';

import { check } from './check.ts';

// Errors are created by the million here, and nobody reads their stacks.
Error.stackTraceLimit = 0;

const [text, random] = [{ type: 'string' } as const, String(Date.now() % 1_000_000)];
const { values } = parseArgs({
  options: { runs: { ...text, default: '10000' }, seed: { ...text, default: random }, path: text },
});
const [runs, seed] = [Number(values.runs), Number(values.seed)];
const { statistics, failure } = await check({ runs, seed, path: values.path });
console.log(statistics, `seed ${seed}, failures: ${failure ? 1 : 0}`);
if (failure) {
  console.log(['', failure.trace, ...failure.violations.map((violation) => `  ✗ ${violation}`)].join('\n'));
  console.log(`Repeat it: npm run fuzz -- --runs ${runs} --seed ${seed} --path ${failure.path}`);
  process.exitCode = 1;
}
