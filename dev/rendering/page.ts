import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import { githubHtml } from './github.ts';

/** The page is self-contained: it loads nothing. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; font-src data:";

/** The width and the margins of a job summary on GitHub. */
const LAYOUT = `
  :root { color-scheme: light dark; }
  body { margin: 0; padding: 24px; background: light-dark(#ffffff, #0d1117); }
  .markdown-body { box-sizing: border-box; max-width: 1150px; margin: 0 auto; }
  .mermaid { margin-bottom: 16px; }
  .mermaid:not([data-processed]) { visibility: hidden; }
  @media (max-width: 600px) { body { padding: 16px; } }`;

/** Signals that the page is complete. */
const READY = "document.body.dataset.ready = 'true';";

/** Draws the charts in the reader's color scheme, as GitHub does. */
const DRAW = `
  for (const source of document.querySelectorAll('pre > code.language-mermaid')) {
    const chart = document.createElement('div');
    chart.className = 'mermaid';
    chart.textContent = source.textContent;
    source.parentElement.replaceWith(chart);
  }
  const dark = matchMedia('(prefers-color-scheme: dark)').matches;
  mermaid.initialize({ startOnLoad: false, securityLevel: 'strict', theme: dark ? 'dark' : 'default' });
  mermaid.run().catch((error) => console.error(error)).finally(() => { ${READY} });`;

/** Renders Markdown as a self-contained page that looks as on GitHub. */
export function renderPage(markdown: string): string {
  // GitHub wraps each table in an element that lets the keyboard scroll it.
  const body = githubHtml(markdown).replaceAll('<table>', '<table tabindex="0">');
  const scripts = body.includes('language-mermaid')
    ? [packageFile('@mermaid-js/tiny/dist/mermaid.tiny.js'), DRAW]
    : [READY];
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width">
<title>Job summary</title>
<style>${packageFile('github-markdown-css/github-markdown.css')}${LAYOUT}</style>
</head>
<body>
<main class="markdown-body">
${body}
</main>
${scripts.map(scriptElement).join('\n')}
</body>
</html>
`;
}

function scriptElement(script: string): string {
  return `<script>${script.replace(/<\/(?=script)/gi, '<\\/')}</script>`;
}

function packageFile(path: string): string {
  return readFileSync(createRequire(import.meta.url).resolve(path), 'utf8');
}
