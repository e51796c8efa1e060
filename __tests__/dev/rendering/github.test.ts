import { describe, expect, test } from '@jest/globals';

import { githubHtml } from '../../../dev/rendering/github.ts';

/*
 * What the other tests of this folder stand on: that the renderer would show an attack if there were one.
 */

test('tables, strikethrough and addresses are those of GitHub Flavored Markdown', () => {
  const html = githubHtml('| a |\n| - |\n| ~~b~~ |\n\nhttps://example.com');
  expect(html).toContain('<td><del>b</del></td>');
  expect(html).toContain('<a href="https://example.com">https://example.com</a>');
});

test('HTML is let through as far as GitHub allows it', () => {
  const html = '<p onclick="x()" align="right"><b>b</b><img src="x" onerror="x()"><object></object></p>';
  expect(githubHtml(html)).toBe('<p align="right"><b>b</b><img src="x"></p>');
  expect(githubHtml('<p><script>x()</script></p>')).not.toContain('<script');
});

test('inside an HTML block Markdown has no say', () => {
  expect(githubHtml('<p>**b** | `c` https://example.org</p>')).toContain('**b** | `c` ');
});

describe('references are found as GitHub finds them', () => {
  test.each([
    '@octocat',
    '@octo-org/team',
    '#1',
    'GH-1',
    'octo/repo#1',
    'TICKET-123',
    'a5c3785',
    'A5C3785',
    'a5c3785ed8d6a35868bc169f07e40e889087fd2e',
    'https://example.com',
    'www.example.com',
    'mailto:a@b.example',
    'a@b.example',
    ':tada:',
    ':+1:',
    ':100:',
  ])('%s', (reference) => {
    expect(githubHtml(`<p>see ${reference}.</p>`)).toContain('<a class="reference">');
    expect(githubHtml(`<p>see \\${reference}.</p>`)).toContain('<a class="reference">');
    expect(githubHtml(`<p><code>${reference}</code></p>`)).not.toContain('<a');
  });

  test.each(['a word', 'a - b', '1:2', '# 1', 'a @ b', 'decade', '12345', '14:02:11'])(
    'not in: %s',
    (text) => {
      expect(githubHtml(`<p>${text}</p>`)).toBe(`<p>${text}</p>`);
    },
  );
});

test('a chart stays a code block that names its language', () => {
  expect(githubHtml('```mermaid\ngantt\n```')).toContain('<code class="language-mermaid">gantt\n</code>');
});
