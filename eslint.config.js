import eslint from '@eslint/js';
import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Imports that a room of src may not make: arrows point one way (see CONTRIBUTING.md). */
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

const core = ['^@actions/core$', 'only main.ts, index.ts and report/ speak to GitHub'];
const http = ['^@actions/http-client', 'only collibra/transport.ts and collibra/proxy.ts speak HTTP'];
const upwards = ['/(main|index|inputs)\\.ts$', 'nothing points back to main, index or inputs'];

export default defineConfig(
  { ignores: ['dist/', 'coverage/', 'reports/', '.stryker-tmp/', 'stubs/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
    },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
  },
  closedTo(['src/*.ts'], [core, http], ['src/main.ts', 'src/index.ts']),
  closedTo(['src/main.ts', 'src/index.ts'], [http]),
  closedTo(
    ['src/wait/**'],
    [
      core,
      http,
      upwards,
      ['/collibra/(?!(job|errors)\\.ts)', 'wait/ knows no HTTP'],
      ['/report/', 'wait/ knows nothing of reports'],
    ],
  ),
  closedTo(
    ['src/collibra/**'],
    [
      core,
      http,
      upwards,
      ['/(wait|report)/', 'collibra/ knows only Collibra'],
      ['/verdict\\.ts$', 'collibra/ knows no policies'],
    ],
    ['src/collibra/transport.ts', 'src/collibra/proxy.ts'],
  ),
  closedTo(['src/collibra/transport.ts', 'src/collibra/proxy.ts'], [core, upwards]),
  closedTo(
    ['src/report/**'],
    [http, upwards, ['/collibra/(?!(job|errors|import-results)\\.ts)', 'report/ knows no HTTP']],
  ),
);
