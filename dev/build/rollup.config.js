/**
 * Takes out of ncc's bundle what nothing calls, and indents with tabs: a tenth of the bundle would be spaces. What stays
 * is not changed, so that dist can be reviewed.
 */
export default {
  input: 'dist/index.js',
  output: { file: 'dist/index.js', format: 'es' },
  external: ['module'],
  treeshake: { preset: 'smallest' },
  plugins: [
    {
      name: 'tabs',
      renderChunk(code) {
        const indented = code.replace(/^(?: {4})+/gm, (spaces) => '\t'.repeat(spaces.length / 4));
        // A text that spans lines must not change.
        const syntax = (text) =>
          JSON.stringify(this.parse(text), (key, value) => (key === 'start' || key === 'end' ? 0 : value));
        if (syntax(code) !== syntax(indented)) this.error('The indentation of a text would change.');
        return { code: indented };
      },
    },
  ],
};
