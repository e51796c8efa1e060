/** Webpack's runtime, whose lines have a mark, and its only use: a copy of a module of Node.js. */
const RUNTIME = /^\/\*{6}\/.*\n/gm;
const COPY = /\/\*#__PURE__\*\/__nccwpck_require__\.t\((\w+), 2\)/g;

/** Whole lines of comments, and empty lines: those of src stay out of dist, too. */
const COMMENTS = /^[\t ]*(?:\/\/.*|\/\*(?:(?!\*\/)[^])*\*\/[\t ]*|)\n/gm;

/** Indentation, which would be a tenth of the bundle. */
const SPACES = /^(?: {4})+/gm;

/** What may differ in the syntax tree: positions, and Rollup's annotations from comments. */
const POSITION_OR_ANNOTATION = /^(start|end|_rollup.*)$/;

/** The class of http-client that src uses, and the only methods of it that src calls. */
const CLIENT_CLASS = /^(lib_)?HttpClient$/;
const CALLED_METHODS = ['constructor', 'request', 'dispose'];

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
      // All modules are ES modules, which need no runtime.
      name: 'drop-runtime',
      transform(bundle) {
        const code = bundle.replace(COPY, '$1').replace(RUNTIME, '');
        if (code.includes('__nccwpck_require__')) this.error('Something needs the runtime of webpack.');
        return code;
      },
    },
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
        return dropped.reduce((text, { start, end }) => text.slice(0, start) + text.slice(end), code);
      },
    },
    {
      name: 'shorten',
      renderChunk(code) {
        const short = code.replace(COMMENTS, '').replace(SPACES, (spaces) => '\t'.repeat(spaces.length / 4));
        const syntax = (text) =>
          JSON.stringify(this.parse(text), (key, value) => (POSITION_OR_ANNOTATION.test(key) ? undefined : value));
        if (syntax(code) !== syntax(short)) this.error('The text of a literal would change.');
        return { code: short };
      },
    },
  ],
};
