import type { JobReport } from '../../../src/outcome.ts';
import type { Life } from '../scenario.ts';
import type { Exchange, View } from '../environment/trace.ts';
import { follow, type Course } from './waits.ts';
import { isSimple, isStopped, lastLookMs, MOST_AT_ONCE, slackOf, type Stops } from './polls.ts';
import { endingOf, needsImportResults, toldBy, type Ending } from './verdict.ts';
import type { Allowed } from './wait-model.ts';

/** The most that reading Import Results may take, beyond the wait: where the verdict needs them, and where not. */
const IMPORT_RESULTS_MS = { needed: 125_000, wanted: 45_000 };

/** All there is to judge the report of one job by. */
export interface JobCase {
  readonly life: Life;
  readonly course: Course;
  readonly report: JobReport;
  /** Its place among the jobs of the run. */
  readonly place: number;
  /** The requests for its Import Results. */
  readonly imports: readonly Exchange[];
  readonly stops: Stops;
}

/** The same, with what follows from the looks. */
interface Followed extends JobCase {
  readonly allowed: Allowed;
  readonly view: View | undefined;
  readonly isStoppedHere: boolean;
}

/** What is wrong with the wait for one job and its report. */
export function jobComplaints(jobCase: JobCase): string[] {
  const { life, course, stops } = jobCase;
  const { complaints, allowed, wait } = follow(life, course);
  const isStoppedHere = isStopped(stops, course.endMs);
  const followed = { ...jobCase, allowed, view: wait.view, isStoppedHere };
  return [
    ...complaints,
    ...outcomeComplaints(followed),
    ...timeComplaints(followed),
    ...importComplaints(followed),
  ];
}

function outcomeComplaints({ life, report, imports, allowed, view, isStoppedHere }: Followed): string[] {
  const complaints: string[] = [];
  const { outcome, reason } = report;
  const verdict = view && endingOf(view, toldBy(imports), life.settings);
  const ends = allowed.ends.map((end): Ending | undefined => (end === 'verdict' ? verdict : end));
  if (isStoppedHere) ends.push('cancelled', 'error');
  if (!ends.includes(outcome)) {
    complaints.push(`${outcome} (${reason.slice(0, 200)}); allowed: ${ends.join(', ') || 'to go on'}`);
  }
  if ((outcome === 'success' || outcome === 'accepted') && verdict !== outcome) {
    complaints.push(`FALSE GREEN: the truth is ${verdict ?? 'unknown'}`);
  }
  return complaints;
}

function timeComplaints({ life, course, place, stops, isStoppedHere, ...followed }: Followed): string[] {
  const { looks, sinceMs, endMs } = course;
  const last = looks.at(-1);
  if (last === undefined) return isStoppedHere ? [] : ['never looked at'];
  const complaints: string[] = [];
  const { timeoutMs } = life.settings;
  const slackMs = slackOf(life);
  if (endMs > last.endMs + importPatienceMs({ life, ...followed }) + slackMs && !isStoppedHere) {
    complaints.push(`ended at ${endMs} ms, ${endMs - last.endMs} ms after its last look`);
  }
  if (last.endMs > timeoutMs + lastLookMs(life) + slackMs) {
    complaints.push(`still looking at ${last.endMs} ms, with a deadline at ${timeoutMs} ms`);
  }
  const firstMs = looks[0]?.exchanges[0]?.atMs;
  const isFirst = isSimple(life) && place < MOST_AT_ONCE && !isStopped(stops, sinceMs);
  if (isFirst && firstMs !== sinceMs) complaints.push(`first looked at ${firstMs} ms, not at once`);
  return complaints;
}

function importComplaints({ life, imports, allowed, view, isStoppedHere }: Followed): string[] {
  const complaints: string[] = [];
  const isJudged = allowed.ends.includes('verdict');
  const isNeeded = view !== undefined && needsImportResults(view, life.settings);
  if (imports.length > 0) {
    if (!isJudged) complaints.push('Import Results asked for without a verdict');
    if (!wantsImportResults(life, isNeeded)) complaints.push('Import Results asked for, and not wanted');
  } else if (isJudged && isNeeded && !isStoppedHere && isSimple(life)) {
    complaints.push('Import Results not asked for, although the verdict needs them');
  }
  return complaints;
}

function importPatienceMs({ life, view, allowed }: Pick<Followed, 'life' | 'view' | 'allowed'>): number {
  const isNeeded = view !== undefined && needsImportResults(view, life.settings);
  if (!allowed.ends.includes('verdict') || !wantsImportResults(life, isNeeded)) return 0;
  return IMPORT_RESULTS_MS[isNeeded ? 'needed' : 'wanted'];
}

function wantsImportResults({ settings }: Life, isNeeded: boolean): boolean {
  return isNeeded || settings.importResults || settings.allFailedCommands;
}
