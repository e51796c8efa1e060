// Far from UTC, so that tests notice a date that is read or shown in local time.
process.env.TZ = 'Asia/Kathmandu';

/** Tests run as ESM under the action's own Node version; see the `jest` script in package.json. */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    // `rewriteRelativeImportExtensions` is for the bundle; jest finds the .ts files by their own name.
    '\\.ts$': ['ts-jest', { useESM: true, tsconfig: { rewriteRelativeImportExtensions: false } }],
  },
  modulePathIgnorePatterns: ['<rootDir>/dev/stubs/', '<rootDir>/\\.stryker-tmp/'],
  // Concurrent tests are those that only wait.
  maxConcurrency: 8,
  // Most tests wait for a process or a clock, so three for each core pay on a small machine.
  maxWorkers: 6,
  // Most wait for a process, on a machine that may be slow.
  testTimeout: 30_000,
  coverageProvider: 'v8',
  collectCoverageFrom: ['src/**/*.ts'],
};
