/**
 * The benchmark: `npm run bench`, with `--write` to draw dev/bench/pace.svg anew, `--jobs` for another number of
 * jobs for each line, and `--no-process` to leave out what is measured in real time on the built action.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { load } from './fleet.ts';
import { modelNamed, models } from './jobs.ts';
import { bestSchedule, bestScheduleFor, oracleWithin } from './limits.ts';
import { picture, type Dot } from './picture.ts';
import type { Times } from './process.ts';
import { defaultLimits, peers, thisAction } from './pollers.ts';
import { longestMs, shortestMs, spreadDurations, survey, type Poller } from './simulate.ts';
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
if (!/^[1-9]\d{0,6}$/.test(values.jobs))
  throw new Error(`--jobs must be a number from 1 to 9999999, not ${values.jobs}`);
const jobs = Number(values.jobs);

const print = (...lines: readonly string[]) => void process.stdout.write(`${lines.join('\n')}\n`);
const action = thisAction();
const [none, linear] = [modelNamed('none'), modelNamed('linear')];
const unaided = survey(none, action, jobs);
const aided = survey(linear, action, jobs);

print(
  '## Delay and requests',
  '',
  `Simulated time; ${jobs} jobs a line, from ${shortestMs / 1_000} s to ${longestMs / 3_600_000} h and evenly spread on a log scale. A request takes no time.`,
  'Delay: from the end of the job to the end of the wait; relative: divided by the duration of the job.',
  '',
);
const dots: Dot[] = [
  { label: 'this action', requests: unaided.requests, delayMs: unaided.delayMs, ours: true },
  {
    label: 'this action, with linear progress',
    requests: aided.requests,
    delayMs: aided.delayMs,
    ours: true,
  },
];
const surveyed = peers.map((poller) => ({ poller, ...survey(none, poller, jobs) }));
print(
  table(
    ['poller', 'mean delay', 'relative', 'requests', 'gives up on'],
    [
      [
        '**this action**, no progress',
        seconds(unaided.delayMs),
        percent(unaided.relativeDelay),
        unaided.requests.toFixed(1),
        'none',
      ],
      [
        '**this action**, linear progress',
        seconds(aided.delayMs),
        percent(aided.relativeDelay),
        aided.requests.toFixed(1),
        'none',
      ],
      ...surveyed.map((row) => [
        row.poller.name,
        seconds(row.delayMs),
        percent(row.relativeDelay),
        row.requests.toFixed(1),
        givenUp(row.poller),
      ]),
    ],
  ),
  '',
  'Peers are let run past their own time limits; the last column is the share of these jobs they would leave.',
  '',
);
for (const { poller, requests, delayMs } of surveyed) {
  const label = poller.name.replace(/^(.*\/|google )/, '');
  const twin = dots.findIndex((dot) => close(dot.requests, requests) && close(dot.delayMs, delayMs));
  const dot = dots[twin];
  if (dot === undefined) dots.push({ label, requests, delayMs, ours: false });
  else dots[twin] = { ...dot, label: `${dot.label}, ${label}` };
}

print('## This action, by what progress does', '');
print(
  table(
    ['progress', 'mean delay', 'relative', 'worst', 'requests', 'delay / none', 'requests / none'],
    models.map((model) => {
      const result = survey(model, action, jobs);
      return [
        model.kind === 'misleading' ? `misleading: ${model.name}` : model.name,
        seconds(result.delayMs),
        percent(result.relativeDelay),
        seconds(result.worstDelayMs),
        result.requests.toFixed(1),
        percent(result.delayMs / unaided.delayMs),
        percent(result.requests / unaided.requests),
      ];
    }),
  ),
  '',
);

const best = bestScheduleFor(unaided.requests);
const oracle = oracleWithin(defaultLimits.maxMs, jobs);
print('## Distance to the limit', '');
print(
  table(
    ['waits', 'mean delay', 'requests'],
    [
      ['one that knows the end', '0.00 s', '1.0'],
      [
        `one that knows the end and looks every ${defaultLimits.maxMs / 1_000} s`,
        seconds(oracle.delayMs),
        oracle.requests.toFixed(1),
      ],
      ['this action, linear progress', seconds(aided.delayMs), aided.requests.toFixed(1)],
      [
        'the best schedule that knows only the spread of durations',
        seconds(best.delayMs),
        best.requests.toFixed(1),
      ],
      ['this action, no progress', seconds(unaided.delayMs), unaided.requests.toFixed(1)],
    ],
  ),
  '',
  `Without progress the delay is ${percent(unaided.delayMs / best.delayMs - 1)} above the best schedule's, which needs to know that no job takes more than 2 h.`,
  '',
);

print('## A fleet on one server', '', '1,000 jobs of 2 s to 2 h; requests per second.', '');
const fleet: readonly (readonly [string, Poller, typeof none])[] = [
  ['**this action**, no progress', action, none],
  ['**this action**, linear progress', action, linear],
  ...peers.map((poller) => [poller.name, poller, none] as const),
];
print(
  table(
    ['poller', 'mean', 'peak, started within 1 min', 'peak, started at once', 'peak after 1 min'],
    fleet.map(([name, poller, model]) => {
      const spread = load(model, poller, 1_000, 60_000);
      const together = load(model, poller, 1_000, 0);
      return [
        name,
        spread.mean.toFixed(1),
        String(spread.peak),
        String(together.peak),
        String(together.laterPeak),
      ];
    }),
  ),
  '',
);

if (values.write) {
  const bound = Array.from({ length: 33 }, (_, index) => bestSchedule(2 * 10_000 ** (index / 32), 3_000))
    .filter(({ requests, delayMs }) => requests >= 10 && requests <= 600 && delayMs >= 400)
    .sort((a, b) => a.requests - b.requests);
  writeFileSync(new URL('pace.svg', import.meta.url), picture(dots, bound));
  print('dev/bench/pace.svg is drawn anew.', '');
}

if (values.process) await printProcess();

/** What the built action weighs and does in real time; loaded only when wanted, as it needs dist and the simulator. */
async function printProcess(): Promise<void> {
  const { distBytes, measureMemory, measureStartUp, waitInRealTime } = await import('./process.ts');
  const rounds = 31;
  const { empty, bareRequest, action: step } = await measureStartUp(rounds);
  const memory = await measureMemory();
  const started = (what: string, { fastestMs, medianMs }: Times) => [
    what,
    `${fastestMs.toFixed(1)} ms`,
    `${medianMs.toFixed(1)} ms`,
    `${(medianMs / empty.medianMs).toFixed(2)} ×`,
  ];
  print('## The built action', '', `On this machine, Node.js ${process.versions.node}.`, '');
  print(
    table(
      [`start, ${rounds} times each`, 'fastest', 'median', 'median / empty'],
      [
        started('an empty script, until it has ended', empty),
        started('a script that sends a request with node:http, until it arrives', bareRequest),
        started('this action, until its first request arrives', step),
      ],
    ),
    '',
  );
  print(
    table(
      ['weight', 'figure'],
      [
        ['dist/index.js', `${((await distBytes()) / 1_000).toFixed(1)} kB`],
        ['memory of an empty script', `${memory.emptyMB.toFixed(0)} MB`],
        ['memory of a wait for 1 job', `${memory.oneJobMB.toFixed(0)} MB`],
        ['memory of a wait for 100 jobs', `${memory.hundredJobsMB.toFixed(0)} MB`],
      ],
    ),
    '',
  );
  print(
    '## Real time',
    '',
    'dist/index.js against the simulator; foretold: the range in simulated time.',
    '',
  );
  const rows = await waitInRealTime();
  print(
    table(
      ['progress', 'duration', 'delay', 'foretold', 'requests', 'foretold', 'step'],
      rows.map((row) => [
        row.progress,
        seconds(row.durationMs),
        seconds(row.delayMs),
        row.foretoldDelayMs.map(seconds).join(' to '),
        String(row.requests),
        row.foretoldRequests.join(' to '),
        row.passed ? 'passed' : 'failed',
      ]),
    ),
    '',
  );
}

function givenUp({ limitMs }: Poller): string {
  if (limitMs === undefined) return 'none';
  return percent(spreadDurations(jobs).filter((durationMs) => durationMs > limitMs).length / jobs);
}

function close(a: number, b: number): boolean {
  return Math.abs(a / b - 1) < 0.01;
}
