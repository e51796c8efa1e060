import type { Exchange, Notification, Trace } from './environment/trace.ts';

const MAX_LINES = 60;

/** Formats a scenario and its trace for people: every request and notification, in order. */
export function formatTrace(trace: Trace): string {
  const { scenario, exchanges, notifications, endMs, report, thrown } = trace;
  const events = [...exchanges, ...notifications].sort((a, b) => a.order - b.order);
  const lines = events.map((event) => ('subject' in event ? notificationLine(event) : exchangeLine(event)));
  if (lines.length > MAX_LINES) lines.splice(MAX_LINES / 2, lines.length - MAX_LINES, '…');
  return [JSON.stringify(scenario), ...lines, `${endMs}: the run ends: ${report?.outcome ?? thrown}`].join('\n');
}

const notificationLine = ({ atMs, subject, kind, delayMs }: Notification) =>
  `${atMs}: ${subject}: ${kind}, next after ${delayMs} ms`;

function exchangeLine({ sentMs, endMs, endpoint, api, job, fault, reply, content, end }: Exchange): string {
  const shown = JSON.stringify(content ?? fault ?? reply).slice(0, 200);
  return `${sentMs}: ${endpoint} ${job ?? ''} ${api ?? ''} ${end} at ${endMs}: ${shown}`;
}
