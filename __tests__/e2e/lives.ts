import { running, type Fault, type FaultRule, type Life, type Simulator } from '../../dev/simulator/simulator.ts';

type Step = Life['steps'][number];

/** A life that never changes. */
export function constantLife(step: Omit<Step, 'atMs'>, more: Omit<Life, 'steps'> = {}): Life {
  return { steps: [{ atMs: 0, ...step }], ...more };
}

/** A job that never changes. */
export const stuck = constantLife({ state: 'RUNNING' });

const importResults = { importJobState: 'COMPLETED' };

/** An import that has succeeded before the first poll. */
export const succeeded = constantLife({ state: 'COMPLETED', result: 'SUCCESS' }, { importResults });

type End = Pick<Step, 'result' | 'message'> & Omit<Life, 'steps'>;

/** An import that runs, and ends after so many milliseconds, with success by default. */
export function endsAfter(ms: number, { result = 'SUCCESS', message, ...more }: End = {}): Life {
  const end = { state: 'COMPLETED', result, ...(message === undefined ? {} : { message }) };
  return { steps: [...running(0, ms), { atMs: ms, ...end }], importResults, ...more };
}

/**
 * Adds a job that succeeds at the nth poll, however slow the machine is: the number of polls is always the same. It has
 * no Import Results.
 */
export function addJobThatEndsAtPoll(simulator: Simulator, nth: number, faults: readonly FaultRule[] = []): string {
  const id = crypto.randomUUID();
  const body = { id, state: 'COMPLETED', result: 'SUCCESS' };
  const end: FaultRule = { on: 'job', from: nth, fault: { kind: 'wrong-type', body } };
  return simulator.addJob({ id, life: { ...stuck, faults: [...faults, end] } });
}

/** Adds several jobs with the same life. */
export function addJobs(simulator: Simulator, count: number, life: Life): string[] {
  return Array.from({ length: count }, () => simulator.addJob({ life }));
}

/** Faults of every request for the state of a job, or of some of these requests. */
export function faultsOf(fault: Fault, when: Omit<FaultRule, 'on' | 'fault'> = {}): FaultRule[] {
  return [{ on: 'job', fault, ...when }];
}
