import type { Life } from '../scenario.ts';
import { isSimple, slackOf, type Look } from './polls.ts';
import type { Meaning } from './classification.ts';
import { ROUNDING_MS, type Wait } from './wait-model.ts';

/** What is wrong with the pause between two looks, if anything is. */
export function pauseComplaint(
  life: Life,
  [before, after]: readonly [Look, Look],
  meaning: Meaning,
  { forced }: Wait,
): string | undefined {
  const nextMs = after.exchanges[0]?.atMs;
  if (nextMs === undefined) return undefined;
  const slackMs = slackOf(life);
  const { minMs, maxMs } = life.settings;
  const pauseMs = nextMs - before.endMs;
  // A look that has to wait for its first request may have begun any time before.
  const mayBeginMs = isSimple(life) ? nextMs - slackMs : before.endMs;
  const isForced = forced.some(
    ({ earliestMs, latestMs }) =>
      nextMs >= earliestMs - ROUNDING_MS && mayBeginMs <= Math.max(latestMs, before.endMs),
  );
  const notBeforeMs = meaning.kind === 'transient' ? meaning.notBeforeMs : 0;
  if (!isForced && pauseMs < minMs - ROUNDING_MS) return `a pause of ${pauseMs} ms, shorter than ${minMs} ms`;
  if (!isForced && nextMs < notBeforeMs - ROUNDING_MS) {
    return `a look at ${nextMs} ms, although Retry-After asked to wait until ${notBeforeMs} ms`;
  }
  // A server may ask for a longer pause; a look that would leave too short a pause before a forced one is left out.
  const longestMs = Math.max(maxMs, notBeforeMs - before.endMs) + (isForced ? minMs : 0) + slackMs;
  const isLateByServer = meaning.kind === 'transient' || meaning.kind === 'open';
  if (isSimple(life) && pauseMs > longestMs && !(isLateByServer && hasRetryAfter(before))) {
    return `a pause of ${pauseMs} ms, longer than ${maxMs} ms`;
  }
  return undefined;
}

function hasRetryAfter({ exchanges }: Look): boolean {
  return exchanges.some(
    ({ served }) => served.kind === 'fault' && served.fault.kind === 'status' && served.fault.retryAfter,
  );
}
