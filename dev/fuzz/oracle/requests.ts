import type { Life } from '../scenario.ts';
import type { Chronicle, Exchange } from '../environment/trace.ts';
import { baseUrlOf, tokenUrlOf } from '../environment/names.ts';
import { isSimple, lastLookMs, MOST_AT_ONCE, slackOf } from './polls.ts';
import { ROUNDING_MS } from './wait-model.ts';

/** The longest that one request may take. */
const REQUEST_MS = 30_000;

/** A token with a shorter life may be over before it has arrived, or while a request waits for its turn. */
const SHORTEST_LIFETIME_MS = 120_000;

/** What is wrong with the requests of a run, whatever they were for. */
export function requestComplaints(life: Life, chronicle: Chronicle, stopMs: number): string[] {
  return [
    ...chronicle.exchanges
      // The request for a token is nobody's own: it may be left behind when the run ends.
      .map((one) =>
        one.end === 'pending' && one.endpoint === 'token' ? { ...one, endMs: chronicle.endMs } : one,
      )
      .flatMap((one) => complaintsAbout(one, life, stopMs)),
    ...crowdComplaints(chronicle),
    ...apiComplaints(life, chronicle),
  ];
}

function complaintsAbout(one: Exchange, life: Life, stopMs: number): string[] {
  const complaints: string[] = [];
  const { url, endpoint, authorization, atMs, endMs, served } = one;
  const slackMs = slackOf(life);
  const { timeoutMs } = life.settings;
  const isOurs = endpoint === 'token' ? url === tokenUrlOf(life) : url.startsWith(`${baseUrlOf(life)}/rest/`);
  if (!isOurs || endpoint === 'elsewhere') complaints.push(`a request to ${url}`);
  if (authorization.startsWith('Bearer') === (endpoint === 'token')) {
    if (life.settings.credentials !== 'basic') complaints.push(`the wrong kind of credentials for ${url}`);
  }
  if (endMs - atMs > REQUEST_MS + slackMs) complaints.push(`a request of ${endMs - atMs} ms (${endpoint})`);
  if (endpoint === 'job' || endpoint === 'find') {
    const untilMs = atMs < timeoutMs - ROUNDING_MS ? timeoutMs : timeoutMs + lastLookMs(life);
    if (endMs > untilMs + slackMs)
      complaints.push(`a request from ${atMs} to ${endMs} ms, beyond ${untilMs} ms`);
  }
  if (endpoint !== 'delete' && endpoint !== 'token' && atMs > stopMs + slackMs) {
    complaints.push(`a request at ${atMs} ms, after the run was stopped at ${stopMs} ms (${endpoint})`);
  }
  if (served.kind === 'fault' && served.why === 'token expired' && isToldTruly(life) && isFew(life)) {
    complaints.push('a token used after its end, although its lifetime was told');
  }
  if (served.kind === 'fault' && served.why === 'token refused' && endpoint === 'token') {
    complaints.push('client id and secret are not written as they must be');
  }
  return complaints;
}

function isToldTruly({ server }: Life): boolean {
  const { told, lifetimeMs } = server.token;
  return (told === 'number' || told === 'text') && lifetimeMs >= SHORTEST_LIFETIME_MS;
}

function isFew(life: Life): boolean {
  return isSimple({ ...life, settings: { ...life.settings, credentials: 'bearer' } });
}

function crowdComplaints({ exchanges }: Chronicle): string[] {
  const crowd = crowdOf(exchanges);
  const tokens = crowdOf(exchanges.filter(({ endpoint }) => endpoint === 'token'));
  return [
    ...(crowd > MOST_AT_ONCE ? [`${crowd} requests at the same time`] : []),
    ...(tokens > 1 ? [`${tokens} requests for a token at the same time`] : []),
  ];
}

/** The most requests that were under way together. */
function crowdOf(exchanges: readonly Exchange[]): number {
  const steps = exchanges
    .flatMap(({ order, endOrder }) => [
      { order, step: 1 },
      { order: endOrder, step: -1 },
    ])
    .sort((a, b) => a.order - b.order);
  let now = 0;
  let most = 0;
  for (const { step } of steps) most = Math.max(most, (now += step));
  return most;
}

/** The API that gave a job is kept; before that, v1 comes first, and the other one only where v1 has no such job. */
function apiComplaints({ settings, jobs }: Life, { exchanges }: Chronicle): string[] {
  return jobs.flatMap((_, index) => {
    const own = exchanges.filter(({ endpoint, job }) => endpoint === 'job' && job === index);
    const kept = own.find(({ served, end }) => served.kind === 'job' && end === 'arrived');
    return own.flatMap((one, n) => {
      if (settings.jobApi !== 'auto') return one.api === settings.jobApi ? [] : [`asked ${one.api}`];
      if (kept && one.order > kept.order)
        return one.api === kept.api ? [] : [`asked ${one.api}, not ${kept.api}`];
      if (one.api === 'jobs-v1') return [];
      const before = own.slice(0, n).findLast(({ api }) => api === 'jobs-v1')?.served;
      const isUnknown =
        before?.kind === 'fault' &&
        before.fault.kind === 'status' &&
        [404, 405, 410, 501].includes(before.fault.status);
      return isUnknown ? [] : ['asked core-2.0, although jobs-v1 did not say that it has no such job'];
    });
  });
}
