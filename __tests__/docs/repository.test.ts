import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Dirent, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

import { blocksOf } from '../../dev/scripts/markdown.ts';
import { releaseNotes } from '../../dev/scripts/release-notes.ts';
import { describeWorkflows } from '../support/needs.ts';
import { runWorkflow } from './workflow/executor.ts';
import { readWorkflow } from './workflow/model.ts';

/** What the repository runs itself: its CI, its release, and the commands in the README. */

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');

const describeRuns = describeWorkflows();
const A_MINUTE_MS = 60_000;

describeRuns('the job of ci.yml in which the action itself waits', () => {
  it(
    'sees every outcome',
    async () => {
      const workspace = await mkdtemp(join(tmpdir(), 'checkout-'));
      for (const entry of readdirSync(root).filter((name) => name !== '.git')) {
        symlinkSync(join(root, entry), join(workspace, entry));
      }
      const [run] = await runWorkflow(read('.github/workflows/ci.yml'), {
        workspace,
        selects: (job, { os }) => job === 'action' && os === 'ubuntu-latest',
      }).finally(() => rm(workspace, { recursive: true }));
      expect(
        run?.steps.filter(({ outcome }) => outcome !== 'success').map(({ name, log }) => [name, log]),
      ).toEqual([
        ['Wait for several, of which one failed', expect.anything()],
        ['Wait for a job that never ends', expect.anything()],
        ['Wait with credentials that are refused', expect.anything()],
      ]);
      expect(run?.result).toBe('success');
    },
    A_MINUTE_MS,
  );
});

describeRuns('the commands in the README', () => {
  const commands = blocksOf(read('README.md')).filter(({ language }) => language === 'sh');

  it('are those that are known here', () => {
    expect(commands.map(({ text }) => text.split('\n')[0])).toEqual([
      'npm run demo',
      'npm run demo -- --scenario aborted --accept ABORTED',
      'npm run simulator &',
      'npm cit',
    ]);
  });

  it.each(
    commands
      .filter(({ text }) => text !== 'npm cit\n')
      .map(({ text }) => [text.split('\n')[0] ?? '', text] as const),
  )(
    'end well: %s',
    async (_, text) => {
      const { code, output } = await bash(text);
      expect([code, output]).toEqual([0, expect.stringMatching(/The step passes with exit code 0/)]);
    },
    A_MINUTE_MS,
  );
});

