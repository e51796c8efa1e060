import { describe, expect, it } from '@jest/globals';

import { array, fit, maybe, number, object, parseJson, string } from '../../src/collibra/schema.ts';

const cast = object({ id: string(), size: maybe(number()), tags: maybe(array(string())) });

describe('a value that fits', () => {
  it.each<[json: unknown, value: unknown]>([
    [{ id: 'a' }, { id: 'a' }],
    [{ id: 'a', size: null, tags: null }, { id: 'a' }],
    [
      { id: 'a', size: 0, tags: [], more: 1 },
      { id: 'a', size: 0, tags: [] },
    ],
  ])('loses only what the schema does not name: %j', (json, value) => {
    expect(fit(cast, json)).toEqual(value);
  });
});

it.each([
  {},
  { id: 1 },
  { id: null },
  { id: 'a', size: '1' },
  { id: 'a', tags: [1] },
  null,
  'a',
  7,
  undefined,
])('a value that does not fit is undefined: %j', (json) => {
  expect(fit(cast, json)).toBeUndefined();
});

it.each<[text: string, value: unknown]>([
  ['{"a":1}', { a: 1 }],
  ['null', null],
  ['{"a":', undefined],
  ['', undefined],
  ['<html>', undefined],
])('the JSON %j is %j', (text, value) => {
  expect(parseJson(text)).toEqual(value);
});
