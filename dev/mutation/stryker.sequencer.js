import { existsSync } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Files that are also tested by what uses them. */
const TESTED_ELSEWHERE = {
  auth: ['token-endpoint'],
  'token-endpoint': ['auth', 'inputs'],
  'github-oidc': ['token-endpoint'],
  errors: ['auth', 'jobs'],
  job: ['jobs'],
  'job-query': ['find-job'],
  outcome: ['summary'],
  advice: ['annotations', 'verdict', 'summary'],
  'failed-commands': ['imports', 'summary'],
  markdown: ['imports'],
  retry: ['delete-jobs'],
  classify: ['requests', 'jobs', 'proxy-agent'],
  requests: ['token-endpoint', 'rate-limit'],
  'rate-limit': ['requests'],
};

/**
 * Selects the tests for one mutant: `__tests__/polling/poll.test.ts` for `src/polling/poll.ts`, or `__tests__/inputs.test.ts`
 * for `src/inputs/reader.ts`, or else all tests of the same folder. Jest would load every test file that imports the changed file indirectly, which takes
 * ten times as long.
 */
export default class OwnTests {
  #changed;

  /** @param {{ globalConfig: { nonFlagArgs: string[] } }} options */
  constructor({ globalConfig }) {
    this.#changed = globalConfig.nonFlagArgs;
  }

  /** @param {{ path: string }[]} tests */
  sort(tests) {
    // The dry run covers all files.
    if (this.#changed.length !== 1) return tests;
    const own = this.#changed[0].replace(/^(.*[\\/])src([\\/])/, '$1__tests__$2').replace(/\.ts$/, '.test.ts');
    const test = [own, `${dirname(own)}.test.ts`].find(existsSync);
    const isOwn = (path) => (test === undefined ? dirname(path) === dirname(own) : path === test);
    const also = TESTED_ELSEWHERE[basename(own, '.test.ts')] ?? [];
    return tests.filter(({ path }) => isOwn(path) || also.includes(basename(path, '.test.ts')));
  }

  cacheResults() {}
}
