import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { type Run, runAction } from '../runner/runner.ts';
import { chromiumPath } from '../rendering/browser.ts';
import { renderPage } from '../rendering/page.ts';
import { takePictures } from '../rendering/pictures.ts';
import { scenarioLife, scenarios } from '../simulator/scenarios.ts';
import { defaultCredentials, type Simulator, startSimulator } from '../simulator/simulator.ts';
import { type DemoOptions, readOptions } from './options.ts';
import { type OutcomeDemo, outcomes } from './outcomes.ts';
import { annotationText, escapeControls, TerminalLog } from './terminal.ts';

const usage = `Submits imports to a simulated Collibra server, and waits for them with the action as a workflow does.

  npm run demo -- [options] [--<input of the action> <value> …]

  --scenario  the outcome of the step, or what happens to each import, separated by commas; "success" by default
  --jobs      how many imports to submit; one for each scenario by default
  --list      lists the outcomes and the scenarios
  --raw       prints the Markdown of the job summary
  --out       the folder for the rendered job summary; "dev/demo/out" by default
  --name      the name of its files; "summary" by default

  npm run demo -- --scenario failure
  npm run demo -- --scenario aborted --accept ABORTED
  npm run demo -- --jobs 20
  npm run demo -- --scenario stuck --timeout-minutes 0.1 --on-timeout delete`;

const actionFile = fileURLToPath(new URL('../../action.yml', import.meta.url));
const token = defaultCredentials.tokens[0] ?? '';
/** Longer than any demo, and short enough for a timer. */
const A_DAY_MS = 24 * 60 * 60 * 1000;

try {
  const options = await readOptions(process.argv.slice(2), actionFile);
  if (options.help) console.log(usage);
  else if (options.list) listScenarios();
  else await runDemo(options);
} catch (error) {
  console.error(`${(error as Error).message}\n\n${usage}`);
  process.exitCode = 1;
}

function listScenarios(): void {
  for (const [name, { description }] of Object.entries({ ...outcomes, ...scenarios }))
    console.log(`${name}\n    ${description}`);
}

async function runDemo(options: DemoOptions): Promise<void> {
  const simulator = await startSimulator();
  // Ctrl+C cancels the action, which receives the signal too. The demo shows the result.
  process.on('SIGINT', () => undefined);
  try {
    const demos = options.scenarios.map((name): Partial<OutcomeDemo> => outcomes[name] ?? {});
    const given = Object.assign({}, ...demos.map(({ inputs }) => inputs), options.inputs) as DemoOptions['inputs'];
    const imports = importsFor(options);
    heading(`Submitting imports to the simulator: ${imports.map(({ scenario }) => scenario).join(', ')}`);
    const ids: string[] = [];
    for (const one of imports) ids.push(await submitImport(simulator, one));
    console.log(ids.join('\n'));
    heading('Log of the step');
    const log = new TerminalLog();
    let isPostAnnounced = true;
    const run = await runAction({
      inputs: inputsFor(simulator, ids, given),
      cwd: process.cwd(),
      timeoutMs: A_DAY_MS,
      signals: demos.flatMap(({ signals = [] }) => signals),
      onLine: log.onLine,
      onMainEnd: () => {
        isPostAnnounced = false;
      },
      onLogLine: (line) => {
        if (!isPostAnnounced) heading('Log of the post step');
        isPostAnnounced = true;
        log.onLogLine(line);
      },
    });
    showResult(run);
    if (options.raw) showSection('Job summary (Markdown)', run.summary);
    await renderSummary(run.summary, options);
  } finally {
    await simulator.close();
  }
}

/** One import to submit. */
type Import = { readonly scenario: string; readonly name: string };

function importsFor({ scenarios: chosen, jobs, inputs }: DemoOptions): Import[] {
  return Array.from({ length: jobs }, (_, index) => {
    const name = chosen[index % chosen.length] ?? '';
    const scenario = outcomes[name]?.scenario ?? name;
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
  const response = await fetch(url, {
    method: 'POST',
    body: form,
    headers: { authorization: `Bearer ${token}` },
  });
  const job = (await response.json()) as { id: string };
  return job.id;
}

/** The inputs of `with:`: the simulator, its token and the jobs, unless the command line has others. */
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

function showResult({ shown, outputs, exitCode, signal, post }: Run): void {
  const annotations = [...shown.annotations, ...(post?.shown.annotations ?? [])].map(annotationText);
  if (annotations.length > 0) showSection('Annotations', annotations.join('\n').trimEnd());
  const values = Object.entries(outputs).map(
    ([name, value]) => `${name}: ${escapeControls(name === 'jobs' ? indented(value) : value)}`,
  );
  showSection('Outputs', values.join('\n'));
  heading(`The step ${exitCode === 0 ? 'passes' : 'fails'} with exit code ${exitCode ?? signal}`);
}

/** Renders the job summary as a page, and as pictures if there is a browser. */
async function renderSummary(markdown: string, { out, name }: DemoOptions): Promise<void> {
  if (markdown === '') return;
  await mkdir(out, { recursive: true });
  const page = join(out, `${name}.html`);
  await writeFile(page, renderPage(markdown));
  console.log(`The job summary as GitHub shows it: ${page}`);
  if (chromiumPath() === undefined) {
    console.log('There are no pictures of it, because Chromium is not installed. Set CHROMIUM to its path.');
    return;
  }
  await takePictures({ [name]: markdown }, out);
  console.log(`Pictures: ${join(out, `${name}-light.png`)}, ${join(out, `${name}-dark.png`)}`);
}

function indented(json: string): string {
  return JSON.stringify(JSON.parse(json || '[]'), null, 2);
}

function showSection(title: string, text: string): void {
  heading(title);
  console.log(text);
}

function heading(text: string): void {
  console.log(`\n=== ${text} ===\n`);
}
