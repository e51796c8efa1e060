import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from '@jest/globals';

import { harmless, LogView } from '../../../dev/demo/log-view.ts';
import { readOptions } from '../../../dev/demo/options.ts';

const path = (relative: string) => fileURLToPath(new URL(`../../../${relative}`, import.meta.url));

function demo(...args: string[]) {
  const cwd = mkdtempSync(join(tmpdir(), 'demo-'));
  try {
    const { status, stdout, stderr } = spawnSync(process.execPath, [path('dev/demo/main.ts'), ...args], {
      cwd,
      encoding: 'utf8',
    });
    return { status, stdout, stderr };
  } finally {
    rmSync(cwd, { recursive: true });
  }
}

describe('npm run demo', () => {
  it('shows a success', () => {
    const { status, stdout } = demo();
    expect(status).toBe(0);
    expect(stdout).toMatch(/^outcome: success$/m);
    expect(stdout).toContain('The step passes with exit code 0');
    expect(stdout).not.toContain('::add-mask');
  }, 30_000);

  it('shows what a policy does with several jobs', () => {
    const { status, stdout } = demo('--scenario', 'aborted', '--jobs', '2', '--accept', 'ABORTED');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^outcome: accepted$/m);
    expect(stdout.match(/^Warning: /gm)).toHaveLength(2);
  }, 30_000);

  it('ends well when the step fails', () => {
    const { status, stdout } = demo('--scenario', 'stuck', '--timeout-minutes', '0.02');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^outcome: timeout$/m);
    expect(stdout).toContain('The step fails with exit code 1');
  }, 30_000);

  it('lists the scenarios', () => {
    expect(demo('--list').stdout).toContain('flaky-gateway\n');
  });

  it.each([
    [['--bogus', '1'], "Unknown option '--bogus'"],
    [['--jobs', '0'], '--jobs can not be "0"'],
    [['--scenario', 'nonsense'], 'no scenario "nonsense"'],
  ])('refuses %j', (args, message) => {
    const { status, stderr } = demo(...args);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
  });
});

describe('the options', () => {
  it('are those of the demo and every input of the action', async () => {
    const args = ['--jobs', '3', '--job-api', 'core-2.0', '--accept', ''];
    expect(await readOptions(args, path('action.yml'))).toEqual({
      list: false,
      help: false,
      scenarios: ['success'],
      out: 'dev/demo/out',
      name: 'summary',
      jobs: 3,
      inputs: { 'job-api': 'core-2.0', accept: '' },
    });
  });
});

describe('the log', () => {
  it('looks as the runner shows it', () => {
    const view = new LogView();
    const lines = [
      '::add-mask::s3cret',
      'plain s3cret',
      '::error title=Bad::it is s3cret',
      '::debug::x',
      '::group::g',
    ];
    expect(lines.map((line) => view.view(line))).toEqual([
      undefined,
      'plain ***',
      'Error: [Bad] it is ***',
      undefined,
      '▼ g',
    ]);
  });

  it('has nothing that tricks the terminal in its outputs', () => {
    expect(harmless('a\n\u001b[31m\u202e\r')).toBe('a\n\\u001b[31m\\u202e\\u000d');
  });
});
