import type { FailedCommand, ImportResults, ResourceCounters } from '../../src/collibra/import-results.ts';
import type { Job } from '../../src/collibra/job.ts';
import { sumOfKnown, type JobReport, type RunReport } from '../../src/outcome.ts';
import type { SummaryOptions } from '../../src/report/summary/index.ts';
import { someResults } from '../support/jobs.ts';

/** A report, and what the summary shows besides it. */
export interface Sample {
  readonly report: RunReport;
  readonly options: SummaryOptions;
}

export type Four = readonly [added?: number, updated?: number, removed?: number, failed?: number];

const counters = ([added = 0, updated = 0, removed = 0, failed = 0]: Four) => ({ added, updated, removed, failed });

/** The counters of one resource type and of its categories. */
export function resource(resourceType: string, four: Four, categories: Record<string, Four> = {}): ResourceCounters {
  const own = Object.entries(categories).map(([name, numbers]) => ({ name, ...counters(numbers) }));
  return { resourceType, ...counters(four), categories: own };
}

/** A failed command. */
export const command = (errorMessage: string, index = 0): FailedCommand => ({
  errorType: 'VALIDATION',
  resourceType: 'ASSET',
  errorMessage,
  indices: [index],
  identifier: `asset ${index}`,
});

/** A job by its times, in minutes and seconds after 14:00 on a day in fall. */
function job(id: string, name: string, state: string, result: string, times: readonly string[]): Job {
  const [createdOn, startDate, endDate] = times.map((time) => new Date(`2026-11-20T14:${time}Z`));
  return {
    ...{ id, name, type: 'IMPORT', state, result, message: '' },
    ...(createdOn && { createdOn }),
    ...(startDate && { startDate }),
    ...(endDate && { endDate }),
  };
}

function resultsOf(resources: ResourceCounters[], firstFailedCommands: FailedCommand[] = []): ImportResults {
  const changes = sumOfKnown(resources.flatMap(({ added, updated, removed }) => [added, updated, removed]));
  return someResults({ resources, changes, failedCommands: firstFailedCommands.length, firstFailedCommands });
}

const structure = [resource('COMMUNITY', [1, 2]), resource('DOMAIN', [4, 1])];

const catalog = resultsOf([
  ...structure,
  resource('ASSET', [1180, 214, 6], { Table: [60, 14, 1], Column: [1050, 180, 5], 'Business Term': [70, 20] }),
  resource('ATTRIBUTE', [2390, 402, 18], { Description: [1120, 250, 18], 'Data Type': [1270, 152] }),
  resource('RELATION', [1110, 0, 5], { 'Table contains Column': [1110, 0, 5] }),
]);

const relationErrors = [
  ...['customer_id', 'placed_on', 'shipped_on', 'total'].map(
    (name) => `The source 'orders.${name}' of the relation can not be found.`,
  ),
  'The relation type can not be determined.',
];

const partly = resultsOf(
  [
    resource('COMMUNITY', [1]),
    resource('DOMAIN', [4, 1]),
    resource('ASSET', [1180, 20, 0, 38], { Table: [60], Column: [1120, 20, 0, 38] }),
    resource('RELATION', [1118, 0, 0, 5], { 'Table contains Column': [1118, 0, 0, 5] }),
  ],
  [
    ...Array.from({ length: 38 }, (_, n) => ({
      ...command("The asset type 'Colunm' does not exist.", 17 + n),
      identifier: `orders.column_${n} in Sales / Physical`,
    })),
    ...relationErrors.map((message, n) => ({
      ...command(message, 812 + n),
      ...{ errorType: 'RUNTIME', resourceType: 'RELATION', identifier: 'Table contains Column' },
    })),
  ],
);

const [FIRST, SECOND, THIRD] = [
  '0199a1c0-5d1e-7d43-8f0a-2f1f6c1d0b01',
  '0199a1c0-62b4-7a10-9c5e-8d2a4be90c02',
  '0199a1c0-6f37-7c88-a1b3-51d7e0f2aa03',
];

const good = (id: string, name: string, times: readonly string[], results = catalog): JobReport => ({
  id,
  outcome: 'success',
  reason: 'The job is COMPLETED with SUCCESS.',
  job: job(id, name, 'COMPLETED', 'SUCCESS', times),
  importResults: results,
});

const bad = (id: string, name: string, times: readonly string[]): JobReport => ({
  id,
  outcome: 'failure',
  reason:
    'COMPLETED_WITH_ERROR: 43 commands failed. To allow this result, add COMPLETED_WITH_ERROR to the accept input.',
  job: { ...job(id, name, 'COMPLETED', 'COMPLETED_WITH_ERROR', times), message: 'Import completed with errors' },
  importResults: partly,
});

const IMPORT = ['Import of the sales catalog', ['02:10', '02:11', '06:14']] as const;

export const success: Sample = { report: { outcome: 'success', jobs: [good(FIRST, ...IMPORT)] }, options: {} };

export const partlyFailedImport: Sample = {
  report: { outcome: 'failure', jobs: [bad(FIRST, ...IMPORT)] },
  options: { errorsFile: 'reports/failed-commands.jsonl' },
};

export const severalJobs: Sample = {
  report: {
    outcome: 'timeout',
    jobs: [
      good(FIRST, 'Communities and domains', ['02:10', '02:11', '02:40'], resultsOf(structure)),
      bad(SECOND, 'Assets and relations', ['02:12', '02:42', '06:50']),
      {
        id: THIRD,
        outcome: 'timeout',
        reason: 'Not finished after 10 min; last seen in state RUNNING.',
        job: { ...job(THIRD, 'Lineage', 'RUNNING', 'NOT_SET', ['02:15', '06:52']), progressPercentage: 40 },
      },
    ],
  },
  options: { nowMs: Date.parse('2026-11-20T14:12:05Z') },
};
