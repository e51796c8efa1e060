import jest from '../../jest.config.js';

/** Mutation testing: `npm run mutation`. The report is in reports/mutation. */
export default {
  mutate: [
    'src/**/*.ts',
    // The entry point runs as soon as it is imported: it is tested in dist, which no mutant reaches.
    '!src/index.ts',
  ],
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
  jest: {
    config: {
      ...jest,
      // Only tests that run src itself; those of dist would never see a mutant.
      testMatch: ['<rootDir>/__tests__/{*,collibra/**/*,report/**/*,polling/*}.test.ts'],
      testSequencer: '<rootDir>/dev/mutation/stryker.sequencer.js',
      // These tests start no processes; one that a mutant stops for ever should not hold up the others.
      testTimeout: 5_000,
    },
  },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  // Every run leaves modules behind in the memory of its process.
  maxTestRunnerReuse: 100,
  ignorePatterns: ['coverage', 'dist', 'reports'],
  reporters: ['clear-text', 'html', 'json', 'progress-append-only'],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: 90 },
};
