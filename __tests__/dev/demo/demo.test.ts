import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, it, jest } from '@jest/globals';

import { escapeControls } from '../../../dev/demo/terminal.ts';
import { root } from '../../../dev/scripts/documents.ts';

jest.setTimeout(30_000);

/** Runs the demo without a browser, because pictures take long. */
function demo(...args: string[]) {
  const cwd = mkdtempSync(join(tmpdir(), 'demo-'));
  const env = { ...process.env, CHROMIUM: join(cwd, 'none') };
  const run = spawnSync(process.execPath, [`${root}dev/demo/main.ts`, ...args], { cwd, env, encoding: 'utf8' });
  rmSync(cwd, { recursive: true });
  return run;
}

describe('npm run demo', () => {
  it('shows a success, and no Markdown', () => {
    const { status, stdout } = demo();
    expect(status).toBe(0);
    expect(stdout).toMatch(/^outcome: success$/m);
    expect(stdout).toContain('The step passes with exit code 0');
    expect(stdout).toContain('The job summary as GitHub shows it: dev/demo/out/summary.html');
    expect(stdout).toContain('Chromium is not installed');
    expect(stdout).not.toMatch(/::add-mask|<table>|=== Annotations/);
  });

  it('shows several jobs with a policy, their annotations, and the Markdown', () => {
    const { status, stdout } = demo('--scenario', 'aborted', '--jobs', '2', '--accept', 'ABORTED', '--raw');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^outcome: accepted$/m);
    expect(stdout.match(/^Warning: /gm)).toHaveLength(2);
    expect(stdout.match(/^\[warning\] /gm)).toHaveLength(2);
    expect(stdout).toContain('<table>');
  });

  it('exits with 0 when the step fails', () => {
    const { status, stdout } = demo('--scenario', 'stuck', '--timeout-minutes', '0.02');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^outcome: timeout$/m);
    expect(stdout).toContain('The step fails with exit code 1');
  });

  it('prints no character that controls the terminal', () => {
    expect(escapeControls('a\n\u001b[31m\u202e\r')).toBe('a\n\\u001b[31m\\u202e\\u000d');
  });
});
