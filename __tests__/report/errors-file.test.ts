import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { FailedCommand } from '../../src/collibra/import-results.ts';
import type { RunReport } from '../../src/outcome.ts';
import { ErrorsFile } from '../../src/report/errors-file.ts';
import { maskSecret } from '../../src/report/secrets.ts';
import { aReport, JOB_1, JOB_2 } from '../support/jobs.ts';
import { rowsWith } from '../support/needs.ts';
import { written } from '../support/stdout.ts';
import { command } from './samples.ts';

const report: RunReport = { outcome: 'failure', jobs: [aReport({ outcome: 'failure' })] };
const canceled: RunReport = { outcome: 'cancelled', jobs: [] };

let folder = '';
let path = '';
beforeEach(() => {
  folder = fs.mkdtempSync(join(tmpdir(), 'errors-file-'));
  path = join(folder, 'errors.jsonl');
});
afterEach(() => {
  fs.rmSync(folder, { recursive: true });
});

/** The lines of a complete file with these commands, added one after the other. */
function linesOf(...added: readonly (readonly [jobId: string, ...FailedCommand[]])[]): string[] {
  const file = new ErrorsFile(path);
  for (const [jobId, ...commands] of added) file.add(jobId, commands);
  expect(file.close(report)).toBe(report);
  return fs.readFileSync(path, 'utf8').split('\n');
}

describe('the errors file', () => {
  it('has a line of JSON for each command of all jobs', () => {
    const [one, two, three] = [command('one'), command('two'), command('three')];
    const lines = linesOf([JOB_1, one, two], [JOB_1], [JOB_2, three]);
    expect(lines.pop()).toBe('');
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      ...[one, two].map((command) => ({ jobId: JOB_1, ...command })),
      { jobId: JOB_2, ...three },
    ]);
  });

  it('is empty if no command failed, and is in folders that are created', () => {
    path = join(folder, 'a', 'b', 'errors.jsonl');
    expect(linesOf([JOB_1])).toEqual(['']);
  });

  it.each<[RunReport, left: string[]]>([
    [report, ['errors.jsonl']],
    [canceled, []],
  ])('replaces an older file, but only when it is complete: $outcome', (end, left) => {
    fs.writeFileSync(path, 'of an earlier run');
    const file = new ErrorsFile(path);
    file.add(JOB_1, [command('one')]);
    expect(file.completedPath).toBeUndefined();
    expect(fs.readdirSync(folder)).toEqual([`errors.jsonl.${process.pid}.part`]);
    expect(file.close(end)).toBe(end);
    expect(file.completedPath).toBe(end === report ? path : undefined);
    expect(fs.readdirSync(folder)).toEqual(left);
    if (end === report) expect(fs.readFileSync(path, 'utf8').split('\n')).toHaveLength(2);
  });

  it.each([report, canceled])('frees its descriptor with the outcome $outcome', (end) => {
    const file = new ErrorsFile(path);
    const others = [fs.openSync(join(folder, 'a'), 'w')];
    file.close(end);
    // The descriptor is free again, and given to the next file.
    others.push(fs.openSync(join(folder, 'b'), 'w'));
    expect(Math.max(...others)).toBe(others[0]);
    for (const number of others) fs.closeSync(number);
  });

  it('has in a line nothing that the runner or a terminal would execute, and no secret', async () => {
    await written(() => maskSecret('open-sesame-7'));
    const text = '::error::a\nb\r\nc\u2028 "d" \\ \u0000 ###[e] \u202e\u009b1m\u007f \ud83d ##[[ ';
    const lines = linesOf([JOB_1, { ...command(`${text}open-sesame-7`), identifier: 'open-sesame-7' }]);
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[0] ?? '')).toEqual({ jobId: JOB_1, ...command(`${text}***`), identifier: '***' });
    expect(lines.join('\n')).not.toMatch(/##\[|^::|[^\n -~]/m);
  });
});

// cspell:ignore mkfifo
describe('an errors file that cannot be written', () => {
  const message = (cause: string) =>
    new RegExp(`^errors-file: could not be written: .*(${cause}).*\\. Check the path and the free disk space\\.$`);

  const PIPE: [what: string, make: () => void] = ['a pipe', () => execFileSync('mkfifo', [path])];

  it.each<[what: string, make: () => void]>([
    ['a folder', () => fs.mkdirSync(path)],
    ['a link to a file', () => fs.symlinkSync(import.meta.filename, path)],
    ['a link to nothing', () => fs.symlinkSync(join(folder, 'nothing'), path)],
    ...rowsWith('mkfifo', 'no pipe is given as errors-file', [PIPE]),
    // Only by a link: a defect that replaced the device itself would harm the machine.
    ['a link to a device', () => fs.symlinkSync('/dev/null', path)],
  ])('is an error immediately if its path is %s, which is left alone', (_, make) => {
    make();
    const { ino } = fs.lstatSync(path);
    const before = fs.readdirSync(folder);
    expect(() => new ErrorsFile(path)).toThrow(
      message(`${path} exists and is not a regular file, so it is not replaced`),
    );
    expect(fs.lstatSync(path).ino).toBe(ino);
    expect(fs.readdirSync(folder)).toEqual(before);
  });

  it('is an error immediately if a part of its path is a file', () => {
    fs.writeFileSync(join(folder, 'file'), '');
    for (const inside of [['errors.jsonl'], ['a', 'errors.jsonl']])
      expect(() => new ErrorsFile(join(folder, 'file', ...inside))).toThrow(message('ENOTDIR'));
  });

  // Node.js's own recursive mkdir never returns here.
  it.each(fs.existsSync('/proc') ? ['/proc/none', '/proc/none/a'] : [])(
    'is an error immediately if its folder cannot exist: %s',
    (below) => {
      expect(() => new ErrorsFile(`${below}/errors.jsonl`)).toThrow(
        message("ENOENT: no such file or directory, mkdir '/proc/none'"),
      );
    },
  );

  it.each([report, canceled])('is an error if writing failed, unless the step was canceled: $outcome', (end) => {
    const number = fs.openSync(join(folder, 'probe'), 'w');
    fs.closeSync(number);
    // It gets the same descriptor, so that it can be closed behind its back.
    const file = new ErrorsFile(path);
    fs.closeSync(number);
    file.add(JOB_1, [command('one')]);
    // From now on nothing else can fail.
    expect(fs.openSync(join(folder, 'probe'), 'w')).toBe(number);
    const reason = expect.stringMatching(message('EBADF: bad file descriptor, write'));
    expect(file.close(end)).toEqual(end === report ? { ...report, outcome: 'error', reason } : canceled);
    expect(file.completedPath).toBeUndefined();
    expect(fs.readdirSync(folder)).toEqual(['probe']);
  });
});
