import { describe, expect, test } from '@jest/globals';

import { code, prose, table } from '../../../src/report/summary/markdown.ts';

describe('text for reading', () => {
  test.each([
    ['holds no HTML', '<b>A & "B"</b>', '&lt;b&gt;A &amp; &quot;B&quot;&lt;/b&gt;'],
    ['mentions nobody', 'a@b, @team', 'a<span>@</span>b, <span>@</span>team'],
    ['refers to nothing', '#1 and GH-1', '<span>#</span>1 and GH<span>-</span>1'],
    ['has no emoji names', ':tada:', '<span>:</span>tada<span>:</span>'],
    ['sets several signs apart as one', 'a --@ b', 'a <span>--@</span> b'],
    ['links no address', 'See www.a.org. Or not.', 'See www<span>.</span>a<span>.</span>org. Or not.'],
    ['links no commit', 'abcdef1 or ABCDEF1', '<span>abcdef</span>1 or <span>ABCDEF</span>1'],
    ['keeps six digits together', 'abcdef or 123456', 'abcdef or 123456'],
    ['is one line', 'one\ntwo', 'one two'],
    ['is cut', '123456789 123456789 < 123456789', '<span>123456</span>789 <span>123456</span>789 &lt; 1…'],
  ])('%s', (_, text, html) => {
    expect(prose(text, 24)).toBe(html);
  });
});

describe('a value', () => {
  test.each([
    ['is code', 'COMPLETED', '<code>COMPLETED</code>'],
    ['holds no HTML', '<b> & "c"', '<code>&lt;b&gt; &amp; &quot;c&quot;</code>'],
    ['keeps what means nothing inside of code', '@a #1 b.c:d-e', '<code>@a #1 b.c:d-e</code>'],
    ['is cut', '123456789 12345', '<code>123456789 12…</code>'],
    ['that is empty is a dash', '', '–'],
    ['that is not known is a dash', undefined, '–'],
  ])('%s', (_, text, html) => {
    expect(code(text, 13)).toBe(html);
  });
});

describe('a table', () => {
  test('has numbers to the right, and lines that break only where they may', () => {
    const rows = [
      [1200, 'one', 'two'],
      [0, 'three', 'four'],
    ];
    expect(table(['Count', 'Kind', 'Error'], rows, [2])).toBe(`<table>
<tr><th>Count</th><th>Kind</th><th>Error</th></tr>
<tr><td align="right">1,200</td><td nowrap>one</td><td>two</td></tr>
<tr><td align="right">0</td><td nowrap>three</td><td>four</td></tr>
</table>`);
  });

  test('has no line that breaks unless told so', () => {
    expect(table(['Name'], [['one']])).toBe(`<table>
<tr><th>Name</th></tr>
<tr><td nowrap>one</td></tr>
</table>`);
  });
});
