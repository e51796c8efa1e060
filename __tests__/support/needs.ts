import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

import { describe, test } from '@jest/globals';

import { type ContainerEngine, findContainerEngine } from '../../dev/runner/container.ts';
import { findProgram } from '../../dev/runner/programs.ts';
import { chromiumPath } from '../../dev/rendering/browser.ts';

/**
 * `describe` for tests that need more than Node. Where that is missing they are skipped, with a word on stderr; in
 * CI, where nothing may go untested unnoticed, they fail.
 */
function describeWhere(missing: readonly string[], consequence: string): typeof describe | typeof describe.skip {
  if (missing.length === 0) return describe;
  const reason = `${missing.join(', ')} missing, so ${consequence}`;
  if (process.env['CI'] !== undefined) {
    test(reason, () => {
      throw new Error('In CI nothing is skipped: install what is missing');
    });
  } else {
    // Not a skipped test alone: jest names those of a single file only.
    process.stderr.write(`SKIPPED: ${reason}\n`);
  }
  return describe.skip;
}

/** For tests that run what the documentation shows; Windows has a bash, but paths of another kind. */
export function describeWorkflows(): typeof describe | typeof describe.skip {
  if (process.platform === 'win32') return describe.skip;
  return describeWith(['bash', 'curl', 'jq'], 'the documented workflows are not run');
}

/** For tests that run these programs. */
export function describeWith(programs: readonly string[], consequence: string): typeof describe | typeof describe.skip {
  const missing = programs.filter((name) => findProgram(name) === undefined);
  return describeWhere(missing, consequence);
}

/** The rows of a table of tests that run this program; none where it is missing. Windows need not have it. */
export function rowsWith<Row>(program: string, consequence: string, rows: readonly Row[]): readonly Row[] {
  if (process.platform === 'win32') return [];
  return describeWith([program], consequence) === describe ? rows : [];
}

/** For tests that look at a page; outside of Linux it would have other fonts. */
export function describeInChromium(): typeof describe | typeof describe.skip {
  if (process.platform !== 'linux') return describe.skip;
  return describeWhere(chromiumPath() === undefined ? ['Chromium'] : [], 'nobody looks at the job summary');
}

/**
 * `describe` for tests in a real container. Where no container starts they are skipped, also in CI: not every machine
 * lets one start, whatever is installed.
 */
export function describeInContainer(name: string, tests: (start: ContainerEngine) => void): void {
  const found = process.platform === 'linux' ? findContainerEngine() : { errors: 'This is not Linux.' };
  if ('engine' in found) {
    describe(name, () => tests(found.engine));
    return;
  }
  process.stderr.write(`SKIPPED: no container starts, so ${name} is not tested: ${found.errors}\n`);
  test.skip(name, () => {});
}

/** `describe` for tests that run dist on Node.js 20 or 22. Where the PATH has neither they are skipped, also in CI. */
export function describeOnOlderNode(name: string, tests: (node: string) => void): void {
  const node = olderNode();
  if (node !== undefined) {
    describe(name, () => tests(node));
    return;
  }
  process.stderr.write(`SKIPPED: no Node.js 20 or 22 on the PATH, so ${name} is not tested\n`);
  test.skip(name, () => {});
}

function olderNode(): string | undefined {
  return (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((folder) => !folder.includes('node_modules'))
    .map((folder) => join(folder, process.platform === 'win32' ? 'node.exe' : 'node'))
    .filter((path) => existsSync(path))
    .find((path) => /^v2[02]\./.test(execFileSync(path, ['--version'], { encoding: 'utf8' })));
}
