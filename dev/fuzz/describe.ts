import type { Exchange, Notification, Trace } from './environment/trace.ts';

/** How often something happened, by its name. */
export type Statistics = Record<string, number>;

/** Counts what happened in one scenario. */
export function count(statistics: Statistics, { report, parts }: Trace): void {
  const jobs = report?.jobs.map(({ outcome }) => `job ${outcome}`) ?? [];
  const requests = parts.flatMap(({ exchanges }) => exchanges.map(nameOf));
  const names = ['scenarios', `run ${report?.outcome ?? 'killed'}`, ...jobs, ...requests];
  for (const name of names) statistics[name] = (statistics[name] ?? 0) + 1;
}

function nameOf({ end, endpoint, api, fault, response, content }: Exchange): string {
  if (content) return api ? `${endpoint} ${api}` : endpoint;
  return end === 'arrived' ? (fault?.kind ?? `HTTP ${response?.status}`) : 'no response in time';
}

/** Formats a scenario and its trace for people: every request and notification, in order. */
export function formatTrace({ scenario, parts, notifications, report, thrown }: Trace): string {
  const exchanges = parts.flatMap((part) => part.exchanges);
  const lines = [...exchanges, ...notifications].sort((a, b) => a.order - b.order).map(lineOf);
  if (lines.length > 60) lines.splice(30, lines.length - 60, '…');
  return [JSON.stringify(scenario), ...lines, `The run ends: ${report?.outcome ?? thrown ?? 'killed'}`].join('\n');
}

function lineOf(event: Exchange | Notification): string {
  if ('subject' in event) return `${event.atMs}: ${event.subject}: ${event.kind}, next after ${event.delayMs} ms`;
  const { sentMs, endMs, endpoint, api, job, fault, reply, content, end } = event;
  const shown = JSON.stringify(content ?? fault ?? reply).slice(0, 200);
  return `${sentMs}: ${endpoint} ${job ?? ''} ${api ?? ''} ${end} at ${endMs}: ${shown}`;
}
