/*
 * When to look next. Without progress the pause grows with the square root of the time waited. Progress does
 * far better, but often misleads: it counts only while its forecasts agree, and costs little when they are
 * wrong. The constants are the best that `npm run bench` knows for all its models of progress together.
 */

/** What one look at a job showed that bears on when to look next. */
export interface Observation {
  /** When it was seen, in milliseconds since the wait for this job began. */
  readonly atMs: number;
  /** Whether the job is being worked on (false while it waits in Collibra's queue or its state is unknown). */
  readonly running: boolean;
  /** `progressPercentage` as reported; may be missing, stuck, jump, go backwards or lie outside 0 to 100. */
  readonly progress: number | undefined;
}

/** The shortest and the longest pause between two looks, in milliseconds. */
export interface IntervalLimits {
  readonly minMs: number;
  readonly maxMs: number;
}

/** When to look next, and what is known about the end. */
export interface NextPoll {
  /** The pause before the next look, in milliseconds, within the limits. */
  readonly delayMs: number;
  /** The estimated rest in milliseconds, where progress allows an estimate. */
  readonly remainingMs: number | undefined;
}

/** What the sightings of one job so far say about its pace; small, constant in size and never changed. */
export interface ProgressEstimate {
  /** When the last look was. */
  readonly nowMs: number;
  /** When the job began to run, as far as is known: at the last look that did not see it run. */
  readonly startMs: number | undefined;
  /** What its progress says since the last fall or standstill. */
  readonly rise: Rise | undefined;
  /** The doubt that a new rise meets; it grows with each rise that was not the last. */
  readonly caution: number;
  /** The number of looks that came early, because a forecast said so, and did not see the end. */
  readonly earlyPolls: number;
}

/** Progress that rises, and what it foretells. */
interface Rise {
  readonly first: Point;
  readonly last: Point;
  /** The recent rate, in per cent per millisecond. */
  readonly rate: number;
  /** The time between the last two gains. */
  readonly gapMs: number;
  /** The sooner of the ends that the average and the recent rate foretell. */
  readonly endMs: number;
  /** How far the two rates are, or were, from agreeing: 0 if they are the same, 1 if one is twice the other. */
  readonly doubt: number;
}

interface Point {
  readonly atMs: number;
  readonly percent: number;
}

/** The delay that is worth one request: the pause √(2·c·t) makes "delay + c · requests" smallest. */
const REQUEST_WORTH_MS = 110;
/** A job in the queue has yet to run before it can end, so its pauses are longer by this factor. */
const QUEUE_FACTOR = 2;
/** A pause in full trust: this part of the foretold rest (with the jitter it must stay below 1)... */
const REST_SHARE = 0.86;
/** ...but at most so many times the pause without progress, and this part of the time waited. */
const TRUST_FACTOR = 7;
const TRUST_SHARE = 0.4;
/** Past the foretold end: this part of the time since then. */
const PAST_SHARE = 0.4;
/** Each early look in vain makes the next one less early, so that a false end cannot cost many looks. */
const VAIN_GROWTH = 1.1;
/** The doubt up to which a forecast counts, the doubt at first, what a gain leaves of it, and its growth. */
const CREDIBLE_DOUBT = 0.8;
const FIRST_DOUBT = 1.8;
const DOUBT_LEFT = 0.5;
const CAUTION_GROWTH = 8;
/** Progress is overdue when its last gain is this many times as far away as that was from the one before. */
const OVERDUE_GAPS = 1.2;
/** What trust has saved is spent then: pauses are shorter until this part of the time waited is overdue. */
const OVERDUE_FACTOR = 0.8;
const OVERDUE_SHARE = 0.78;

/** The track of a job that has not been seen yet. */
export function startEstimate(): ProgressEstimate {
  return { nowMs: 0, startMs: undefined, rise: undefined, caution: FIRST_DOUBT, earlyPolls: 0 };
}

