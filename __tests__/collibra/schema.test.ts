import { describe, expect, it } from '@jest/globals';

import {
  array,
  fallback,
  lenient,
  nullish,
  number,
  object,
  parse,
  parseJson,
  string,
  union,
  unknown,
} from '../../src/collibra/schema.ts';

const schema = object({
  id: string(),
  state: nullish(string(), ''),
  kind: fallback(string(), 'none'),
  size: lenient(union([number(), string()])),
  tags: lenient(array(lenient(string()))),
  more: lenient(unknown()),
});

const bare = { id: 'a', state: '', kind: 'none' };

describe('a value', () => {
  it.each<[json: unknown, value: unknown]>([
    [{ id: 'a' }, bare],
    [{ id: 'a', state: null, kind: null, size: null, tags: null }, bare],
    [{ id: 'a', kind: 7, size: [], tags: {} }, bare],
    [
      { id: 'a', tags: ['t', 7, null] },
      { ...bare, tags: ['t', undefined, undefined] },
    ],
    [
      { id: 'a', state: 's', kind: 'k', size: '1', tags: [], more: [{}], others: 1 },
      { id: 'a', state: 's', kind: 'k', size: '1', tags: [], more: [{}] },
    ],
  ])('of %j matches, without what the schema does not name', (json, value) => {
    expect(parse(schema, json)).toEqual(value);
  });

  it.each([{}, { id: 1 }, { id: null }, { id: 'a', state: 7 }, [], null, 'a', 7, undefined])(
    'of %j does not match',
    (json) => {
      expect(parse(schema, json)).toBeUndefined();
    },
  );

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
