import type { JobReport } from '../../../src/outcome.ts';
import type { Life } from '../scenario.ts';
import { FINDER } from '../execute.ts';
import type { Chronicle } from '../environment/trace.ts';
import { idOf, indexOf } from '../environment/names.ts';
import { aftermathComplaints } from './cleanup.ts';
import { courseOf, follow, type Course } from './waits.ts';
import { jobComplaints } from './jobs.ts';
import { slackOf, type Stops } from './polls.ts';
import { outputComplaints } from './outputs.ts';
import { requestComplaints } from './requests.ts';
import { searchComplaints } from './search.ts';
import { GRAVEST_FIRST, toldBy, type Ending } from './verdict.ts';
import { ROUNDING_MS } from './wait-model.ts';

/**
 * The oracle: everything that is wrong with a run, by the contract and by what really happened in its life.
 * Where timing leaves room, whatever the contract allows is right.
 */
export function complaintsAbout(life: Life, chronicle: Chronicle): string[] {
  const { thrown, report, endMs } = chronicle;
  if (thrown !== undefined) return [thrown instanceof Error ? `${thrown.name}: ${thrown.message}` : 'thrown'];
  if (report === undefined) return ['no report'];

  const { cancelAtMs = Infinity } = life;
  const slackMs = slackOf(life);
  const cancelled: Stops = { atMs: [cancelAtMs], slackMs };
  const refusedMs = firstRefusal(coursesOf(life, chronicle, cancelled));
  const stopMs = Math.min(cancelAtMs, refusedMs);
  const stops: Stops = { atMs: [cancelAtMs, refusedMs], slackMs };
  const courses = coursesOf(life, chronicle, stops);

  const complaints = [...requestComplaints(life, chronicle, stopMs), ...aftermathComplaints(life, chronicle)];
  if (endMs > stopMs + slackMs) complaints.push(`ended at ${endMs} ms, although stopped at ${stopMs} ms`);
  complaints.push(...overallComplaints(life, chronicle, cancelAtMs));
  const expected = report.jobs.map((job, place) => {
    const index = indexOf(job.id, life) ?? -1;
    const course = courses.find(({ who }) => who === job.id);
    if (course === undefined) return { id: job.id, outcome: job.outcome, view: undefined, numbers: [] };
    const imports = chronicle.exchanges.filter(
      ({ endpoint, job: of }) => of === index && (endpoint === 'summary' || endpoint === 'errors'),
    );
    const about = jobComplaints({ life, course, report: job, place, imports, stops });
    complaints.push(...about.map((complaint) => `job ${index}: ${complaint}`));
    const { view } = follow(life, course).wait;
    return { id: job.id, outcome: job.outcome, view, numbers: toldBy(imports).numbers };
  });
  const finding = courses.find(({ who }) => who === FINDER);
  if (finding) complaints.push(...findingComplaints(life, chronicle, finding));
  return [...complaints, ...outputComplaints(life, chronicle, expected)];
}

function coursesOf(life: Life, chronicle: Chronicle, stops: Stops): Course[] {
  const { target } = life.settings;
  const finding =
    target.by === 'id'
      ? []
      : [courseOf(life, chronicle, FINDER, 0, stops, ({ endpoint }) => endpoint === 'find')];
  const sinceMs = finding[0]?.endMs ?? 0;
  const jobs = life.jobs.map((_, index) =>
    courseOf(
      life,
      chronicle,
      idOf(index),
      sinceMs,
      stops,
      ({ endpoint, job }) => endpoint === 'job' && job === index,
    ),
  );
  return [...finding, ...jobs];
}

/** When credentials were refused for good, which ends all waits. */
function firstRefusal(courses: readonly Course[]): number {
  const times = courses.flatMap(({ looks, meanings }) =>
    looks.filter((_, index) => meanings[index]?.kind === 'permanent').map(({ endMs }) => endMs),
  );
  return Math.min(...times);
}

function overallComplaints(life: Life, { report, endMs }: Chronicle, cancelAtMs: number): string[] {
  const complaints: string[] = [];
  const { outcome, jobs } = report ?? { outcome: 'error', jobs: [] };
  const { target } = life.settings;
  const gravest = GRAVEST_FIRST.find((one) => jobs.some((job: JobReport) => job.outcome === one));
  if (endMs < cancelAtMs - ROUNDING_MS && jobs.length > 0 && outcome !== gravest) {
    complaints.push(`${outcome}, although the gravest of its jobs is ${gravest}`);
  }
  if (endMs > cancelAtMs + ROUNDING_MS && outcome !== 'cancelled')
    complaints.push(`${outcome}, although cancelled`);
  if (endMs < cancelAtMs - ROUNDING_MS && outcome === 'cancelled') complaints.push('cancelled by nobody');
  if (target.by === 'id') {
    const ids = [...new Set(target.order)].map(idOf);
    if (ids.join() !== jobs.map(({ id }) => id).join()) complaints.push('not the jobs that were asked for');
  } else if (
    jobs.length === 0 &&
    (outcome === 'success' || outcome === 'accepted' || outcome === 'failure')
  ) {
    complaints.push(`FALSE GREEN: ${outcome} without a job`);
  }
  return complaints;
}

function findingComplaints(life: Life, chronicle: Chronicle, course: Course): string[] {
  const { complaints, allowed } = follow(life, course);
  const { jobs, outcome } = chronicle.report ?? { jobs: [], outcome: 'error' };
  const ends: readonly (Ending | 'verdict')[] =
    chronicle.endMs >= (life.cancelAtMs ?? Infinity) ? [...allowed.ends, 'cancelled'] : allowed.ends;
  if (jobs.length === 0 && !ends.includes(outcome)) {
    complaints.push(`ended with ${outcome}; allowed: ${ends.join(', ') || 'to go on'}`);
  }
  return [...complaints, ...searchComplaints(life, chronicle, course.looks)].map((one) => `search: ${one}`);
}
