import jest from '../../jest.config.js';

/** Configures mutation testing: `npm run mutation`. The report is in reports/mutation. */
export default {
  mutate: [
    'src/**/*.ts',
    // The entry point runs as soon as it is imported. Its tests run dist, which contains no mutants.
    '!src/{index,start}.ts',
  ],
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: {
    config: {
      ...jest,
      // Only tests that import src: tests of dist run no mutant, and two tests read the mutated src as text.
      testMatch: ['<rootDir>/__tests__/{*,collibra/**/*,report/**/*,polling/*}.test.ts'],
      testPathIgnorePatterns: ['/(language|structure)\\.test\\.ts$'],
      testSequencer: '<rootDir>/dev/mutation/stryker.sequencer.js',
      // These tests start no processes. A mutant that never finishes must not block the others.
      testTimeout: 5_000,
    },
  },
  coverageAnalysis: 'perTest',
  // More than there are cores, because some mutants only wait until the time limit.
  concurrency: 4,
  // Every run leaves modules in the memory of its process.
  maxTestRunnerReuse: 100,
  // Not copied, because no unit test reads them.
  ignorePatterns: ['coverage', 'dist', 'reports', 'docs', 'examples', 'dev/demo/out'],
  reporters: ['clear-text', 'html', 'json', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  // The goal is 97%.
  thresholds: { high: 97, low: 97, break: 97 },
};
