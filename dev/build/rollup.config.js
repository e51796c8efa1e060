/** The mark in front of webpack's own lines. */
const MARKS = /^\/\*{6}\/ ?/gm;

/** Whole lines of comments, and empty lines: those of src stay out of dist, too. */
const COMMENT_LINES = /^[\t ]*(?:\/\/.*|\/\*(?:(?!\*\/)[^])*\*\/[\t ]*|)\n/gm;

/** Indentation, which would be a tenth of the bundle. */
const SPACES = /^(?: {4})+/gm;

/** What may differ in the syntax tree: positions, and Rollup's annotations from comments. */
const POSITION_OR_ANNOTATION = /^(start|end|_rollup.*)$/;

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
      renderChunk(code) {
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
