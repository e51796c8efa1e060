import { describe, expect, it } from '@jest/globals';

import { ERRORS_PAGE_SIZE, ImportResultsClient } from '../../src/collibra/import-results.ts';
import { json, lines, thrown } from '../support/http.ts';
import { JOB_1 } from '../support/jobs.ts';
import { fakeCollibra } from './support.ts';

const PATH = `/rest/2.0/import/results/${JOB_1}`;

function fakeResults(response: unknown) {
  const { client, transport, limits } = fakeCollibra(() => json(response));
  const results = new ImportResultsClient(client);
  const errors = (offset: number) => results.errors(JOB_1, offset, limits);
  return { transport, summary: () => results.summary(JOB_1, limits), errors };
}

const summary = (response: unknown) => fakeResults(response).summary();
const errors = (response: unknown) => fakeResults(response).errors(0);

const none = { added: undefined, updated: undefined, removed: undefined, failed: undefined };

describe('the summary', () => {
  it('contains the state, the failed commands, and counters by type and category', async () => {
    const [importJobState, asset, relation] = ['COMPLETED_WITH_ERRORS', 'ASSET', 'RELATION'];
    const all = { added: 1, updated: 20, removed: 300, failed: 4 };
    const some = { added: 4000, updated: 0, removed: 0 };
    const terms = { added: 1, updated: 2, removed: 3, failed: 4 };
    const subcategories = [
      { category: { id: 'x', name: 'Term' }, counters: terms },
      null,
      { category: { id: 'y' }, counters: { added: 5 } },
      { counters: null },
    ];
    const resourceTypes = [
      { resourceType: asset, counters: all, subcategories },
      { resourceType: relation, counters: some, subcategories: null },
    ];
    const { summary: read, transport } = fakeResults({ importJobState, errorsCount: 3, resourceTypes });
    const categories = [
      { name: 'Term', ...terms },
      { ...none, name: '', added: 5 },
      { ...none, name: '' },
    ];
    const resources = [
      { resourceType: asset, ...all, categories },
      { ...none, resourceType: relation, ...some, categories: [] },
    ];
    expect(await read()).toEqual({ importJobState, failedCommands: 3, changes: 4321, resources });
    expect(lines(transport)).toEqual([`GET ${PATH}/summary`]);
  });

  it.each([
    {},
    { importJobState: null, errorsCount: null, resourceTypes: null },
    { importJobState: 1, errorsCount: '3', resourceTypes: {} },
    { resourceTypes: [null] },
  ])('of %j reports nothing', async (response) => {
    const nothing = { importJobState: '', failedCommands: undefined, changes: undefined, resources: [] };
    expect(await summary(response)).toEqual(nothing);
  });

  it.each([
    {},
    { resourceType: 7, counters: [], subcategories: {} },
    { counters: { added: '1', updated: -2, removed: 1.5, failed: null } },
  ])('of the resource type %j reports no counters', async (resourceType) => {
    const resources = [{ ...none, resourceType: '', categories: [] }];
    expect(await summary({ resourceTypes: [resourceType] })).toMatchObject({ changes: undefined, resources });
  });

  it.each([0, 7, -1, 1.5, 1e300])('with the errorsCount %j reports failed commands if that is a count', async (n) => {
    expect(await summary({ errorsCount: n })).toHaveProperty('failedCommands', [0, 7].includes(n) ? n : undefined);
  });

  const full = { added: 0, updated: 0, removed: 0 };
  it.each<[changes: number | undefined, name: string, ...counters: (object | undefined)[]]>([
    [0, 'there are no types'],
    [0, 'every counter is zero', full, full],
    [2, 'some resources were added', { ...full, added: 2 }],
    [2, 'some resources were updated', { ...full, updated: 2 }],
    [2, 'some resources were removed', full, { ...full, removed: 2 }],
    [0, 'some resources failed, which is no change', { ...full, failed: 2 }],
    [undefined, 'a counter is missing', { added: 0, updated: 0 }],
    [undefined, 'all counters of a type are missing', full, undefined],
    [undefined, 'a counter was not counted', { ...full, added: -1 }],
    [3, 'a counter is missing, but another is not zero', { added: 3 }],
    [3, 'a counter was not counted, but another is not zero', { ...full, added: -1, removed: 3 }],
  ])('reports %j changes if %s', async (changes, _name, ...counters) => {
    const resourceTypes = counters.map((counters) => ({ counters }));
    expect(await summary({ resourceTypes })).toHaveProperty('changes', changes);
  });

  it.each([null, 'done', []])('cannot be read from %j, which is transient', async (response) => {
    const error = { kind: 'transient', label: 'JSON that is not an import summary' };
    expect(await thrown(summary(response))).toMatchObject(error);
  });
});

describe('the failed commands', () => {
  it('are requested and counted page by page', async () => {
    const { errors: read, transport } = fakeResults({});
    await read(0);
    await read(2000);
    expect(lines(transport)).toEqual([
      `GET ${PATH}/errors?offset=0&limit=1000&countLimit=-1`,
      `GET ${PATH}/errors?offset=2000&limit=1000&countLimit=-1`,
    ]);
    expect(ERRORS_PAGE_SIZE).toBe(1000);
  });

  it('are returned as they are, without what is missing or of an unexpected type', async () => {
    const texts = { errorType: 'VALIDATION', resourceType: 'ASSET', errorMessage: '::error::<b>' };
    const command = { indices: [3, 0], identifier: 'Glossary > Term' };
    const nothing = { errorType: '', resourceType: '', errorMessage: '', indices: [], identifier: '' };
    const odd = [
      ...[null, 'text', [], {}],
      { errorType: null, command: {} },
      { errorType: 7, resourceType: [], errorMessage: {}, command: [] },
      { command: { indices: ['1'], identifier: 7 } },
    ];
    const response = { total: 5, offset: 0, limit: 1000, results: [{ ...texts, command }, ...odd] };
    const commands = [{ ...texts, ...command }, ...odd.map(() => nothing)];
    expect(await errors(response)).toEqual({ total: 5, commands });
  });

  it.each([
    [{}, undefined],
    [{ total: null, results: null }, undefined],
    [{ total: '1', results: {} }, undefined],
    [{ total: -1 }, undefined],
    [{ total: 0, results: [] }, 0],
  ])('of %j are none', async (response, total) => {
    expect(await errors(response)).toEqual({ total, commands: [] });
  });

  it.each([null, 'none', []])('cannot be read from %j, which is transient', async (response) => {
    const error = { kind: 'transient', label: 'JSON that is not a page of import errors' };
    expect(await thrown(errors(response))).toMatchObject(error);
  });
});
