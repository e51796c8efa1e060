import { describe, expect, test } from '@jest/globals';

import { githubHtml } from '../../../dev/rendering/github.ts';

// The other tests of this folder rely on it: the renderer would show an attack if there were one.

test('renders tables, strikethrough and URLs of GitHub Flavored Markdown', () => {
  const html = githubHtml('| a |\n| - |\n| ~~b~~ |\n\nhttps://example.com');
  expect(html).toContain('<td><del>b</del></td>');
  expect(html).toContain('<a href="https://example.com">https://example.com</a>');
});

test('keeps the HTML that GitHub allows', () => {
  const html = '<p onclick="x()" align="right"><b>b</b><img src="x" onerror="x()"><object></object></p>';
  expect(githubHtml(html)).toBe('<p align="right"><b>b</b><img src="x"></p>');
  expect(githubHtml('<p><script>x()</script></p>')).not.toContain('<script');
});

test('renders no Markdown inside an HTML block', () => {
  expect(githubHtml('<p>**b** | `c` https://example.org</p>')).toContain('**b** | `c` ');
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

test('renders a chart as a code block with its language', () => {
  expect(githubHtml('```mermaid\ngantt\n```')).toContain('<code class="language-mermaid">gantt\n</code>');
});
