import type { CommandError, Counters, ImportResults, ResourceTypeSummary } from './import-results.ts';
import { uuidOf } from './ids.ts';

/** Returns counters. */
export function counters(added: number, updated = 0, removed = 0, failed = 0): Counters {
  return { added, updated, removed, failed };
}

const none = counters(0);

function summary(
  resourceType: string,
  total: Counters,
  parts: Readonly<Record<string, Counters>> = {},
): ResourceTypeSummary {
  const subcategories = Object.entries(parts).map(([name, part]) => ({
    category: { id: uuidOf(`category ${name}`), name },
    counters: part,
  }));
  return { resourceType, counters: total, subcategories: subcategories.length > 0 ? subcategories : null };
}

/** A complete import of a small catalog: nothing failed. */
export const completeImport: ImportResults = {
  importJobState: 'COMPLETED',
  resourceTypes: [
    summary('COMMUNITY', counters(1, 2)),
    summary('DOMAIN', counters(4, 1)),
    summary('ASSET', counters(1180, 214, 6), {
      Table: counters(60, 14, 1),
      Column: counters(1050, 180, 5),
      'Business Term': counters(70, 20),
    }),
    summary('ATTRIBUTE', counters(2390, 402, 18), {
      Description: counters(1120, 250, 18),
      'Data Type': counters(1270, 152),
    }),
    summary('RELATION', counters(1110, 0, 5), { 'Table contains Column': counters(1110, 0, 5) }),
    summary('RESPONSIBILITY', counters(5), { Steward: counters(5) }),
  ],
};

/** An import with three failed commands. */
export const partialImport: ImportResults = {
  importJobState: 'COMPLETED_WITH_ERRORS',
  resourceTypes: [
    summary('COMMUNITY', counters(1)),
    summary('DOMAIN', counters(4, 1)),
    summary('ASSET', counters(1180, 20, 0, 2), {
      Table: counters(60),
      Column: counters(1120, 20, 0, 2),
    }),
    summary('RELATION', counters(1118, 0, 0, 1), { 'Table contains Column': counters(1118, 0, 0, 1) }),
  ],
  errors: [
    {
      errorType: 'VALIDATION',
      resourceType: 'ASSET',
      errorMessage: "The asset type 'Colunm' does not exist.",
      command: { indices: [17], identifier: "Asset 'orders.customer_id' in domain 'Sales / Physical'" },
    },
    {
      errorType: 'VALIDATION',
      resourceType: 'ASSET',
      errorMessage: "The asset type 'Colunm' does not exist.",
      command: { indices: [18], identifier: "Asset 'orders.placed_on' in domain 'Sales / Physical'" },
    },
    {
      errorType: 'RUNTIME',
      resourceType: 'RELATION',
      errorMessage: "The source 'orders.customer_id' of the relation can not be found.",
      command: { indices: [17, 0], identifier: "Relation 'Table contains Column'" },
    },
  ],
};

/** Failed commands with a few messages that repeat. */
function manyErrors(count: number): CommandError[] {
  const messages = [
    "The asset type 'Colunm' does not exist.",
    "The status 'Aproved' does not exist.",
    'The domain of the asset can not be determined.',
  ];
  return Array.from({ length: count }, (_, index) => ({
    errorType: index % 5 === 4 ? 'RUNTIME' : 'VALIDATION',
    resourceType: index % 4 === 3 ? 'ATTRIBUTE' : 'ASSET',
    errorMessage: messages[index % messages.length] ?? '',
    command: { indices: [index], identifier: `Asset 'column_${index}' in domain 'Sales / Physical'` },
  }));
}

/** An import that changed nothing, with a number of failed commands. */
export function nothingCommitted(errorCount: number, importJobState: string): ImportResults {
  return {
    importJobState,
    resourceTypes: [summary('ASSET', { ...none, failed: errorCount })],
    errors: manyErrors(errorCount),
  };
}

/** An import that committed some commands, with a number of failed commands. */
export function someCommitted(added: number, errorCount: number, importJobState: string): ImportResults {
  return {
    importJobState,
    resourceTypes: [summary('ASSET', counters(added, 0, 0, errorCount), { Column: counters(added, 0, 0, errorCount) })],
    errors: manyErrors(errorCount),
  };
}
