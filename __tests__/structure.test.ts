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

/** The first circle of imports that can be reached from a file; empty if there is none. */
function circleFrom(file: string, imports: Map<string, string[]>, done: Set<string>, path: string[] = []): string[] {
  if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
  if (done.has(file)) return [];
  for (const next of imports.get(file) ?? []) {
    const circle = circleFrom(next, imports, done, [...path, file]);
    if (circle.length > 0) return circle;
  }
  done.add(file);
  return [];
}

describe.each(['src', 'dev'])('the imports in %s', (folder) => {
  const imports = importsBelow(folder);

  it('form no circle', () => {
    expect([...imports.values()].flat().length).toBeGreaterThan(50);
    const done = new Set<string>();
    const circles = [...imports.keys()].map((file) => circleFrom(file, imports, done));
    expect(circles.filter(({ length }) => length > 0)).toEqual([]);
  });
});
