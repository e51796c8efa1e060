import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { findProgram } from '../runner/programs.ts';
import { root } from '../scripts/documents.ts';

// cspell:words nektos gobin goflags

/** The version that is installed. */
const VERSION = 'v0.2.88';

/** Where it is installed: next to the packages that npm installs. */
const FOLDER = join(root, 'node_modules', '.cache', 'act');

/** Installs act with Go, unless it is on the PATH. */
export function installAct(): { readonly path: string } | { readonly missing: string } {
  const path = findProgram('act');
  if (path !== undefined) return { path };
  const go = findProgram('go');
  if (go === undefined) return { missing: 'Neither act nor Go is on the PATH.' };
  console.log(`Installing act ${VERSION}, which takes a minute the first time.`);
  const options = { encoding: 'utf8', env: { ...process.env, GOBIN: FOLDER, GOFLAGS: '' } } as const;
  const { status, stderr } = spawnSync(go, ['install', `github.com/nektos/act@${VERSION}`], options);
  return status === 0 ? { path: join(FOLDER, 'act') } : { missing: `Go cannot install act: ${stderr.trim()}` };
}
