import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const root = fileURLToPath(new URL('..', import.meta.url));

/** The imports of every source file below a folder, type imports included. */
function importsBelow(folder: string): Map<string, string[]> {
  const files = (readdirSync(join(root, folder), { recursive: true }) as string[])
    .filter((file) => /\.(ts|mjs)$/.test(file) && !file.includes('node_modules'))
    .map((file) => join(folder, file));
  return new Map(
    files.map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), 'utf8'), true, true);
      const relative = importedFiles.map(({ fileName }) => fileName).filter((name) => name.startsWith('.'));
      return [file, relative.map((name) => normalize(join(dirname(file), name)))];
    }),
  );
}

/** The first circle of imports that can be reached from a file; undefined if there is none. */
function circleFrom(
  file: string,
  imports: ReadonlyMap<string, readonly string[]>,
  done: Set<string>,
  path: readonly string[] = [],
): string[] | undefined {
  if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
  if (done.has(file)) return undefined;
  for (const next of imports.get(file) ?? []) {
    const circle = circleFrom(next, imports, done, [...path, file]);
    if (circle !== undefined) return circle;
  }
  done.add(file);
  return undefined;
}

describe.each(['src', 'dev'])('the imports in %s', (folder) => {
  const imports = importsBelow(folder);

  it('are found', () => {
    expect([...imports.values()].flat().length).toBeGreaterThan(50);
  });

  it('form no circle', () => {
    const done = new Set<string>();
    const circles = [...imports.keys()].flatMap((file) => {
      const circle = circleFrom(file, imports, done);
      return circle === undefined ? [] : [circle.join(' -> ')];
    });
    expect(circles).toEqual([]);
  });
});
