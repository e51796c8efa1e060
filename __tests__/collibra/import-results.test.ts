import { describe, expect, it } from '@jest/globals';

import { ERRORS_PAGE_SIZE, ImportResultsClient } from '../../src/collibra/import-results.ts';
import { aCollibra, json, lines, type Reply, text, thrown } from '../support/http.ts';
import { JOB_1 } from '../support/jobs.ts';

const PATH = `/rest/2.0/import/results/${JOB_1}`;

function results(reply: Reply) {
  const { http, transport, bounds } = aCollibra(() => reply);
  const api = new ImportResultsClient(http);
  return {
    transport,
    summary: () => api.summary(JOB_1, bounds),
    errors: (offset: number) => api.errors(JOB_1, offset, bounds),
  };
}

const summary = (answer: unknown) => results(json(answer)).summary();
const errors = (answer: unknown) => results(json(answer)).errors(0);

const untold = { added: undefined, updated: undefined, removed: undefined, failed: undefined };

describe('the summary', () => {
  it('is read from its place', async () => {
    const { summary: read, transport } = results(json({}));
    await read();
    expect(lines(transport)).toEqual([`GET ${PATH}/summary`]);
  });

  it('tells state, failures, and counts by type and category', async () => {
    const answer = {
      importJobState: 'COMPLETED_WITH_ERRORS',
      errorsCount: 3,
      resourceTypes: [
        {
          resourceType: 'ASSET',
          counters: { added: 1, updated: 20, removed: 300, failed: 4 },
          subcategories: [
            {
              category: { id: 'x', name: 'Term' },
              counters: { added: 1, updated: 2, removed: 3, failed: 4 },
            },
            null,
            { category: { id: 'y' }, counters: { added: 5 } },
            { counters: null },
          ],
        },
        { resourceType: 'RELATION', counters: { added: 4000, removed: 0, updated: 0 }, subcategories: null },
      ],
    };
    expect(await summary(answer)).toEqual({
      state: 'COMPLETED_WITH_ERRORS',
      failedCommands: 3,
      changes: 4321,
      resources: [
        {
          resourceType: 'ASSET',
          added: 1,
          updated: 20,
          removed: 300,
          failed: 4,
          categories: [
            { name: 'Term', added: 1, updated: 2, removed: 3, failed: 4 },
            { ...untold, name: '', added: 5 },
            { ...untold, name: '' },
          ],
        },
        { ...untold, resourceType: 'RELATION', added: 4000, updated: 0, removed: 0, categories: [] },
      ],
    });
  });

  it('may tell nothing', async () => {
    const nothing = { state: '', failedCommands: undefined, changes: undefined, resources: [] };
    expect(await summary({})).toEqual(nothing);
    expect(await summary({ importJobState: null, errorsCount: null, resourceTypes: null })).toEqual(nothing);
  });

  it('may leave out what a type is and did', async () => {
    expect(await summary({ resourceTypes: [{}] })).toMatchObject({
      changes: undefined,
      resources: [{ ...untold, resourceType: '', categories: [] }],
    });
  });

  it.each([
    [0, 0],
    [7, 7],
    [-1, undefined],
    [1.5, undefined],
    [1e300, undefined],
  ])('with the number of failures %j tells %j', async (errorsCount, failedCommands) => {
    expect(await summary({ errorsCount })).toHaveProperty('failedCommands', failedCommands);
  });

  const full = { added: 0, updated: 0, removed: 0 };
  it.each<[name: string, resourceTypes: unknown, changes: number | undefined]>([
    ['there are no types', [], 0],
    ['every counter is zero', [{ counters: full }, { counters: full }], 0],
    ['some were added', [{ counters: { ...full, added: 2 } }], 2],
    ['some were updated', [{ counters: { ...full, updated: 2 } }], 2],
    ['some were removed', [{ counters: full }, { counters: { ...full, removed: 2 } }], 2],
    ['some failed, which is no change', [{ counters: { ...full, failed: 2 } }], 0],
    ['a counter is missing', [{ counters: { added: 0, updated: 0 } }], undefined],
    ['all counters of a type are missing', [{ counters: full }, {}], undefined],
    ['a counter was not counted', [{ counters: { ...full, added: -1 } }], undefined],
    ['a counter is missing, but another is not zero', [{ counters: { added: 3 } }], 3],
    [
      'a counter was not counted, but another is not zero',
      [{ counters: { ...full, added: -1, removed: 3 } }],
      3,
    ],
  ])('tells the changes where %s', async (_name, resourceTypes, changes) => {
    expect(await summary({ resourceTypes })).toHaveProperty('changes', changes);
  });

  it('shows no negative counts', async () => {
    const counters = { added: -1, updated: -2, removed: -3, failed: -4 };
    expect(await summary({ resourceTypes: [{ counters }] })).toMatchObject({
      resources: [untold],
    });
  });

  it.each([
    null,
    'done',
    { errorsCount: '3' },
    { resourceTypes: {} },
    { importJobState: 1 },
    { resourceTypes: [{ counters: { added: '1' } }] },
  ])('of a wrong type is passing trouble: %j', async (answer) => {
    expect(await thrown(summary(answer))).toMatchObject({
      kind: 'transient',
      label: 'JSON that is not an import summary',
    });
  });

  it.each([400, 404])('that is not there fails with %d', async (status) => {
    expect(await thrown(results(text('', status)).summary())).toMatchObject({ status });
  });
});

describe('the failed commands', () => {
  it('are read from their place, a thousand at a time, and counted', async () => {
    const { errors: read, transport } = results(json({}));
    await read(0);
    await read(2000);
    expect(lines(transport)).toEqual([
      `GET ${PATH}/errors?offset=0&limit=1000&countLimit=-1`,
      `GET ${PATH}/errors?offset=2000&limit=1000&countLimit=-1`,
    ]);
    expect(ERRORS_PAGE_SIZE).toBe(1000);
  });

  it('are told as they are', async () => {
    const answer = {
      total: 2,
      offset: 0,
      limit: 1000,
      results: [
        {
          errorType: 'VALIDATION',
          resourceType: 'ASSET',
          errorMessage: '::error::<b>',
          command: { indices: [3, 0], identifier: 'Glossary > Term' },
        },
        {},
        { errorType: null, command: {} },
      ],
    };
    const nothing = { errorType: '', resourceType: '', errorMessage: '', indices: [], identifier: '' };
    expect(await errors(answer)).toEqual({
      total: 2,
      commands: [
        {
          errorType: 'VALIDATION',
          resourceType: 'ASSET',
          errorMessage: '::error::<b>',
          indices: [3, 0],
          identifier: 'Glossary > Term',
        },
        nothing,
        nothing,
      ],
    });
  });

  it.each([
    [{}, undefined],
    [{ total: null, results: null }, undefined],
    [{ total: -1 }, undefined],
    [{ total: 0, results: [] }, 0],
  ])('may be none: %j', async (answer, total) => {
    expect(await errors(answer)).toEqual({ total, commands: [] });
  });

  it.each([null, { results: {} }, { total: '1' }, { results: [{ command: { indices: ['1'] } }] }])(
    'of a wrong type are passing trouble: %j',
    async (answer) => {
      expect(await thrown(errors(answer))).toMatchObject({
        kind: 'transient',
        label: 'JSON that is not a page of import errors',
      });
    },
  );
});
