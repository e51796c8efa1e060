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
  it.each([
    ['has the cause and a link', 'timeout', 128, `Not finished in time: ${LINK}`],
    ['has the cause and a link', 'cancelled', LINKED.length, LINKED],
    ['has the cause and a link', 'stopped', 128, `Workflow step stopped: ${LINK}`],
    ['has only the link', 'cancelled', LINKED.length - 1, LINK],
    ['has only the link', 'cancelled', LINK.length, LINK],
    ['has only the cause', 'cancelled', LINK.length - 1, 'Workflow run canceled (GitHub Actions)'],
  ] as const)('%s (%s) in %d characters', (_, cause, maxLength, message) => {
    expect(deleteMessage(cause, maxLength, env)).toBe(message);
  });

  it.each(Object.keys(env))('has no link without %s', (name) => {
    for (const value of [undefined, ''])
      expect(deleteMessage('timeout', 128, { ...env, [name]: value })).toBe('Not finished in time (GitHub Actions)');
  });
});
