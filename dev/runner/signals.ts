import type { ChildProcess } from 'node:child_process';

/** Whether signals reach another process only as messages to `console-events.mjs`. */
const areMessages = process.platform === 'win32';

/** What makes a process hear of signals where they are messages: arguments for Node, and a channel. */
export const hearing = areMessages
  ? { args: ['--import', new URL('console-events.mjs', import.meta.url).href], channel: ['ipc' as const] }
  : { args: [], channel: [] };

/** A signal and when it is sent: after a line (if one is named), and then after a time (if one is given). */
export type Signalling = {
  readonly signal: NodeJS.Signals;
  readonly whenLine?: RegExp;
  /** Counted from the line, or from the signal before, or from the start. */
  readonly afterMs?: number;
};

/** The signals with which the runner cancels a step: SIGINT, 7.5 s later SIGTERM (Windows: SIGBREAK), 2.5 s later the end. */
export function cancelLikeRunner(when: Omit<Signalling, 'signal'> = {}): Signalling[] {
  return [
    { ...when, signal: 'SIGINT' },
    { afterMs: 7500, signal: 'SIGTERM' },
    { afterMs: 2500, signal: 'SIGKILL' },
  ];
}

/** Sends signals to a process in their order; the function it returns stops that. */
export function sendSignals(
  signals: readonly Signalling[],
  child: ChildProcess,
  lineListeners: Set<(line: string) => void>,
): () => void {
  let timer: NodeJS.Timeout | undefined;
  const send = (index: number) => {
    const next = signals[index];
    if (next === undefined) return;
    const sendIt = () => {
      raise(child, next.signal);
      send(index + 1);
    };
    const wait = () => {
      timer = setTimeout(sendIt, next.afterMs ?? 0);
    };
    const { whenLine } = next;
    if (whenLine === undefined) {
      wait();
      return;
    }
    const listener = (line: string) => {
      if (!whenLine.test(line)) return;
      lineListeners.delete(listener);
      wait();
    };
    lineListeners.add(listener);
  };
  send(0);
  return () => {
    clearTimeout(timer);
    lineListeners.clear();
  };
}

function raise(child: ChildProcess, signal: NodeJS.Signals): void {
  if (!areMessages || signal === 'SIGKILL') child.kill(signal);
  else if (child.connected) child.send(signal === 'SIGTERM' ? 'SIGBREAK' : signal);
}
