import { existsSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Chooses the tests for one mutant. Jest would load every test file from which the changed file can be reached, which
 * takes ten times as long; but it is a file's own tests that must notice when it changes: `__tests__/wait/poll.test.ts`
 * for `src/wait/poll.ts`, or else all tests of the same folder.
 */
export default class OwnTests {
  #changed;

  /** @param {{ globalConfig: { nonFlagArgs: string[] } }} options */
  constructor({ globalConfig }) {
    this.#changed = globalConfig.nonFlagArgs;
  }

  /** @param {{ path: string }[]} tests */
  sort(tests) {
    // The dry run is about all files at once.
    if (this.#changed.length !== 1) return tests;
    const own = this.#changed[0].replace(/([\\/])src([\\/])/, '$1__tests__$2').replace(/\.ts$/, '.test.ts');
    return tests.filter(({ path }) => (existsSync(own) ? path === own : dirname(path) === dirname(own)));
  }

  cacheResults() {}
}