/** The track after one more sighting. */
export function observe(track: ProgressEstimate, { atMs, running, progress }: Observation): ProgressEstimate {
  if (!running) return { ...track, nowMs: atMs };
  const { rise, caution, nowMs, startMs = nowMs } = track;
  const early = isCredible(rise) && rise.endMs - nowMs < rootPause(track) / 2;
  const seen = { ...track, nowMs: atMs, startMs, vain: track.earlyPolls + Number(early) };
  const told = progress ?? NaN;
  if (!(told >= 0 && told < 100)) return seen;
  // A whole number is taken for the middle of the step that it may have been rounded down from.
  const point = { atMs, percent: Number.isInteger(told) && told > 0 ? told + 0.5 : told };
  if (rise === undefined) return { ...seen, rise: newRise(point, caution) };
  const gain = point.percent - rise.last.percent;
  if (gain < 0 || (gain > 0 && isOverdue(rise, nowMs))) {
    return { ...seen, rise: newRise(point, caution * CAUTION_GROWTH), caution: caution * CAUTION_GROWTH };
  }
  return gain > 0 && atMs > rise.last.atMs ? { ...seen, rise: grown(rise, point) } : seen;
}

/** When to look next, given everything seen so far; `random` gives numbers from 0 to 1 for the jitter. */
export function nextPoll(track: ProgressEstimate, limits: IntervalLimits, random: () => number): NextPoll {
  const { rise, nowMs, earlyPolls: vain } = track;
  const root = rootPause(track);
  if (!isCredible(rise)) return { delayMs: within(limits, root, random), remainingMs: undefined };
  if (isOverdue(rise, nowMs)) {
    const isShort = nowMs - rise.last.atMs < OVERDUE_SHARE * waited(track);
    return {
      delayMs: within(limits, isShort ? root * OVERDUE_FACTOR : root, random),
      remainingMs: undefined,
    };
  }
  const restMs = rise.endMs - nowMs;
  const trust = 1 / (1 + 2 * rise.doubt);
  const wanted = restMs > 0 ? restMs * REST_SHARE * trust : -restMs * PAST_SHARE;
  // Only a look that has just seen a gain may be followed by a longer pause than without progress.
  const longer = Math.min(root * TRUST_FACTOR * trust, waited(track) * TRUST_SHARE);
  const longest = rise.last.atMs === nowMs ? longer : root;
  const shortest = Math.min(root, limits.minMs * VAIN_GROWTH ** vain);
  return {
    delayMs: within(limits, Math.max(shortest, Math.min(longest, wanted)), random),
    remainingMs: restMs > 0 && restMs < Infinity ? restMs : undefined,
  };
}

/** The pause where there is no progress to go by, after an error or while a job is looked for. */
export function delayAfter(waitedMs: number, limits: IntervalLimits, random: () => number): number {
  return within(limits, Math.sqrt(2 * REQUEST_WORTH_MS * waitedMs), random);
}

function waited({ nowMs, startMs = 0 }: ProgressEstimate): number {
  return nowMs - startMs;
}

function rootPause(track: ProgressEstimate): number {
  const factor = track.startMs === undefined ? QUEUE_FACTOR : 1;
  return factor * Math.sqrt(2 * REQUEST_WORTH_MS * waited(track));
}

function newRise(point: Point, doubt: number): Rise {
  return { first: point, last: point, rate: 0, gapMs: Infinity, endMs: Infinity, doubt };
}

function grown({ first, last, rate, doubt }: Rise, point: Point): Rise {
  const [sinceLast, sinceFirst] = [point.atMs - last.atMs, point.atMs - first.atMs];
  const step = (point.percent - last.percent) / sinceLast;
  const average = (point.percent - first.percent) / sinceFirst;
  const recent = rate + (step - rate) * Math.min(1, (2 * sinceLast) / sinceFirst);
  const [slower, faster] = recent < average ? [recent, average] : [average, recent];
  return {
    first,
    last: point,
    rate: recent,
    gapMs: sinceLast,
    endMs: point.atMs + (100 - point.percent) / faster,
    doubt: Math.max(faster / slower - 1, doubt * DOUBT_LEFT),
  };
}

function isCredible(rise: Rise | undefined): rise is Rise {
  return rise !== undefined && rise.doubt <= CREDIBLE_DOUBT;
}

function isOverdue(rise: Rise, nowMs: number): boolean {
  return nowMs - rise.last.atMs > OVERDUE_GAPS * rise.gapMs;
}

/** The pause with its jitter, inside the limits; the shortest one where there is no number. */
function within({ minMs, maxMs }: IntervalLimits, pauseMs: number, random: () => number): number {
  const jittered = pauseMs * (0.9 + 0.2 * random());
  return jittered > minMs ? Math.min(maxMs, jittered) : minMs;
}
