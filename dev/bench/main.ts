/**
 * The benchmark: `npm run bench`. `--write` draws dev/bench/polling.svg, `--jobs` sets the number of jobs per model,
 * and `--no-process` leaves out what is measured in real time on the built action.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { modelsWithGoal, score, surveyFixed } from './goals.ts';
import { modelNamed, models } from './models.ts';
import { picture } from './picture.ts';
import { everyTenSeconds, peers, squareRoot, thisAction } from './pollers.ts';
import {
  LONGEST_MS,
  ROUND_TRIP_MS,
  SHORTEST_MS,
  spreadDurations,
  survey,
  type Poller,
  type Survey,
} from './simulate.ts';
import { percent, seconds, table } from './table.ts';

const { values } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    jobs: { type: 'string', default: '20000' },
    process: { type: 'boolean', default: true },
  },
  allowNegative: true,
  strict: true,
});
if (!/^[1-9]\d{0,6}$/.test(values.jobs)) {
  throw new Error(`--jobs must be a number from 1 to 9999999, but is ${values.jobs}.`);
}
const jobs = Number(values.jobs);

const print = (...lines: readonly string[]) => void process.stdout.write(`${lines.join('\n')}\n\n`);

const fixed = surveyFixed(jobs);
const rules = [thisAction, squareRoot, { ...everyTenSeconds, name: 'fixed 10 s' }].map((poller) => ({
  poller,
  ...score(poller, fixed, jobs),
}));
const columns = [
  ['none', 'no progress'],
  ['linear', 'linear'],
  ['linear, whole percent', 'whole percent'],
  ...[5, 20, 50, 100].map((rate) => [`linear, ${rate}% fail midway`, `${rate}% fail midway`]),
] as const;
const cell = ({ delayMs, requests }: Survey) => `${seconds(delayMs)} / ${requests.toFixed(0)}`;

print(
  '## Polling rules: mean delay / requests',
  '',
  `Simulated time. ${jobs} jobs per model, from ${SHORTEST_MS / 1_000} s to ${LONGEST_MS / 3_600_000} h, evenly spread on a log scale; a round trip takes ${ROUND_TRIP_MS / 1_000} s.`,
  'The delay is the time from the end of the job to the response that shows it. The cost is the mean of',
  `"delay in seconds + 0.1 per request" over ${models.length} models. A goal: neither more delay nor more requests than`,
  'fixed 10 s, and a relative delay of at most 6%.',
);
print(
  table(
    ['rule', ...columns.map(([, title]) => title), 'cost', `goals missed of ${modelsWithGoal.length}`],
    rules.map(({ poller, surveys, cost, missed }) => [
      poller.name,
      ...columns.map(([name]) => cell(surveys.get(name) ?? survey(modelNamed(name), poller, jobs))),
      cost.toFixed(2),
      poller.name === 'fixed 10 s' ? '–' : String(missed.length),
    ]),
  ),
  ...rules.slice(0, -1).flatMap(({ missed }) => missed.map((text) => `\nMissed: ${text}`)),
);

const [none, linear] = [modelNamed('none'), modelNamed('linear')];
const pollers = [
  { label: 'this action, no progress', poller: thisAction, model: none, ours: true },
  { label: 'this action, linear progress', poller: thisAction, model: linear, ours: true },
  ...peers.map((poller) => ({ label: poller.name, poller, model: none, ours: false })),
].map((row) => ({ ...row, ...survey(row.model, row.poller, jobs) }));

print('## This action and others');
print(
  table(
    ['poller', 'mean delay', 'relative', 'requests', 'jobs past its timeout'],
    pollers.map(({ label, poller, ours, delayMs, relativeDelay, requests }) => [
      ours ? `**${label}**` : label,
      seconds(delayMs),
      percent(relativeDelay),
      requests.toFixed(1),
      lostJobs(poller),
    ]),
  ),
);

print('## This action, by what progress does');
print(
  table(
    ['progress', 'mean delay', 'relative', 'requests'],
    [...(rules[0]?.surveys ?? [])].map(([name, { delayMs, relativeDelay, requests }]) => [
      name,
      seconds(delayMs),
      percent(relativeDelay),
      requests.toFixed(1),
    ]),
  ),
);

if (values.write) {
  writeFileSync(new URL('polling.svg', import.meta.url), picture(pollers));
  print('Wrote dev/bench/polling.svg.');
}

if (values.process) {
  const { measureBuiltAction } = await import('./built-action.ts');
  print(await measureBuiltAction());
  const { measureRateLimits } = await import('./rate-limits.ts');
  print(await measureRateLimits());
}

/** The share of the jobs that take longer than a poller's own timeout. */
function lostJobs({ timeoutMs = Infinity }: Poller): string {
  const lost = spreadDurations(jobs).filter((durationMs) => durationMs > timeoutMs).length;
  return lost === 0 ? 'none' : percent(lost / jobs);
}
