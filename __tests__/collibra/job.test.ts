import { expect, it } from '@jest/globals';

import { isUuid } from '../../src/collibra/job.ts';

const UUID = '01234567-89ab-cdef-0123-456789abcdef';

it.each([UUID, UUID.toUpperCase()])('an ID of the form %s is a UUID', (id) => expect(isUuid(id)).toBe(true));

it.each([
  ...['', 'a job', `${UUID}/..`, `../${UUID}`, `${UUID}\n`, '01234567-----------0123-456789abcdef'],
  ...UUID.split('-').flatMap((group) => ['', 'g'].map((first) => UUID.replace(group, first + group.slice(1)))),
])('an ID of the form %j is not a UUID', (id) => {
  expect(isUuid(id)).toBe(false);
});
