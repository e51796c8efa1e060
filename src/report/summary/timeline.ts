import type { JobReport, NumberedReport } from '../../outcome.ts';

/** A longer chart is unreadable. */
const MAX_JOBS = 30;

const MINUTE = 60_000;
const DAY = 86_400_000;
const YEAR_10000 = Date.UTC(10_000, 0);

/** Distances between ticks. The labels of more would touch on a narrow page. */
const MAX_TICKS = 4;
const TICKS = Object.entries({ second: 1000, minute: MINUTE, hour: 3_600_000, day: DAY }).flatMap(([unit, ms]) =>
  [1, 2, 5, 10, 15, 30].map((n) => ({ name: `${n}${unit}`, ms: n * ms })),
);

/** A share of the chart: a shorter wait is not drawn. */
const MIN_WAIT = 1 / 60;

/**
 * Mermaid requires a name for each bar, and writes it in colors that are hard to read on some bars. This one is
 * invisible; the table of jobs has the durations.
 */
const NO_LABEL = '\u034F';

/** A phase of a job; times in milliseconds since 1970. */
interface Phase {
  /** Mermaid's tag: `done` is gray, for waiting; `active` is blue; `crit` is red. */
  readonly tag: 'done' | 'active' | 'crit';
  readonly from: number;
  readonly to: number;
}

/**
 * Draws when several jobs waited and ran, as a Mermaid chart; '' without two jobs to compare. It never contains server
 * text: the jobs go by their numbers.
 * @param jobs the most important first; if there are too many, the others are omitted
 * @param nowMs the end of the bars of unfinished jobs, in milliseconds since 1970
 */
export function timeline(jobs: readonly NumberedReport[], nowMs: number | undefined): string {
  const rows = jobs.map((job) => ({ number: job.number, phases: phasesOf(job, nowMs) }));
  const drawable = rows.filter(({ phases }) => phases.length > 0);
  const shown = drawable.slice(0, MAX_JOBS).sort((a, b) => a.number - b.number);
  if (shown.length < 2) return '';
  const times = shown.flatMap(({ phases }) => phases.flatMap(({ from, to }) => [from, to]));
  const span = Math.max(...times) - Math.min(...times);
  const tick = TICKS.find(({ ms }) => span <= ms * MAX_TICKS);
  const omitted = jobs.length - shown.length;
  const note = omitted === 0 ? '' : ` The chart omits ${omitted} of ${jobs.length} jobs.`;
  return [
    ...['```mermaid', '---', 'displayMode: compact', '---', 'gantt'],
    // Times are written without a zone and shown as written, so that every browser shows UTC.
    'dateFormat YYYY-MM-DDTHH:mm:ss.SSS',
    `axisFormat ${span < 10 * MINUTE ? '%H:%M:%S' : span < DAY ? '%H:%M' : '%m-%d %H:%M'}`,
    ...(tick === undefined ? [] : [`tickInterval ${tick.name}`]),
    ...shown.flatMap(({ number, phases }) => [`section Job ${number}`, ...phases.flatMap((one) => task(one, span))]),
    '```',
    '',
    `<p>Gray: waiting; blue: running; red: failed. Times in UTC.${note}</p>`,
  ].join('\n');
}

function phasesOf({ job, outcome }: JobReport, nowMs: number | undefined): Phase[] {
  const [created, started, finished] = [job?.createdOn, job?.startDate, job?.endDate].map(timeOf);
  const end = finished ?? nowMs ?? NaN;
  const phases: Phase[] = [
    { tag: 'done', from: created ?? NaN, to: started ?? end },
    { tag: outcome === 'failure' ? 'crit' : 'active', from: started ?? NaN, to: end },
  ];
  // Also false if one of them is NaN.
  return phases.filter(({ from, to }) => from <= to);
}

/** Drops years that the chart's date format cannot express. */
function timeOf(date: Date | undefined): number | undefined {
  const ms = date?.getTime() ?? NaN;
  return ms >= 0 && ms < YEAR_10000 ? ms : undefined;
}

function task({ tag, from, to }: Phase, span: number): string[] {
  if (tag === 'done' && (to - from) / span < MIN_WAIT) return [];
  const stamp = (ms: number) => new Date(ms).toISOString().slice(0, -1);
  return [`${NO_LABEL} :${tag}, ${stamp(from)}, ${stamp(to)}`];
}
