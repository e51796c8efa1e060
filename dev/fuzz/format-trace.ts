import { indexOf } from './environment/inputs.ts';
import type { Exchange, Notification, Trace } from './environment/trace.ts';
import type { Scenario } from './generators/scenarios.ts';

const MAX_LINES = 60;

/** Formats a scenario and its trace for people: every request and notification, in order. */
export function formatTrace(scenario: Scenario, trace: Trace): string {
  const events = [...trace.exchanges, ...trace.notifications].sort((a, b) => a.order - b.order);
  const lines = events.map((event) =>
    'subject' in event ? notificationLine(event, scenario) : exchangeLine(event),
  );
  const end = `${time(trace.endMs)}  the run ends: ${trace.report?.outcome ?? String(trace.thrown)}`;
  return [JSON.stringify(scenario), ...shortened(lines), end].join('\n');
}

function shortened(lines: readonly string[]): readonly string[] {
  if (lines.length <= MAX_LINES) return lines;
  const half = MAX_LINES / 2;
  return [...lines.slice(0, half), `… ${lines.length - MAX_LINES} more …`, ...lines.slice(-half)];
}

function notificationLine({ atMs, subject, kind, delayMs }: Notification, scenario: Scenario): string {
  const index = indexOf(subject, scenario);
  return `${time(atMs)}  ${index === undefined ? subject : `job ${index}`}: ${kind}, next ${delayMs} ms`;
}

function exchangeLine({ sentMs, endMs, endpoint, api, job, fault, reply, content, end }: Exchange): string {
  const what = [endpoint, job, api].filter((part) => part !== undefined).join(' ');
  const plain = reply === 'nothing' || reply instanceof Error ? String(reply) : `HTTP ${reply.status}`;
  const shown = JSON.stringify(content ?? fault ?? plain).slice(0, 200);
  return `${time(sentMs)}  ${what}: ${end} at ${endMs} ms: ${shown}`;
}

function time(ms: number): string {
  return ms.toFixed(3).padStart(12);
}