/** Runs a script, and ends what it left in the background. */
async function bash(script: string, cwd = root): Promise<{ code: number | null; output: string }> {
  const child = spawn('bash', ['--noprofile', '--norc', '-euo', 'pipefail', '-c', script], {
    cwd,
    detached: true,
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  // Comes only when nobody holds its output any more, neither the script nor what it left.
  const closed = once(child, 'close');
  const [code] = (await once(child, 'exit')) as [number | null];
  try {
    process.kill(-(child.pid ?? NaN));
  } catch {
    // Nothing was left.
  }
  await closed;
  return { code, output };
}

const release = readWorkflow(read('.github/workflows/release.yml')).jobs['release']?.steps ?? [];

describe('the job that releases', () => {
  it('installs nothing, for it may write and attest', () => {
    const scripts = release.flatMap(({ run }) => run ?? []);
    expect(scripts).toContain(
      'node dev/scripts/release-notes.ts "$GITHUB_REF_NAME" > "$RUNNER_TEMP/notes.md"',
    );
    for (const script of scripts) expect(script).not.toMatch(/\bnp[mx]\b/);
    const imports = read('dev/scripts/release-notes.ts').matchAll(/ from '([^']+)'/g);
    expect(Array.from(imports, ([, name]) => name)).toEqual(['node:fs']);
  });
});

describeRuns('the job that releases, among other tags,', () => {
  const tags = 'v1 v1.2 v1.0.0 v1.0.9 v1.0.10 v1.1.0 v1.2.0-rc.1 v2.0.0 v10.0.0-rc.1';
  const script = release.find(({ id }) => id === 'highest')?.run ?? '';

  it.each([
    ['v1.0.9', 'v2.0.0', 'v1.1.0'],
    ['v1.1.0', 'v2.0.0', 'v1.1.0'],
    ['v2.0.0', 'v2.0.0', 'v2.0.0'],
    ['v2.0.1', 'v2.0.1', 'v2.0.1'],
    ['v10.0.0', 'v10.0.0', 'v10.0.0'],
  ])('knows what %s is below', async (tag, ofAll, ofMajor) => {
    const folder = await mkdtemp(join(tmpdir(), 'tags-'));
    const { code, output } = await bash(
      `git init --quiet
      thing=$(git hash-object -w --stdin < /dev/null)
      for tag in ${tags} ${tag}; do git tag --force "$tag" "$thing" > /dev/null; done
      export GITHUB_REF_NAME=${tag} GITHUB_OUTPUT=/dev/null
      ${script}`,
      folder,
    ).finally(() => rm(folder, { recursive: true }));
    expect([code, output]).toEqual([0, `of-all=${ofAll}\nof-major=${ofMajor}\n`]);
  });
});

describe('the release notes', () => {
  const changelog =
    '# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2026-12-01\n\n### Added\n\n- That\n\n## [1.0.0]\n\n- This\n';
  const version = (text: string) => JSON.stringify({ version: text });

  it('are the section of the version', () => {
    expect(releaseNotes('v1.1.0', changelog, version('1.1.0'))).toBe('### Added\n\n- That\n');
  });

  it.each([
    ['v1.1.0', '1.0.0', 'package.json has version 1.0.0'],
    ['v1.0.0', '1.0.0', 'no dated section for 1.0.0'],
    ['v1.2.0', '1.2.0', 'no dated section for 1.2.0'],
  ])('of %s fail for version %s', (tag, own, error) => {
    expect(() => releaseNotes(tag, changelog, version(own))).toThrow(error);
  });
});

describe('action.yml', () => {
  it('has a name and a description that the Marketplace takes', () => {
    const { name, description } = parse(read('action.yml')) as Record<'name' | 'description', string>;
    expect(name).toBe('Wait for Collibra import job');
    expect(description.length).toBeLessThan(125);
  });
});

describe('the forms for issues', () => {
  const folder = join(root, '.github/ISSUE_TEMPLATE');
  const forms = readdirSync(folder);

  it.each(forms)('%s has what GitHub asks for', (name) => {
    const form = parse(readFileSync(join(folder, name), 'utf8')) as Form;
    expect([typeof form.name, typeof form.description]).toEqual(['string', 'string']);
    const fields = form.body.filter(({ type }) => type !== 'markdown');
    expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length);
    for (const { type, attributes } of fields) {
      expect(['textarea', 'input', 'dropdown']).toContain(type);
      expect(typeof attributes.label).toBe('string');
      expect(Array.isArray(attributes.options)).toBe(type === 'dropdown');
    }
  });
});

interface Form {
  readonly name: string;
  readonly description: string;
  readonly body: readonly {
    readonly type: string;
    readonly id?: string;
    readonly attributes: { readonly label?: string; readonly options?: readonly string[] };
  }[];
}

describe('dependabot.yml', () => {
  const { updates } = parse(read('.github/dependabot.yml')) as {
    updates: { 'package-ecosystem': string; directory?: string; directories?: string[] }[];
  };

  it('looks after npm and after every folder with workflows', () => {
    const folders = updates.map((update) => [
      update['package-ecosystem'],
      [update.directory ?? [], update.directories ?? []].flat(),
    ]);
    expect(folders).toEqual([
      ['npm', ['/']],
      ['github-actions', foldersWithWorkflows()],
    ]);
  });
});

/** Every folder of this repository with workflows in it, as dependabot calls them: `/` is that of GitHub itself. */
function foldersWithWorkflows(): string[] {
  const files = readdirSync(root, { withFileTypes: true })
    .filter(({ name }) => !['node_modules', '.git', '.stryker-tmp'].includes(name))
    .flatMap((entry): Dirent[] =>
      entry.isDirectory()
        ? readdirSync(join(root, entry.name), { withFileTypes: true, recursive: true })
        : [entry],
    );
  const folders = files
    .filter((file) => file.isFile() && /\.ya?ml$/.test(file.name))
    .filter((file) => /^jobs:/m.test(readFileSync(join(file.parentPath, file.name), 'utf8')))
    .map((file) => `/${relative(root, file.parentPath).split(sep).join('/')}`);
  return [...new Set(folders.map((folder) => (folder === '/.github/workflows' ? '/' : folder)))].sort();
}
