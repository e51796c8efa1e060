/**
 * Finds private and archaic words where the field has its own: `npm run language`, or `npm run language -- src docs`
 * for some paths only. Prints `file:line: words -> better words`, and exits with 1 if there are any.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import ts from 'typescript';

interface Rule {
  readonly words: RegExp;
  readonly better: string;
  /** Where the same words are right. */
  readonly except?: RegExp;
}

export interface Finding {
  readonly line: number;
  readonly words: string;
  readonly better: string;
}

/** One rule. A space in a pattern stands for any whitespace, so that a phrase is found across the lines of a comment. */
function rule(words: string, better: string, except?: string): Rule {
  const pattern = (source: string) => new RegExp(`\\b(?:${source.replaceAll(' ', '[\\s*/#]+')})\\b`, 'giu');
  return { words: pattern(words), better, ...(except === undefined ? {} : { except: pattern(except) }) };
}

/** What ends, where a job finishes. */
const PROGRAM =
  '(process|step|wait|polling|runner|script|program|connection|stream|response|request|socket|run|server|worker|shell)(es|s)?';

/** Words that are wrong in prose and as a part of a name: `onLook` is read as "on look". */
const RULES = [
  rule(
    'looks?|looked|looking',
    'poll, attempt',
    'look(s|ed|ing)? (like|up|for|as|new|old|right|wrong)|look-back|look(s|ing)? (at|in|into) (the|its|a) (job )?(log|summary|page|README)',
  ),
  rule('paces?|paced|rhythm', 'polling interval, backoff'),
  rule(
    'pauses?|paused|pausing',
    'delay, interval',
    'pauses? (all |the |other )*(requests|queue)|requests pause|(?-i:PAUSED)',
  ),
  rule('passing (errors?|failures?)', 'transient error'),
  rule('troubles?', 'transient error'),
  rule('final(ly)? (errors?|failures?)|(errors?|failures?) (is|are) final', 'permanent error'),
  rule(
    'refus(e|es|ed|ing|als?)',
    'reject, permanent error',
    'connections? (is |was |are )?refused|refuse[sd]? (the )?connections?|ones are refused|refuses new ones|^(on )?refuse( for)?$',
  ),
  rule('bears?|bearing|borne|bore|tolerat(e|es|ed|ing)|tolera(nce|nt)', 'retry, retry budget'),
  rule('patien(ce|t|tly)|impatient', 'poll options, retry budget'),
  rule('answer(s|ed|ing)?', 'response, respond'),
  rule('really end(s|ed)?', 'finished'),
  rule(
    'ended',
    'finished, terminal state',
    `${PROGRAM} (has |have |had |is |was |are )?(just |already )?ended|ended (the|a|its) ${PROGRAM}|(writable|readable) ended|ended (at|ms)|how(ever)? (\\w+ ){1,6}ended`,
  ),
  rule('learnt|learn (what|how|whether|the)', 'determine'),
  rule('sightings?', 'observation'),
  rule('doubts?|doubted|doubtful', 'error'),
  rule(
    'trusts?',
    'confidence',
    'trusts? (stores?|anchors?|(the|a) (private )?(proxy|certificate|authority|ca|server))',
  ),
  rule('(in )?vain(ly)?', 'early polls, without success'),
  rule('cautions?|cautious(ly)?', 'confidence, early polls', '(?-i:CAUTION)'),
  rule('foret(ell|ells|old|elling)', 'predicted'),
  rule('gates?', 'semaphore, concurrency limiter'),
  rule('lanes?', 'single-connection client'),
  rule('watchers?', 'observer'),
  rule(
    'told|tells?',
    'reports, notified, says',
    '(told|tells?) (\\w+ ){0,2}(to|apart|otherwise)|(?-i:Tells) (whether|where)',
  ),
  rule('grave(r|st|ly)?', 'most severe, worst', 'grave accents?'),
  rule('surroundings', 'dependencies, environment'),
  rule('settled', 'done', 'all settled'),
  rule('cut (at|to|after|down)', 'truncated', 'shortcut'),
  // Archaic words, and turns that nobody would say to a colleague.
  rule('anew', 'again'),
  rule('guises?', 'form, encoding'),
  rule('whilst', 'while'),
  rule('thereof|therein|thereby|thereupon|hereby|wherein|whereupon|hence|thus', 'plain words'),
  rule('lest', 'so that ... not'),
  rule('nought|naught|aught', 'nothing'),
  rule('heed(s|ed|ing)?', 'honor'),
  rule('upon', 'on', 'once upon'),
  rule('mend(s|ed|ing)?', 'fix'),
  rule('amiss', 'wrong'),
  rule('of none', 'for an empty list', 'of none of'),
  rule('for (nothing|nobody|it|they|there|then|any|no) (is|was|were|are|has|have|can|may|would|could)', 'because ...'),
  rule('could not be known', 'could not determine'),
  rule('for ever', 'forever', 'for ever more'),
  rule('to be had', 'available'),
  rule('put right', 'fix'),
  rule('side by side', 'concurrently'),
  // American English, as the GitHub Docs style guide writes it.
  rule('cancell(ed|ing)', 'canceled', '(?-i:CANCELLED)'),
  rule('time-outs?', 'timeout'),
  rule('white space', 'whitespace'),
  rule('e-mails?', 'email'),
  rule('(job|client|user|key) (?-i:ids?)', 'ID'),
];

