import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import type { FailedCommand } from '../../src/collibra/import-results.ts';
import { ErrorsFile } from '../../src/report/errors-file.ts';
import { maskSecret } from '../../src/report/secrets.ts';
import { JOB_1, JOB_2 } from '../support/jobs.ts';
import { written } from '../support/stdout.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'errors-file-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function command(errorMessage: string): FailedCommand {
  return { errorType: 'RUNTIME', resourceType: 'ASSET', errorMessage, indices: [1, 2], identifier: 'i' };
}

const lines = (path: string) => readFileSync(path, 'utf8').split('\n');

describe('the errors file', () => {
  it('has a line of JSON for each command, of all jobs', () => {
    const path = join(folder, 'errors.jsonl');
    const file = new ErrorsFile(path);
    file.add(JOB_1, [command('one'), command('two')]);
    file.add(JOB_1, []);
    file.add(JOB_2, [command('three')]);
    file.finish();
    const texts = lines(path);
    expect(texts.pop()).toBe('');
    expect(texts.map((text) => JSON.parse(text) as unknown)).toEqual([
      { jobId: JOB_1, ...command('one') },
      { jobId: JOB_1, ...command('two') },
      { jobId: JOB_2, ...command('three') },
    ]);
    expect(readdirSync(folder)).toEqual(['errors.jsonl']);
  });

  it('is empty where nothing failed', () => {
    const path = join(folder, 'errors.jsonl');
    new ErrorsFile(path).finish();
    expect(readFileSync(path, 'utf8')).toBe('');
  });

  it('is made in folders that are not there yet', () => {
    const path = join(folder, 'a', 'b', 'errors.jsonl');
    new ErrorsFile(path).finish();
    expect(existsSync(path)).toBe(true);
  });

  it('takes its place only when it is whole', () => {
    const path = join(folder, 'errors.jsonl');
    writeFileSync(path, 'of the run before');
    const file = new ErrorsFile(path);
    file.add(JOB_1, [command('one')]);
    expect(readdirSync(folder)).toEqual([`errors.jsonl.${process.pid}.part`]);
    file.finish();
    expect(lines(path)).toHaveLength(2);
    expect(readdirSync(folder)).toEqual(['errors.jsonl']);
  });

  it('leaves nothing behind when it is not wanted any more, nor of the run before', () => {
    const path = join(folder, 'errors.jsonl');
    writeFileSync(path, 'of the run before');
    const file = new ErrorsFile(path);
    file.add(JOB_1, [command('one')]);
    file.discard();
    expect(readdirSync(folder)).toEqual([]);
    expect(() => file.discard()).not.toThrow();
  });

  it.each(['finish', 'discard'] as const)('is closed by %s, once', (end) => {
    const file = new ErrorsFile(join(folder, 'errors.jsonl'));
    const others = [openSync(join(folder, 'a'), 'w')];
    file[end]();
    // The number of the file is free again, and given to the next one.
    others.push(openSync(join(folder, 'b'), 'w'));
    expect(Math.max(...others)).toBe(others[0]);
    file.discard();
    for (const number of others) closeSync(number);
  });

  it('has one line for each command, whatever its text', () => {
    const path = join(folder, 'errors.jsonl');
    const file = new ErrorsFile(path);
    const hostile = '::error::a\nb\r\nc\u2028 "d" \\ \u0000 ###[e] \u202e\u009b1m\u007f \ud83d ä😀';
    file.add(JOB_1, [{ ...command(hostile), identifier: '##' }]);
    file.finish();
    expect(lines(path)).toHaveLength(2);
    expect(JSON.parse(lines(path)[0] ?? '')).toMatchObject({ errorMessage: hostile, identifier: '##' });
  });

  it('holds nothing that the runner or a terminal would carry out', () => {
    const path = join(folder, 'errors.jsonl');
    const file = new ErrorsFile(path);
    file.add(JOB_1, [command('##[error]a\u001b[2J \u009b2J \u202e \u200b ##[[')]);
    file.finish();
    expect(readFileSync(path, 'utf8')).not.toMatch(/##\[|^::|[^\n -~]/m);
  });

  it('cuts a text that is too long', () => {
    const path = join(folder, 'errors.jsonl');
    const file = new ErrorsFile(path);
    file.add(JOB_1, [command('e'.repeat(100_000)), command('e'.repeat(100_001))]);
    file.finish();
    const texts = lines(path)
      .slice(0, 2)
      .map((line) => (JSON.parse(line) as FailedCommand).errorMessage);
    expect(texts).toEqual(['e'.repeat(100_000), `${'e'.repeat(99_999)}…`]);
  });

  it.each(['open-sesame-7', 'open "sesame" \\7', 'errorMessage', 'öpen\nsesame'])(
    'holds no secret, and is JSON all the same: %j',
    async (secret) => {
      await written(() => maskSecret(secret));
      const path = join(folder, 'errors.jsonl');
      const file = new ErrorsFile(path);
      file.add(JOB_1, [{ ...command(`the ${secret} is`), identifier: secret }]);
      file.finish();
      expect(JSON.parse(lines(path)[0] ?? '')).toEqual({
        jobId: JOB_1,
        ...command('the *** is'),
        identifier: '***',
      });
    },
  );
});

describe('a path that can not be written', () => {
  it('is an error at once where a part of it is a file', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => new ErrorsFile(join(folder, 'file', 'errors.jsonl'))).toThrow(/EEXIST|ENOTDIR/);
  });

  it('is an error at once where it is a folder', () => {
    mkdirSync(join(folder, 'errors'));
    expect(() => new ErrorsFile(join(folder, 'errors'))).toThrow('is a folder');
    expect(readdirSync(folder)).toEqual(['errors']);
  });

  it('is an error in the end where its place was taken meanwhile', () => {
    const path = join(folder, 'errors.jsonl');
    const file = new ErrorsFile(path);
    mkdirSync(join(path, 'inside'), { recursive: true });
    expect(() => file.finish()).toThrow(/EISDIR|ENOTEMPTY|EPERM/);
    expect(readdirSync(folder)).toEqual(['errors.jsonl']);
  });

  it('is an error in the end where writing failed, and the wait goes on until then', () => {
    const path = join(folder, 'errors.jsonl');
    const number = openSync(join(folder, 'probe'), 'w');
    closeSync(number);
    // It gets the number that is free again, so that it can be closed under its feet.
    const file = new ErrorsFile(path);
    closeSync(number);
    file.add(JOB_1, [command('one')]);
    // From now on nothing else can fail.
    expect(openSync(join(folder, 'probe'), 'w')).toBe(number);
    expect(() => file.finish()).toThrow('EBADF: bad file descriptor, write');
    expect(readdirSync(folder)).toEqual(['probe']);
  });
});
