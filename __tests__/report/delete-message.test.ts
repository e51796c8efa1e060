import { describe, expect, it } from '@jest/globals';

import { deleteMessage } from '../../src/report/delete-message.ts';

const env = {
  GITHUB_SERVER_URL: 'https://github.com',
  GITHUB_REPOSITORY: 'acme/catalog',
  GITHUB_RUN_ID: '4242',
};
const LINK = 'https://github.com/acme/catalog/actions/runs/4242';
const LINKED = `Workflow run canceled: ${LINK}`;

describe('the message of a delete', () => {
  it('has the cause and a link to the run', () => {
    expect(deleteMessage('timeout', 128, env)).toBe(`Not finished in time: ${LINK}`);
    expect(deleteMessage('cancelled', 128, env)).toBe(LINKED);
  });

  it.each([
    ['has everything', LINKED.length, LINKED],
    ['has only the link', LINKED.length - 1, LINK],
    ['has only the link', LINK.length, LINK],
    ['has only the cause', LINK.length - 1, 'Workflow run canceled (GitHub Actions)'],
  ])('%s in %d characters', (_, maxLength, message) => {
    expect(deleteMessage('cancelled', maxLength, env)).toBe(message);
  });

  it.each(Object.keys(env))('has no link without %s', (name) => {
    for (const value of [undefined, ''])
      expect(deleteMessage('timeout', 128, { ...env, [name]: value })).toBe('Not finished in time (GitHub Actions)');
  });
});
