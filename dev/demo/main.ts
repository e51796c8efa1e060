import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Run, runAction } from '../runner/runner.ts';
import { chromiumPath } from '../rendering/browser.ts';
import { renderPage } from '../rendering/page.ts';
import { takePictures } from '../rendering/pictures.ts';
import { scenarioLife, scenarios } from '../simulator/scenarios.ts';
import { defaultCredentials, type Simulator, startSimulator } from '../simulator/simulator.ts';
import { harmless, LogView } from './log-view.ts';
import { type DemoOptions, readOptions } from './options.ts';

const usage = `Submits imports to the embedded simulator and waits for them with the action, as a workflow would.

  npm run demo -- [--scenario success[,aborted…]] [--jobs 1] [--list] [--<input of the action> <value> …]
                  [--out dev/demo/out] [--name summary]: where the rendered job summary goes, and what it is called

  npm run demo -- --scenario aborted --accept ABORTED
  npm run demo -- --scenario stuck --timeout-minutes 0.1 --on-timeout delete`;

const actionFile = fileURLToPath(new URL('../../action.yml', import.meta.url));
const token = defaultCredentials.tokens[0] ?? '';
/** Longer than any demo, and still short enough for a timer. */
const A_DAY_MS = 24 * 60 * 60 * 1000;

try {
  const options = await readOptions(process.argv.slice(2), actionFile);
  if (options.help) console.log(usage);
  else if (options.list) listScenarios();
  else await demonstrate(options);
} catch (error) {
  console.error(`${(error as Error).message}\n\n${usage}`);
  process.exitCode = 1;
}

function listScenarios(): void {
  for (const [name, { description }] of Object.entries(scenarios)) console.log(`${name}\n    ${description}`);
}

async function demonstrate(options: DemoOptions): Promise<void> {
  const simulator = await startSimulator();
  // Ctrl+C cancels the action, which gets the signal too; the demo stays to show what comes of it.
  process.on('SIGINT', () => undefined);
  try {
    const imports = importsFor(options);
    heading(`Submitting to the simulator: ${imports.map(({ scenario }) => scenario).join(', ')}`);
    const ids: string[] = [];
    for (const one of imports) ids.push(await submitImport(simulator, one));
    console.log(ids.join('\n'));
    heading('The log of the step');
    const view = new LogView();
    const run = await runAction({
      inputs: inputsFor(simulator, ids, options.inputs),
      cwd: process.cwd(),
      timeoutMs: A_DAY_MS,
      onLine: (line) => {
        const shown = view.view(line);
        if (shown !== undefined) console.log(shown);
      },
    });
    showRest(run);
    await renderSummary(run.summary, options);
  } finally {
    await simulator.close();
  }
}

/** One import to submit. */
type Import = { readonly scenario: string; readonly name: string };

function importsFor({ scenarios: chosen, jobs, inputs }: DemoOptions): Import[] {
  return Array.from({ length: jobs }, (_, index) => {
    const scenario = chosen[index % chosen.length] ?? '';
    scenarioLife(scenario);
    return {
      scenario,
      name: inputs['job-name'] ?? (jobs === 1 ? 'Import' : `Import ${index + 1}: ${scenario}`),
    };
  });
}

async function submitImport(simulator: Simulator, { scenario, name }: Import): Promise<string> {
  const form = new FormData();
  const file = await readFile(new URL('import.json', import.meta.url));
  form.set('file', new Blob([file], { type: 'application/json' }), 'import.json');
  const url = new URL(`${simulator.url}/rest/2.0/import/json-job`);
  url.searchParams.set('scenario', scenario);
  url.searchParams.set('name', name);
  const answer = await fetch(url, {
    method: 'POST',
    body: form,
    headers: { authorization: `Bearer ${token}` },
  });
  const job = (await answer.json()) as { id: string };
  return job.id;
}

/** What `with:` gives: the simulator, its token and the jobs, unless the command line says something else. */
function inputsFor(
  simulator: Simulator,
  ids: readonly string[],
  given: Readonly<Record<string, string>>,
): Record<string, string> {
  const has = (...names: string[]) => names.some((name) => name in given);
  const credentials = has('token', 'username', 'password', 'client-id', 'client-secret') ? {} : { token };
  const jobs = has('job-id', 'job-name') ? {} : { 'job-id': ids.join('\n') };
  return { url: simulator.url, ...credentials, ...jobs, ...given };
}

function showRest(run: Run): void {
  heading('Outputs');
  for (const [name, value] of Object.entries(run.outputs)) {
    console.log(`${name}: ${harmless(name === 'jobs' ? indented(value) : value)}`);
  }
  heading('Job summary (Markdown)');
  console.log(run.summary);
  heading(`The step ${run.exitCode === 0 ? 'passes' : 'fails'} with exit code ${run.exitCode ?? run.signal}`);
}

/** Writes the job summary as a page, and as pictures of it where there is a browser. */
async function renderSummary(markdown: string, { out, name }: DemoOptions): Promise<void> {
  if (markdown === '') return;
  await mkdir(out, { recursive: true });
  const page = join(out, `${name}.html`);
  await writeFile(page, renderPage(markdown));
  console.log(`The job summary as GitHub shows it: ${page}`);
  if (chromiumPath() === undefined) {
    console.log('No picture of it, because Chromium is missing (set CHROMIUM to its path).');
    return;
  }
  await takePictures({ [name]: markdown }, out);
  console.log(`and in light and dark: ${join(out, `${name}-light.png`)}, ${join(out, `${name}-dark.png`)}`);
}

function indented(json: string): string {
  return JSON.stringify(JSON.parse(json || '[]'), null, 2);
}

function heading(text: string): void {
  console.log(`\n=== ${text} ===\n`);
}
