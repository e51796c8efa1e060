import { expect, it } from '@jest/globals';

import { deleteMessage } from '../../src/report/delete-message.ts';

const env = {
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/catalog',
  GITHUB_RUN_ID: '4242',
};
const LINK = 'https://github.com/acme/catalog/actions/runs/4242';

it('a deleted job is told why, with a link to the run', () => {
  expect(deleteMessage('timeout', 128, env)).toBe(`Not finished in time: ${LINK}`);
  expect(deleteMessage('cancelled', 128, env)).toBe(`Workflow run cancelled: ${LINK}`);
});

it.each([
  ['all fits', `Workflow run cancelled: ${LINK}`.length, `Workflow run cancelled: ${LINK}`],
  ['only the link fits', `Workflow run cancelled: ${LINK}`.length - 1, LINK],
  ['only the link fits exactly', LINK.length, LINK],
  ['nothing fits', LINK.length - 1, 'Workflow run cancelled (GitHub Actions)'],
])('the message has its bound: %s', (_name, maxLength, message) => {
  expect(deleteMessage('cancelled', maxLength, env)).toBe(message);
});

it('128 characters are enough for what is longest without a link', () => {
  const long = { ...env, GITHUB_REPOSITORY: `acme/${'x'.repeat(100)}` };
  expect(deleteMessage('timeout', 128, long)).toBe('Not finished in time (GitHub Actions)');
});

it.each(Object.keys(env))('without %s there is no link', (name) => {
  for (const value of [undefined, ''])
    expect(deleteMessage('timeout', 128, { ...env, [name]: value })).toBe(
      'Not finished in time (GitHub Actions)',
    );
});
