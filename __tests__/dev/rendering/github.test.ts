import { describe, expect, test } from '@jest/globals';

import { githubHtml } from '../../../dev/rendering/github.ts';

// The other tests of this folder rely on it: the renderer would show an attack if there were one.

test.each([
  ['tables and strikethrough', '| a |\n| - |\n| ~~b~~ |', '<td><del>b</del></td>'],
  ['URLs', 'https://example.com', '<a href="https://example.com">https://example.com</a>'],
  ['no Markdown inside an HTML block', '<p>**b** | `c` https://example.org</p>', '**b** | `c` '],
  ['a chart as a code block', '```mermaid\ngantt\n```', '<code class="language-mermaid">gantt\n</code>'],
])('renders %s', (_, markdown, html) => {
  expect(githubHtml(markdown)).toContain(html);
});

test('keeps the HTML that GitHub allows', () => {
  const html = '<p onclick="x()" align="right"><b>b</b><img src="x" onerror="x()"><object></object></p>';
  expect(githubHtml(html)).toBe('<p align="right"><b>b</b><img src="x"></p>');
  expect(githubHtml('<p><script>x()</script></p>')).not.toContain('<script');
});

describe('a reference', () => {
  test.each([
    ...['@octocat', '@octo-org/team', '#1', 'GH-1', 'octo/repo#1', 'TICKET-123', ':tada:', ':+1:', ':100:'],
    ...['a5c3785', 'A5C3785', 'a5c3785ed8d6a35868bc169f07e40e889087fd2e'],
    ...['https://example.com', 'www.example.com', 'mailto:a@b.example', 'a@b.example'],
  ])('is linked: %s', (reference) => {
    expect(githubHtml(`<p>see ${reference}.</p>`)).toContain('<a class="reference">');
    expect(githubHtml(`<p>see \\${reference}.</p>`)).toContain('<a class="reference">');
    expect(githubHtml(`<p><code>${reference}</code></p>`)).not.toContain('<a');
  });

  const words = ['a word', 'a - b', '1:2', '# 1', 'a @ b', 'decade', '12345', '14:02:11'];
  test.each(words)('is not found in: %s', (text) => {
    expect(githubHtml(`<p>${text}</p>`)).toBe(`<p>${text}</p>`);
  });
});
