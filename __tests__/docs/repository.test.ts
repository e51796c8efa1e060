import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, symlinkSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { describe, expect, it, jest } from '@jest/globals';
import { parse } from 'yaml';

import { read, root, userDocuments } from '../../dev/scripts/documents.ts';
import { blocksOf } from '../../dev/scripts/markdown.ts';
import { releaseNotes } from '../../dev/scripts/release-notes.ts';
import { describeWith, describeWorkflows } from '../support/needs.ts';
import { runWorkflow, type StepRun, type Workflow, type World } from './workflow/executor.ts';

/** Tests what the repository runs itself: its CI, its release, and the commands in its documents. */

const describeRuns = describeWorkflows();
jest.setTimeout(60_000);

/** Runs a script as a workflow step. */
async function runScript(run: string, world: World = {}): Promise<StepRun> {
  const workflow = { jobs: { test: { steps: [{ run, shell: 'bash' }] } } };
  const [step] = (await runWorkflow(JSON.stringify(workflow), world))[0]?.steps ?? [];
  if (step === undefined) throw new Error('The step did not run.');
  return step;
}

describeRuns('the job of ci.yml that runs the action', () => {
  it('sees every outcome', async () => {
    const workspace = await mkdtemp(join(tmpdir(), 'repository-'));
    for (const entry of readdirSync(root).filter((name) => name !== '.git'))
      symlinkSync(join(root, entry), join(workspace, entry));
    const selects = (job: string, { os }: { os?: unknown }) => job === 'action' && os === 'ubuntu-latest';
    const [run] = await runWorkflow(read('.github/workflows/ci.yml'), { workspace, selects });
    await rm(workspace, { recursive: true });
    const failed = run?.steps.filter(({ outcome }) => outcome !== 'success');
    expect(failed?.map(({ name, log }) => [name, log])).toEqual([
      ['Wait for several jobs, one of which failed', expect.anything()],
      ['Wait for a job that never finishes', expect.anything()],
      ['Wait with rejected credentials', expect.anything()],
    ]);
    expect(run?.result).toBe('success');
  });
});

describeRuns('the commands in the documents', () => {
  const commands = userDocuments
    .flatMap((path) => blocksOf(read(path)))
    .filter(({ language }) => ['sh', 'bash', 'console', 'shell'].includes(language))
    // They need the published repository, or run this test.
    .filter(({ text }) => !/^(git clone .*\ncd .*|npm cit)\n$/.test(text))
    .map(({ text }) => [text.split('\n')[0], text] as const);

  it('are all run here, except for the clone and the tests', () => {
    expect(commands.map(([first]) => first)).toEqual([
      'npm run demo',
      'npm run demo -- --scenario aborted --accept ABORTED',
      'npm run simulator &',
    ]);
  });

  it.each(commands)('run as they stand and let the step pass: %s', async (_, text) => {
    const { outcome, log } = await runScript(text, { workspace: root });
    expect([outcome, log]).toEqual(['success', expect.stringMatching(/The step passes with exit code 0/)]);
  });
});

const { jobs } = parse(read('.github/workflows/release.yml')) as Workflow;
const release = jobs['release']?.steps ?? [];

describe('the release job', () => {
  it('installs nothing, because it may write and attest', () => {
    const scripts = release.flatMap(({ run }) => run ?? []);
    const notes = 'node dev/scripts/release-notes.ts "$GITHUB_REF_NAME" > "$RUNNER_TEMP/notes.md"';
    expect(scripts).toContain(notes);
    for (const script of scripts) expect(script).not.toMatch(/\bnp[mx]\b/);
    const imports = read('dev/scripts/release-notes.ts').matchAll(/ from '([^']+)'/g);
    expect(Array.from(imports, ([, name]) => name)).toEqual(['node:fs']);
  });

  it('attests and publishes the software bill of materials of the sbom job', () => {
    const uploads = jobs['sbom']?.steps.flatMap((step) => step.with?.['path'] ?? []);
    expect(uploads).toEqual(['sbom.cdx.json']);
    const attested = release.flatMap((step) => step.with?.['subject-path'] ?? []);
    expect(attested).toEqual(['dist/*\n${{ runner.temp }}/sbom.cdx.json\n']);
    const create = release.find(({ run }) => run?.includes('gh release create'))?.run;
    expect(create).toContain('"$RUNNER_TEMP/sbom.cdx.json"');
  });
});

