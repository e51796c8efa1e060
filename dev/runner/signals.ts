import type { ChildProcess } from 'node:child_process';

/** Whether signals are sent as messages to `console-events.mjs`. */
const areMessages = process.platform === 'win32';

/** What a process needs to receive signals as messages: arguments for Node, and a channel. */
export const signalSupport = areMessages
  ? { args: ['--import', new URL('console-events.mjs', import.meta.url).href], channel: ['ipc' as const] }
  : { args: [], channel: [] };

/** A signal, and when it is sent: after a matching line if there is a pattern, then after a delay if there is one. */
export type ScheduledSignal = {
  readonly signal: NodeJS.Signals;
  readonly whenLine?: RegExp;
  /** Counted from the line, else from the previous signal, else from the start. */
  readonly afterMs?: number;
};

/**
 * Lists the signals with which the runner cancels a step: SIGINT, 7.5 s later SIGTERM (Windows: SIGBREAK), and 2.5 s
 * later it kills the process. In a container the first two only end the client of the container engine. The process
 * hears nothing, and from then on nobody reads what it writes: it goes on until the container is removed, after post.
 * Without a container, `inContainer` kills it instead.
 */
export function cancelLikeRunner(
  when: Omit<ScheduledSignal, 'signal'> = {},
  { inContainer = false } = {},
): ScheduledSignal[] {
  if (inContainer) return [{ ...when, signal: 'SIGKILL' }];
  return [
    { ...when, signal: 'SIGINT' },
    { afterMs: 7500, signal: 'SIGTERM' },
    { afterMs: 2500, signal: 'SIGKILL' },
  ];
}

/**
 * Sends signals to a process, one after the other.
 * @returns a function that stops it
 */
export function sendSignals(
  signals: readonly ScheduledSignal[],
  child: ChildProcess,
  lineListeners: Set<(line: string) => void>,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  const schedule = ([next, ...later]: readonly ScheduledSignal[]) => {
    if (next === undefined) return;
    const startDelay = () => {
      timer = setTimeout(() => {
        raise(child, next.signal);
        schedule(later);
      }, next.afterMs ?? 0);
    };
    if (next.whenLine === undefined) startDelay();
    else onNextLine(next.whenLine, lineListeners, startDelay);
  };
  schedule(signals);
  return () => {
    clearTimeout(timer);
    lineListeners.clear();
  };
}

function onNextLine(pattern: RegExp, lineListeners: Set<(line: string) => void>, then: () => void): void {
  const listener = (line: string) => {
    if (!pattern.test(line)) return;
    lineListeners.delete(listener);
    then();
  };
  lineListeners.add(listener);
}

function raise(child: ChildProcess, signal: NodeJS.Signals): void {
  if (!areMessages || signal === 'SIGKILL') child.kill(signal);
  else if (child.connected) child.send(signal === 'SIGTERM' ? 'SIGBREAK' : signal);
}
