import { describe, expect, test } from '@jest/globals';

import { code, paragraph, prose, proseLines, table } from '../../../src/report/summary/markdown.ts';

describe('text for reading', () => {
  test.each([
    ['contains no HTML', '<b>A & "B"</b>', '&lt;b&gt;A &amp; &quot;B&quot;&lt;/b&gt;'],
    ['mentions nobody', 'a@b, @team', 'a<span>@</span>b, <span>@</span>team'],
    ['refers to no issue', '#1 and GH-1', '<span>#</span>1 and GH<span>-</span>1'],
    ['contains no emoji names', ':tada:', '<span>:</span>tada<span>:</span>'],
    ['isolates several signs together', 'a --@ b', 'a <span>--@</span> b'],
    ['links no address', 'See www.a.org. Or not.', 'See www<span>.</span>a<span>.</span>org. Or not.'],
    ['links no commit', 'abcdef1 or ABCDEF1', '<span>abcdef</span>1 or <span>ABCDEF</span>1'],
    ['isolates text from right to left', 'שם #1', '<span dir="auto">שם <span>#</span>1</span>'],
    ['keeps a sign and its marks together', '#️⃣ and 1️⃣', '<span>#️⃣</span> and 1️⃣'],
    ['is not truncated inside of a character', `${'x'.repeat(20)}👨‍👩‍👧‍👦`, `${'x'.repeat(20)}…`],
    ['keeps six digits together', 'abcdef or 123456', 'abcdef or 123456'],
    ['is one line', 'one\ntwo', 'one two'],
    ['is truncated', '123456789 123456789 < 123456789', '<span>123456</span>789 <span>123456</span>789 &lt; 1…'],
  ])('%s', (_, text, html) => {
    expect(prose(text, 24)).toBe(html);
  });
});

describe('a value', () => {
  test.each([
    ['is code', 'COMPLETED', '<code>COMPLETED</code>'],
    ['contains no HTML', '<b> & "c"', '<code>&lt;b&gt; &amp; &quot;c&quot;</code>'],
    ['keeps what means nothing in code', '@a #1 b.c:d-e', '<code>@a #1 b.c:d-e</code>'],
    ['is truncated', '123456789 12345', '<code>123456789 12…</code>'],
    ['that is empty is a dash', '', '–'],
    ['that is unknown is a dash', undefined, '–'],
  ])('%s', (_, text, html) => {
    expect(code(text, 13)).toBe(html);
  });
});

test('a table has right-aligned numbers, and wraps only the columns that may wrap', () => {
  const rows = [
    [1200, 'one', 'two'],
    [0, 'three', 'four'],
  ];
  expect(table(['Count', 'Kind', 'Error'], rows, [2])).toBe(`<table>
<tr><th>Count</th><th>Kind</th><th>Error</th></tr>
<tr><td align="right">1,200</td><td nowrap>one</td><td>two</td></tr>
<tr><td align="right">0</td><td nowrap>three</td><td>four</td></tr>
</table>`);
  expect(table(['Name'], [['one']])).toContain('<td nowrap>one</td>');
});

test('lines of text are formatted one by one, and counted beyond thirty', () => {
  expect(proseLines(['<a>', '12345'], 4)).toEqual(['&lt;a&gt;', '123…']);
  expect(proseLines(Array(30).fill('x'), 4)).toEqual(Array(30).fill('x'));
  expect(proseLines(Array(32).fill('x'), 4)).toEqual([...Array<string>(30).fill('x'), '… and 2 more lines']);
});

test('a paragraph breaks its lines, and is empty without lines', () => {
  expect(paragraph(['one', 'two'])).toBe('<p>one<br>\ntwo</p>');
  expect(paragraph([])).toBe('');
});
