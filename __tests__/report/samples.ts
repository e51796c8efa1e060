import type { FailedCommand, ImportSummary, ResourceCounters } from '../../src/collibra/import-results.ts';
import type { Job } from '../../src/collibra/job.ts';
import type { JobReport, RunReport } from '../../src/outcome.ts';
import type { SummaryOptions } from '../../src/report/summary/index.ts';

/** A report and what the summary tells beside it. */
export interface Sample {
  readonly report: RunReport;
  readonly options: SummaryOptions;
}

type Four = readonly [added: number, updated: number, removed: number, failed: number];

function resource(resourceType: string, four: Four, categories: Record<string, Four> = {}): ResourceCounters {
  const counters = ([added, updated, removed, failed]: Four) => ({ added, updated, removed, failed });
  return {
    resourceType,
    ...counters(four),
    categories: Object.entries(categories).map(([name, own]) => ({ name, ...counters(own) })),
  };
}

function summary(state: string, failedCommands: number, resources: ResourceCounters[]): ImportSummary {
  const changes = resources
    .flatMap(({ added, updated, removed }) => [added, updated, removed])
    .reduce<number>((sum, n) => sum + (n ?? 0), 0);
  return { state, failedCommands, resources, changes };
}

/** A job by the minutes and seconds of its life, after 14:00 on a day in autumn. */
function job(
  id: string,
  name: string,
  state: string,
  result: string,
  life: readonly (string | undefined)[],
): Job {
  const [createdOn, startDate, endDate] = life.map((time) => time && new Date(`2026-11-20T14:${time}Z`));
  return {
    id,
    name,
    type: 'IMPORT',
    state,
    result,
    message: '',
    ...(createdOn ? { createdOn } : {}),
    ...(startDate ? { startDate } : {}),
    ...(endDate ? { endDate } : {}),
  };
}

const catalogue = summary('COMPLETED', 0, [
  resource('COMMUNITY', [1, 2, 0, 0]),
  resource('DOMAIN', [4, 1, 0, 0]),
  resource('ASSET', [1180, 214, 6, 0], {
    Table: [60, 14, 1, 0],
    Column: [1050, 180, 5, 0],
    'Business Term': [70, 20, 0, 0],
  }),
  resource('ATTRIBUTE', [2390, 402, 18, 0], {
    Description: [1120, 250, 18, 0],
    'Data Type': [1270, 152, 0, 0],
  }),
  resource('RELATION', [1110, 0, 5, 0], { 'Table contains Column': [1110, 0, 5, 0] }),
]);

const partly = summary('COMPLETED_WITH_ERRORS', 43, [
  resource('COMMUNITY', [1, 0, 0, 0]),
  resource('DOMAIN', [4, 1, 0, 0]),
  resource('ASSET', [1180, 20, 0, 38], { Table: [60, 0, 0, 0], Column: [1120, 20, 0, 38] }),
  resource('RELATION', [1118, 0, 0, 5], { 'Table contains Column': [1118, 0, 0, 5] }),
]);

function failed(
  errorType: string,
  resourceType: string,
  errorMessage: string,
  index: number,
  identifier: string,
): FailedCommand {
  return { errorType, resourceType, errorMessage, indices: [index], identifier };
}

const partlyFailed: FailedCommand[] = [
  ...Array.from({ length: 38 }, (_, n) =>
    failed(
      'VALIDATION',
      'ASSET',
      "The asset type 'Colunm' does not exist.",
      17 + n,
      `orders.column_${n} in Sales / Physical`,
    ),
  ),
  ...['customer_id', 'placed_on', 'shipped_on', 'total'].map((name, n) =>
    failed(
      'RUNTIME',
      'RELATION',
      `The source 'orders.${name}' of the relation can not be found.`,
      812 + n,
      'Table contains Column',
    ),
  ),
  failed('RUNTIME', 'RELATION', 'The relation type can not be determined.', 840, 'Table contains Colunm'),
];

const FIRST = '0199a1c0-5d1e-7d43-8f0a-2f1f6c1d0b01';
const SECOND = '0199a1c0-62b4-7a10-9c5e-8d2a4be90c02';
const THIRD = '0199a1c0-6f37-7c88-a1b3-51d7e0f2aa03';

const accept =
  'COMPLETED_WITH_ERROR: 43 commands failed. The policy (accept) does not allow COMPLETED_WITH_ERROR';

const good = (
  id: string,
  name: string,
  life: readonly string[],
  import_: ImportSummary = catalogue,
): JobReport => ({
  id,
  outcome: 'success',
  reason: 'COMPLETED with SUCCESS',
  job: job(id, name, 'COMPLETED', 'SUCCESS', life),
  importResults: { summary: import_, failedCommands: 0, firstFailedCommands: [] },
});

const bad = (id: string, name: string, life: readonly string[]): JobReport => ({
  id,
  outcome: 'failure',
  reason: accept,
  job: {
    ...job(id, name, 'COMPLETED', 'COMPLETED_WITH_ERROR', life),
    message: 'Import completed with errors',
  },
  importResults: { summary: partly, failedCommands: 43, firstFailedCommands: partlyFailed },
});

export const success: Sample = {
  report: {
    outcome: 'success',
    jobs: [good(FIRST, 'Import of the sales catalogue', ['02:10', '02:11', '06:14'])],
  },
  options: {},
};

export const partlyFailedImport: Sample = {
  report: {
    outcome: 'failure',
    jobs: [bad(FIRST, 'Import of the sales catalogue', ['02:10', '02:11', '06:14'])],
  },
  options: { errorsFile: 'reports/failed-commands.jsonl' },
};

export const severalJobs: Sample = {
  report: {
    outcome: 'timeout',
    jobs: [
      good(
        FIRST,
        'Communities and domains',
        ['02:10', '02:11', '02:40'],
        summary('COMPLETED', 0, [resource('COMMUNITY', [1, 2, 0, 0]), resource('DOMAIN', [4, 1, 0, 0])]),
      ),
      bad(SECOND, 'Assets and relations', ['02:12', '02:42', '06:50']),
      {
        id: THIRD,
        outcome: 'timeout',
        reason: 'Not finished after 10 min; last seen in state RUNNING',
        job: { ...job(THIRD, 'Lineage', 'RUNNING', 'NOT_SET', ['02:15', '06:52']), progressPercentage: 40 },
      },
    ],
  },
  options: { nowMs: Date.parse('2026-11-20T14:12:05Z') },
};
