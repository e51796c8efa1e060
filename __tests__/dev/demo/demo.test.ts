import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';

import { describe, expect, it, jest } from '@jest/globals';

import { outcomes } from '../../../dev/demo/outcomes.ts';
import { escapeControls } from '../../../dev/demo/terminal.ts';
import { read, root } from '../../../dev/scripts/documents.ts';
import { blocksOf } from '../../../dev/scripts/markdown.ts';
import { OUTCOMES } from '../../../src/outcome.ts';

jest.setTimeout(60_000);

/** Runs the demo without a browser, because pictures take long; returns what it prints. */
async function demo(...args: string[]): Promise<string> {
  const cwd = mkdtempSync(join(tmpdir(), 'demo-'));
  const env = { ...process.env, CHROMIUM: join(cwd, 'none'), FORCE_COLOR: '1' };
  const child = spawn(process.execPath, [`${root}dev/demo/main.ts`, ...args], { cwd, env });
  const [stdout, stderr, closed] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  rmSync(cwd, { recursive: true });
  expect({ exitCode: (closed as unknown[])[0], stderr }).toEqual({ exitCode: 0, stderr: '' });
  return stdout;
}

const [RED, YELLOW, BOLD] = [31, 33, 1].map((code) => `\u001b[${code}m`);

describe('npm run demo', () => {
  it('has a scenario for each outcome', () => {
    expect(Object.keys(outcomes).sort()).toEqual([...OUTCOMES].sort());
  });

  it.concurrent.each(Object.keys(outcomes))('shows the outcome %s, also in colors', async (outcome) => {
    const stdout = await demo('--scenario', outcome);
    expect(stdout).toMatch(new RegExp(`^outcome: ${outcome}$`, 'm'));
    const [color, label] = outcome === 'accepted' ? [YELLOW, 'Warning'] : [RED, 'Error'];
    const isQuiet = outcome === 'success';
    expect(stdout).toContain(`The step ${isQuiet || outcome === 'accepted' ? 'passes' : 'fails'} with exit code`);
    expect(stdout.includes(`\n${color}${label}: `)).toBe(!isQuiet);
    expect(stdout.includes(`\n${color}[${label.toLowerCase()}] `)).toBe(!isQuiet);
    expect(stdout).toContain('The job summary as GitHub shows it: dev/demo/out/summary.html');
    expect(stdout).toContain('Chromium is not installed');
    expect(stdout).not.toMatch(/::add-mask|::group|<table>/);
  });

  it.concurrent('shows the log that docs/outputs.md shows', async () => {
    const [block] = blocksOf(read('docs/outputs.md')).filter(({ language }) => language === 'text');
    const [id = ''] = block?.text.split(' ') ?? [];
    const shown = (await demo('--scenario', 'failure')).replace(/[\da-f]{8}-[-\da-f]{27}/g, id);
    const plain = shown
      .replaceAll(`${BOLD}▼`, '▼')
      .replaceAll('\u001b[22m', '')
      .replace(/after [\d.]+ s/, 'after 4 s');
    expect(plain).toContain(block?.text);
  });

  it.concurrent('submits a mixture of several jobs, and shows the Markdown', async () => {
    const stdout = await demo('--jobs', '6', '--accept', 'COMPLETED_WITH_ERROR', '--raw');
    expect(stdout).toMatch(/^outcome: failure$/m);
    expect(stdout.match(/ after [\d.]+ s \(\d of 6 jobs\)\. /g)).toHaveLength(6);
    expect(stdout).toContain('<table>');
  });

  it('prints no character that controls the terminal', () => {
    expect(escapeControls('a\n\u001b[31m\u202e\r')).toBe('a\n\\u001b[31m\\u202e\\u000d');
  });
});
