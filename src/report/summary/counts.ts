import type { Counters, ImportResults } from '../../collibra/import-results.ts';
import { CHANGES, sumOfKnown } from '../../outcome.ts';
import { count, number } from '../../text.ts';

/** Says what imports did: `1,180 added, 24 updated, 3 commands failed`; '' if nothing is known. */
export function countsInWords(results: readonly ImportResults[]): string {
  const changes = results.map((one) => one.changes);
  const isKnown = changes.length > 0 && !changes.includes(undefined);
  const words = changes.every((n) => n === 0)
    ? ['No changes were committed']
    : changesInWords(results.flatMap(({ resources }) => resources));
  const numbers = results.map(({ failedCommands }) => failedCommands);
  const failed = sumOfKnown(numbers);
  const failures = failed === 0 ? [] : [`${atLeast(numbers)}${count(failed, 'command')} failed`];
  return [...(isKnown ? words : []), ...failures].join(', ');
}

/** Says what was done to resources, kind by kind: `1,180 added`, `at least 24 updated`. */
export function changesInWords(resources: readonly Counters[]): string[] {
  return CHANGES.flatMap((kind) => {
    const numbers = resources.map((counters) => counters[kind]);
    const sum = sumOfKnown(numbers);
    return sum === 0 ? [] : `${atLeast(numbers)}${number(sum)} ${kind}`;
  });
}

/** A sum with an unknown part is a minimum. */
function atLeast(numbers: readonly (number | undefined)[]): string {
  return numbers.includes(undefined) ? 'at least ' : '';
}