/** Words that are wrong only as a name in code. */
const NAME_RULES = [
  rule('tracks?', 'progress estimate', 'track(ed|ing)'),
  rule('(?-i:Wanted)', 'query'),
  rule('rises?|rose|risen', 'progress estimate, increase'),
  rule('trusted', 'confidence', '(un)?trusted (certificate|authority|ca)|not trusted'),
  rule('rest ms|rests', 'remaining time'),
  rule('passing|vanish', 'transient'),
  rule('cut', 'redactAndTruncate'),
];

/** Values and code, where `cancelled` and `id` are spelled so. */
const CODE =
  /`[^`\n]*`|<code>\w+<\/code>|['"]cancelled['"]|[.$]cancelled\b|\bcancelled(\(\)|\.outputs|:)|outcome is cancelled|[=:] cancelled$/gimu;

const root = fileURLToPath(new URL('../../', import.meta.url));
/** Holds the words themselves. */
const OWN_FILES = ['dev/scripts/language.ts', '__tests__/language.test.ts'];
/** What others wrote, or a program did. */
const FOREIGN =
  /^(dist|dev\/stubs|docs\/images)\/|(^|\/)(package-lock|openapi|known-actions)\.json$|^LICENSE$|^\.cspell/;
const CHECKED = /\.(ts|js|mjs|md|ya?ml|json|sh)$|^\.ci\//;

/** The findings in a text whose first line has the given number. */
export function findingsInProse(text: string, firstLine = 1, rules: readonly Rule[] = RULES): Finding[] {
  const isSpelling = (better: string) => better === 'canceled' || better === 'ID';
  return rules.flatMap(({ words, better, except }) => {
    const right = [except, isSpelling(better) ? CODE : undefined].flatMap((pattern) =>
      pattern === undefined ? [] : [...text.matchAll(pattern)],
    );
    return [...text.matchAll(words)]
      .filter(({ index }) => !right.some((one) => one.index <= index && index < one.index + one[0].length))
      .map(({ index, 0: found }) => ({
        line: firstLine + text.slice(0, index).split('\n').length - 1,
        words: found.replaceAll(/[\s*/#]+/g, ' '),
        better,
      }));
  });
}

/** The findings in the words of a name: those of `onLook`, `LAST_LOOK_MS` or `last-look.test.ts`. */
function findingsInName(name: string, line: number): Finding[] {
  const phrase = name.replaceAll(/(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[_\-./#$]+/g, ' ').trim();
  return findingsInProse(phrase, line, [...RULES, ...NAME_RULES])
    .filter(({ better }) => better !== 'canceled' && better !== 'ID')
    .map((finding) => ({ ...finding, words: name }));
}

/** The string literals and the fixed parts of templates in a source file, without those of imports and types. */
export function stringsIn(source: ts.SourceFile): { text: string; line: number }[] {
  return nodesOf(source).flatMap((node) => {
    const isText = ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node);
    if (!isText || [ts.isImportDeclaration, ts.isExportDeclaration, ts.isTypeNode].some((is) => is(node.parent)))
      return [];
    return [{ text: node.text, line: lineOf(source, node.getStart()) }];
  });
}

/** The findings in the strings of a source file. Test titles are among them. */
export function findingsInStrings(source: ts.SourceFile): Finding[] {
  return stringsIn(source).flatMap(({ text, line }) => (text === 'cancelled' ? [] : findingsInProse(text, line)));
}

/** The findings in the names that a source file declares. */
function findingsInDeclarations(source: ts.SourceFile): Finding[] {
  return nodesOf(source).flatMap((node) => {
    const { parent } = node;
    const isName = ts.isIdentifier(node) || ts.isPrivateIdentifier(node);
    if (!isName || !('name' in parent && parent.name === node)) return [];
    if (ts.isPropertyAccessExpression(parent) || ts.isImportSpecifier(parent)) return [];
    return findingsInName(node.text, lineOf(source, node.getStart()));
  });
}

function findingsInComments(source: ts.SourceFile): Finding[] {
  const ranges = nodesOf(source).flatMap((node) => [
    ...(ts.getLeadingCommentRanges(source.text, node.getFullStart()) ?? []),
    ...(ts.getTrailingCommentRanges(source.text, node.end) ?? []),
  ]);
  // Several nodes begin or end at the same place.
  const ends = new Map(ranges.map(({ pos, end }) => [pos, end]));
  return [...ends].flatMap(([pos, end]) => findingsInProse(source.text.slice(pos, end), lineOf(source, pos)));
}

/** All nodes and tokens of a source file, without those of TSDoc. */
function nodesOf(source: ts.SourceFile): ts.Node[] {
  const nodes: ts.Node[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isJSDoc(node)) return;
    nodes.push(node);
    node.getChildren(source).forEach(visit);
  };
  visit(source);
  return nodes;
}

function lineOf(source: ts.SourceFile, position: number): number {
  return source.getLineAndCharacterOfPosition(position).line + 1;
}

export function parseSource(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

function findingsInFile(path: string): Finding[] {
  const text = readFileSync(root + path, 'utf8');
  const inPath = findingsInName(path.replace(/\.\w+$/, ''), 1);
  if (!/\.(ts|js|mjs)$/.test(path)) return [...inPath, ...findingsInProse(text)];
  const source = parseSource(path, text);
  return [...inPath, ...findingsInDeclarations(source), ...findingsInComments(source), ...findingsInStrings(source)];
}

/** The files of the project that are in Git or new, below some paths. */
function filesBelow(paths: readonly string[]): string[] {
  const list = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '--', ...paths], {
    cwd: root,
    encoding: 'utf8',
  });
  const files = new Set(list.split('\n').filter((path) => CHECKED.test(path) && !FOREIGN.test(path)));
  return [...files].filter((path) => !OWN_FILES.includes(path) && existsSync(root + path));
}

/** `src`, `docs` or, at the top, the file itself. */
function groupOf(path: string): string {
  const [first = '', second] = path.split('/');
  return second !== undefined && ['dev', '__tests__'].includes(first) ? `${first}/${second}` : first;
}

if (import.meta.main) {
  const counts = new Map<string, number>();
  for (const path of filesBelow(process.argv.slice(2))) {
    const findings = findingsInFile(path).sort((one, other) => one.line - other.line);
    for (const { line, words, better } of findings) console.log(`${path}:${line}: ${words} -> ${better}`);
    if (findings.length > 0) counts.set(groupOf(path), (counts.get(groupOf(path)) ?? 0) + findings.length);
  }
  for (const [group, count] of counts) console.log(`${String(count).padStart(6)}  ${group}`);
  console.log(counts.size === 0 ? 'No private or archaic words are left.' : 'See the lines above.');
  process.exitCode = counts.size === 0 ? 0 : 1;
}
