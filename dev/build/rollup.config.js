/** Webpack's marks in front of its own lines. */
const MARKS = /^\/\*{6}\/ ?/gm;

/** Whole lines of comments, and empty lines: those of src stay out of dist, too. */
const COMMENTS = /^[\t ]*(?:\/\/.*|\/\*(?:(?!\*\/)[^])*\*\/[\t ]*|)\n/gm;

/** Indentation, which would be a tenth of the bundle. */
const SPACES = /^(?: {4})+/gm;

/** Names of webpack's runtime, which loads modules that are no ECMAScript modules. */
const RUNTIME = /\b__(?:nccwpck_require|webpack_\w+?)__\b/;

/** What may differ in the syntax tree: positions, and Rollup's annotations from comments. */
const POSITION_OR_ANNOTATION = /^(start|end|_rollup.*)$/;

/** The class of http-client that src uses, and the only methods of it that src calls. */
const CLIENT_CLASS = /^(lib_)?HttpClient$/;
const CALLED_METHODS = ['constructor', 'requestRaw'];

/** An enum of TypeScript, whose code looks as if it had an effect even if nobody reads the enum. */
const ENUM = /^var (\w+);\n\(function \(\1\) \{\n([^]*?)\n\}\)\(\1 \|\| \(\1 = \{\}\)\);/gm;
const PURE_ENUM = 'var $1 = /*#__PURE__*/ (function ($1) {\n$2\nreturn $1;\n})({});';

/** The names of the methods that are reached from the called ones. */
function reached(methods, code) {
  const names = new Set(CALLED_METHODS);
  for (const name of names) {
    for (const { start, end } of methods.filter(({ key }) => key.name === name)) {
      for (const [, next] of code.slice(start, end).matchAll(/\bthis\.(\w+)/g)) names.add(next);
    }
  }
  return names;
}

/**
 * Takes out of ncc's bundle what nothing calls, drops comments and indents with tabs. The code that stays does not change,
 * so that dist can be reviewed.
 */
export default {
  input: 'dist/index.js',
  output: { file: 'dist/index.js', format: 'es' },
  external: ['module'],
  treeshake: { preset: 'smallest' },
  plugins: [
    {
      // Rollup itself takes out functions, but no methods.
      name: 'drop-methods',
      transform(code) {
        const client = this.parse(code).body.find(
          ({ type, id }) => type === 'ClassDeclaration' && CLIENT_CLASS.test(id.name),
        );
        const methods = client?.body.body ?? this.error('The class of http-client has another name.');
        const kept = reached(methods, code);
        const dropped = methods.filter(({ key }) => !kept.has(key.name)).reverse();
        const rest = dropped.reduce((text, { start, end }) => text.slice(0, start) + text.slice(end), code);
        return rest.replace(ENUM, PURE_ENUM);
      },
    },
    {
      // Rollup cannot know that nothing is left that it loads. If something is, it stays.
      name: 'drop-runtime',
      renderChunk(code) {
        const textOf = ({ start, end }) => code.slice(start, end);
        const statements = this.parse(code).body.filter(({ type }) => type !== 'ImportDeclaration');
        const runtime = statements.filter((statement) => RUNTIME.test(textOf(statement)));
        if (!runtime.every((statement, index) => statement === statements[index])) return null;
        return {
          code: runtime.reverse().reduce((text, { start, end }) => text.slice(0, start) + text.slice(end), code),
        };
      },
    },
    {
      name: 'shorten',
      renderChunk(code) {
        const plain = code.replace(MARKS, '').replace(COMMENTS, '');
        const short = plain.replace(SPACES, (spaces) => '\t'.repeat(spaces.length / 4));
        const syntax = (text) =>
          JSON.stringify(this.parse(text), (key, value) => (POSITION_OR_ANNOTATION.test(key) ? undefined : value));
        if (syntax(code) !== syntax(short)) this.error('The text of a literal would change.');
        return { code: short };
      },
    },
  ],
};
