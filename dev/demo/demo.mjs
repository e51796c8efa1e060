// Runs the demo in a fresh clone, with Node.js 20 or later: installs the dependencies, then runs dev/demo/main.ts with
// the Node.js version that runs the action.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const modules = join(root, 'node_modules');

if (!areModulesCurrent()) {
  console.log('Installing the dependencies of the demo (npm ci). This takes about a minute.');
  // Errors only: some packages warn about an older Node.js, which does not run them.
  const command = 'npm ci --no-audit --no-fund --loglevel=error';
  const { status } = spawnSync(command, { cwd: root, shell: true, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

const node = node24();
if (node === undefined) {
  console.error(
    `The action runs on Node.js 24, and this is ${process.version}. Install Node.js 24 (https://nodejs.org, or ` +
      'for example `nvm install 24`) and run `npm run demo` again.',
  );
  process.exit(1);
}
// Ctrl+C cancels the action. The demo shows the result.
process.on('SIGINT', () => undefined);
const demo = spawnSync(node, [join(root, 'dev/demo/main.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(demo.status ?? 1);

/**
 * Tells whether node_modules has the versions of the lock file. Times say nothing: in a fresh checkout, the lock file is
 * newer than a node_modules that is current, and `npm ci` would delete it under a test that runs.
 */
function areModulesCurrent() {
  const installed = join(modules, '.package-lock.json');
  if (!existsSync(installed)) return false;
  const versions = packagesOf(installed);
  return Object.entries(packagesOf(join(root, 'package-lock.json'))).every(
    // The file in node_modules lists neither the root nor the optional packages of other systems.
    ([path, { version, optional }]) =>
      path === '' || (path in versions ? versions[path].version === version : optional === true),
  );
}

function packagesOf(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
}

/** Returns the path of Node.js 24: the one that npm installed for this system, or else the one that runs this script. */
function node24() {
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const folder = join(modules, `node-${system}-${process.arch}`);
  if (existsSync(folder)) {
    const { bin } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    return join(folder, bin.node);
  }
  return Number(process.versions.node.split('.')[0]) >= 24 ? process.execPath : undefined;
}
