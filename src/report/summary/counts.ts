import type { ImportResults } from '../../collibra/import-results.ts';
import { CHANGES, sumOfKnown } from '../../outcome.ts';
import { count, number } from '../../text.ts';

/** Says what imports changed: `1,180 added, 24 updated, 3 commands failed`; '' if nothing is known. */
export function countsInWords(results: readonly ImportResults[]): string {
  return [...changesInWords(results), ...failuresInWords(results)].join(', ');
}

function changesInWords(results: readonly ImportResults[]): string[] {
  const changes = results.map((one) => one.changes);
  if (changes.length === 0 || changes.includes(undefined)) return [];
  if (changes.every((n) => n === 0)) return ['No changes were committed'];
  const resources = results.flatMap((one) => one.resources);
  return CHANGES.flatMap((kind) => {
    const numbers = resources.map((counters) => counters[kind]);
    const sum = sumOfKnown(numbers);
    return sum === 0 ? [] : `${atLeast(numbers)}${number(sum)} ${kind}`;
  });
}

function failuresInWords(results: readonly ImportResults[]): string[] {
  const numbers = results.map(({ failedCommands }) => failedCommands);
  const failed = sumOfKnown(numbers);
  return failed === 0 ? [] : [`${atLeast(numbers)}${count(failed, 'command')} failed`];
}

/** A sum with an unknown part is a minimum. */
function atLeast(numbers: readonly (number | undefined)[]): string {
  return numbers.includes(undefined) ? 'at least ' : '';
}
