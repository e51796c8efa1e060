import { parseArgs } from 'node:util';

import { MAX_GROWTH_MB, MAX_SOCKETS, soak } from './soak.ts';

const usage = `Runs dist against a simulator with faults for a given time, and shows its memory and its connections.

  npm run soak -- [--minutes 5] [--jobs 20]`;

/** Reads the command line. */
function readOptions(): { minutes: number; jobs: number } {
  const { values } = parseArgs({
    options: { minutes: { type: 'string', default: '5' }, jobs: { type: 'string', default: '20' } },
  });
  const [minutes, jobs] = [Number(values.minutes), Number(values.jobs)];
  if (!(minutes > 0)) throw new Error(`--minutes cannot be "${values.minutes}".`);
  if (!Number.isInteger(jobs) || jobs < 1 || jobs > 100) throw new Error(`--jobs cannot be "${values.jobs}".`);
  return { minutes, jobs };
}

try {
  const { minutes, jobs } = readOptions();
  const { problems, summary } = await soak(minutes * 60_000, jobs, (sample) => {
    console.log(`${sample.atS} s: ${sample.rssMb} MB, ${sample.sockets} sockets, ${sample.requests} requests`);
  });
  console.log(`\n${summary}`);
  console.log(`Limits: ${MAX_GROWTH_MB} MB of growth after the first third of the time, ${MAX_SOCKETS} sockets.`);
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length === 0 ? 0 : 1;
} catch (error) {
  console.error(`${(error as Error).message}\n\n${usage}`);
  process.exitCode = 2;
}
