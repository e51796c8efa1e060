import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Imports that a room must not make: arrows point one way (see CONTRIBUTING.md). */
const closedTo = (files, patterns, ignores = []) => ({
  files,
  ignores,
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      { patterns: patterns.map(([regex, message]) => ({ regex, message, allowTypeImports: true })) },
    ],
  },
});

const core = ['^@actions/core(/|$)', 'only setup.ts, index.ts and report/ speak to GitHub'];
const http = ['^@actions/http-client', 'only collibra/http/ speaks HTTP'];
const upwards = [
  '/(main|cleanup|setup|start|index|inputs|run)\\.ts$',
  'nothing points back to the wiring, inputs or run',
];
const onlyCollibra = [
  ['/(polling|report)/', 'collibra/ knows only Collibra'],
  ['/verdict\\.ts$', 'collibra/ knows no policies'],
];

export default defineConfig(
  { ignores: ['dist/', 'coverage/', 'reports/', '.stryker-tmp/', 'dev/stubs/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  closedTo(['src/main.ts', 'src/cleanup.ts', 'src/setup.ts', 'src/index.ts'], [http]),
  closedTo(
    ['src/inputs.ts', 'src/inputs/**'],
    [
      core,
      http,
      ['/(main|cleanup|setup|index|run)\\.ts$', 'inputs.ts knows nobody who uses it'],
      ['/(polling|report)/', 'inputs.ts only reads'],
    ],
  ),
  closedTo(
    ['src/run.ts'],
    [
      core,
      http,
      ['/(main|cleanup|setup|index|inputs)\\.ts$', 'run.ts is passed all it needs'],
      ['/report/', 'run.ts knows no GitHub'],
    ],
  ),
  closedTo(
    ['src/*.ts'],
    [core, http, upwards, ['/(polling|collibra|report)/', 'these are for all rooms, and use none']],
    ['src/main.ts', 'src/cleanup.ts', 'src/setup.ts', 'src/index.ts', 'src/inputs.ts', 'src/run.ts'],
  ),
  closedTo(
    ['src/polling/**'],
    [
      core,
      http,
      upwards,
      ['/collibra/(?!(job|errors)\\.ts)', 'polling/ knows no HTTP'],
      ['/report/', 'polling/ knows nothing of reports'],
    ],
  ),
  closedTo(['src/collibra/**'], [core, http, upwards, ...onlyCollibra], ['src/collibra/http/**']),
  closedTo(['src/collibra/http/**'], [core, upwards, ...onlyCollibra]),
  closedTo(
    ['src/report/**'],
    [http, upwards, ['/polling/', 'report/ does not poll'], ['/collibra/', 'report/ knows no HTTP']],
  ),
  closedTo(['dev/simulator/**'], [['^(?!\\.|node:)', 'the simulator runs where no package is installed']]),
);
