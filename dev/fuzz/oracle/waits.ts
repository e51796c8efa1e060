import { FINDER } from '../execute.ts';
import type { Life } from '../scenario.ts';
import type { Chronicle, Exchange } from '../environment/trace.ts';
import { looksOf, meaningOfLook, type Look, type Stops } from './polls.ts';
import type { Meaning } from './classification.ts';
import { pauseComplaint } from './delays.ts';
import { Wait, type Allowed } from './wait-model.ts';

/** One wait as it went: whose it was, its looks, and how it is reported to have ended. */
export interface Course {
  readonly who: string;
  readonly sinceMs: number;
  readonly looks: readonly Look[];
  readonly meanings: readonly Meaning[];
  readonly endMs: number;
}

/** The course of a wait for a job, or of the search for one. */
export function courseOf(
  life: Life,
  chronicle: Chronicle,
  who: string,
  sinceMs: number,
  stops: Stops,
  mine: (one: Exchange) => boolean,
): Course {
  const looks = looksOf(chronicle, who, mine);
  const meanings = looks
    .map((look) => meaningOfLook(look, life, chronicle, stops))
    // The contract speaks of unknown jobs, not of an environment without Find jobs.
    .map((meaning): Meaning => (who === FINDER && meaning.kind === 'unknown' ? { kind: 'open' } : meaning));
  const endMs = chronicle.marks.findLast((mark) => mark.who === who && mark.kind === 'end')?.atMs ?? NaN;
  return { who, sinceMs, looks, meanings, endMs };
}

/** What is wrong with a course, and what the last look leaves for its end. */
export function follow(life: Life, course: Course): { complaints: string[]; allowed: Allowed; wait: Wait } {
  const { looks, meanings } = course;
  const wait = new Wait(life, course.sinceMs);
  const complaints: string[] = [];
  let allowed: Allowed = { goOn: true, ends: [] };
  for (const [index, look] of looks.entries()) {
    const meaning = meanings[index] ?? { kind: 'open' };
    const next = looks[index + 1];
    allowed = wait.after(look, meaning);
    if (next === undefined) break;
    if (!allowed.goOn)
      complaints.push(
        `another look at ${next.endMs} ms, although ${meaning.kind} at ${look.endMs} ms ends it`,
      );
    const pause = pauseComplaint(life, [look, next], meaning, wait);
    if (pause !== undefined) complaints.push(pause);
  }
  return { complaints, allowed, wait };
}