describeRuns('the release job for a tag', () => {
  const tags = 'v1 v1.2 v1.0.0 v1.0.9 v1.0.10 v1.1.0 v1.2.0-rc.1 v2.0.0 v10.0.0-rc.1';
  const script = release.find(({ id }) => id === 'highest')?.run ?? '';

  it.each([
    ['v1.0.9', 'v2.0.0', 'v1.1.0'],
    ['v1.1.0', 'v2.0.0', 'v1.1.0'],
    ['v2.0.0', 'v2.0.0', 'v2.0.0'],
    ['v2.0.1', 'v2.0.1', 'v2.0.1'],
    ['v10.0.0', 'v10.0.0', 'v10.0.0'],
  ])('%s finds %s as the highest version and %s as that of the major version', async (tag, all, major) => {
    const setUp = `git init --quiet
      thing=$(git hash-object -w --stdin < /dev/null)
      for tag in ${tags} ${tag}; do git tag --force "$tag" "$thing" > /dev/null; done
      export GITHUB_REF_NAME=${tag}\n`;
    const { outcome, outputs } = await runScript(setUp + script);
    expect([outcome, outputs]).toEqual(['success', { 'of-all': all, 'of-major': major }]);
  });
});

describe('the release notes', () => {
  const changelog =
    '# Changelog\n\n## [Unreleased]\n\n## [1.1.0] - 2026-12-01\n\n### Added\n\n- That\n\n## [1.0.0]\n\n- This\n';
  const version = (text: string) => JSON.stringify({ version: text });

  it('are the section of the version in the change log', () => {
    expect(releaseNotes('v1.1.0', changelog, version('1.1.0'))).toBe('### Added\n\n- That\n');
  });

  it.each([
    ['v1.1.0', '1.0.0', 'package.json has version 1.0.0'],
    ['v1.0.0', '1.0.0', 'no dated section for 1.0.0'],
    ['v1.2.0', '1.2.0', 'no dated section for 1.2.0'],
  ])('of the tag %s fail if the version is %s: %s', (tag, own, error) => {
    expect(() => releaseNotes(tag, changelog, version(own))).toThrow(error);
  });
});

it('action.yml has a name and a description that the Marketplace accepts', () => {
  const { name, description } = parse(read('action.yml')) as Record<'name' | 'description', string>;
  expect(name).toBe('Wait for Collibra import job');
  expect(description.length).toBeLessThan(125);
});

it.each(readdirSync(`${root}.github/ISSUE_TEMPLATE`))('the issue form %s has what GitHub requires', (file) => {
  const { name, description, body } = parse(read(`.github/ISSUE_TEMPLATE/${file}`)) as {
    [key in 'name' | 'description']: string;
  } & { body: { type: string; id?: string; attributes: { label?: string; options?: string[] } }[] };
  expect([typeof name, typeof description]).toEqual(['string', 'string']);
  const fields = body.filter(({ type }) => type !== 'markdown');
  expect(new Set(fields.map(({ id }) => id)).size).toBe(fields.length);
  for (const { type, attributes } of fields) {
    expect(['textarea', 'input', 'dropdown']).toContain(type);
    expect(typeof attributes.label).toBe('string');
    expect(Array.isArray(attributes.options)).toBe(type === 'dropdown');
  }
});

describeWith(['git'], 'the folders of dependabot.yml are not checked')('dependabot.yml', () => {
  it('updates npm packages and the actions in every folder with workflows', () => {
    const { updates } = parse(read('.github/dependabot.yml')) as {
      updates: { 'package-ecosystem': string; directory?: string; directories?: string[] }[];
    };
    const list = ['ls-files', '--cached', '--others', '--exclude-standard', '*.yml', '*.yaml'];
    const files = execFileSync('git', list, { cwd: root, encoding: 'utf8' }).trim().split('\n');
    const workflows = files.filter((path) => existsSync(root + path) && /^jobs:/m.test(read(path)));
    // For Dependabot, `/` stands for .github/workflows.
    const folders = workflows.map((path) => `/${dirname(path)}`.replace(/^\/\.github\/workflows$/, '/'));
    const updated = updates.map((one) => [one['package-ecosystem'], [one.directory ?? one.directories ?? []].flat()]);
    expect(updated).toEqual(Object.entries({ npm: ['/'], 'github-actions': [...new Set(folders)].sort() }));
  });
});
