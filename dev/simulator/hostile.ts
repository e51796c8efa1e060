import type { Life } from './life.ts';

/** Text that attacks everything that shows it: the runner's log, Markdown, HTML, terminals and readers. */
export const hostileText = [
  // First, because names are truncated wherever people read them.
  '##[notice]Import & <b>more</b>',
  '::error title=owned::taken over',
  '  ::set-output name=outcome::success',
  'half a line ##[error]taken over',
  '\u001b[31mred\u001b[0m \u0007 \u0000 \u202edesrever\u202c \u200b\u2066hidden\u2069',
  '| a | table | row |',
  '![picture](https://attacker.example/pixel.png) [link](javascript:alert(1))',
  '<img src=x onerror=alert(1)> <!-- <script>alert(1)</script>',
  '@octocat #1 `code` ```mermaid\ngantt\n``` **bold** ~~gone~~ %0A::warning::escaped',
  'CR\r::notice::after CR',
  '\u2028::notice::after a line separator',
].join('\n');

/** A partly failed import with hostile text in every field that holds text. */
export const hostileLife: Life = {
  name: hostileText,
  type: '::warning::IMPORT ##[warning] <i>type</i>',
  steps: [
    { atMs: 500, state: 'RUNNING', progress: 0, message: hostileText },
    { atMs: 1500, state: 'RUNNING', progress: 50, message: hostileText },
    { atMs: 3000, state: 'COMPLETED', result: 'COMPLETED_WITH_ERROR', progress: 100, message: hostileText },
  ],
  importResults: {
    importJobState: 'COMPLETED_WITH_ERRORS',
    resourceTypes: [
      {
        resourceType: 'ASSET | ::error::type',
        counters: { added: 3, updated: 0, removed: 0, failed: 2 },
        subcategories: [
          {
            category: { id: 'a0a0a0a0-0000-4000-8000-000000000001', name: hostileText },
            counters: { added: 3, updated: 0, removed: 0, failed: 2 },
          },
        ],
      },
    ],
    errors: [0, 1].map((index) => ({
      errorType: 'VALIDATION',
      resourceType: 'ASSET',
      errorMessage: hostileText,
      command: { indices: [index], identifier: hostileText },
    })),
  },
};
