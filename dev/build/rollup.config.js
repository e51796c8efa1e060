/** The mark in front of webpack's own lines. */
const MARKS = /^\/\*{6}\/ ?/gm;

/** Whole lines of comments, and empty lines: those of src stay out of dist, too. */
const COMMENT_LINES = /^[\t ]*(?:\/\/.*|\/\*(?:(?!\*\/)[^])*\*\/[\t ]*|)\n/gm;

/** Indentation, which would be a tenth of the bundle. */
const SPACES = /^(?: {4})+/gm;

/** What may differ in the syntax tree: positions, and Rollup's annotations from comments. */
const POSITION_OR_ANNOTATION = /^(start|end|_rollup.*)$/;

/**
 * Takes out methods that nothing calls: their names occur nowhere else, not even in a text. Those of a subclass stay,
 * because Node.js may call them.
 */
function withoutUnusedMethods(code, parse) {
  const methods = parse(code).body.flatMap(({ type, superClass, body }) =>
    type === 'ClassDeclaration' && !superClass ? body.body : [],
  );
  const isUnused = ({ type, computed, key: { name } }) =>
    type === 'MethodDefinition' && !computed && code.split(new RegExp(`\\b${name}\\b`)).length === 2;
  const unused = methods.filter(isUnused).map(({ start, end }) => [start, end]);
  if (unused.length === 0) return code;
  const kept = unused.reduceRight((text, [start, end]) => text.slice(0, start) + text.slice(end), code);
  // What only they called is unused now.
  return withoutUnusedMethods(kept, parse);
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
      name: 'shorten',
      renderChunk(chunk) {
        const code = withoutUnusedMethods(chunk, this.parse.bind(this));
        const short = code
          .replace(MARKS, '')
          .replace(COMMENT_LINES, '')
          .replace(SPACES, (spaces) => '\t'.repeat(spaces.length / 4));
        const syntax = (text) =>
          JSON.stringify(this.parse(text), (key, value) => (POSITION_OR_ANNOTATION.test(key) ? undefined : value));
        if (syntax(code) !== syntax(short)) this.error('The text of a literal would change.');
        return { code: short };
      },
    },
  ],
};
