import { describe, expect, it } from '@jest/globals';

import { array, lenient, number, object, parse, parseJson, string, union } from '../../src/collibra/schema.ts';

const schema = object({
  id: string(),
  size: lenient(union([number(), string()])),
  tags: lenient(array(lenient(string()))),
});

describe('a value', () => {
  it.each<[json: unknown, value: unknown]>([
    [{ id: 'a' }, { id: 'a' }],
    [{ id: 'a', size: null, tags: {} }, { id: 'a' }],
    [
      { id: 'a', size: '1', tags: ['t', 7, null], others: 1 },
      { id: 'a', size: '1', tags: ['t', undefined, undefined] },
    ],
  ])('%j matches, without what the schema does not name', (json, value) => {
    expect(parse(schema, json)).toEqual(value);
  });

  it.each([{}, { id: 1 }, { id: null }, [], null, 'a', 7, undefined])('%j does not match', (json) => {
    expect(parse(schema, json)).toBeUndefined();
  });

  it('is not an object if it is an array, whatever the fields of the schema', () => {
    expect(parse(object({}), {})).toEqual({});
    expect(parse(object({}), [])).toBeUndefined();
    expect(parse(object({ length: number() }), [])).toBeUndefined();
  });
});

describe('a text', () => {
  it.each<[text: string, value: unknown]>([
    ['{"a":1}', { a: 1 }],
    ['null', null],
    ['{"a":', undefined],
    ['', undefined],
    ['<html>', undefined],
  ])('of %j is the JSON %j', (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });
});
