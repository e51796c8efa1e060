import type { JobReport, RunReport } from '../../../src/outcome.ts';

/** Texts that attack Markdown, HTML, GitHub's references or Mermaid. */
export const attacks = [
  '| a | table | row |',
  'a \\| b \\\\| c \\',
  '**bold** __bold__ *italic* _italic_ ~~gone~~ `code` ``` fence',
  '# heading',
  '- list',
  '> quote',
  '> [!CAUTION]',
  '    indented',
  '[link](https://attacker.example) [link][1] [1]: https://attacker.example',
  '![picture](https://attacker.example/pixel.png)',
  '<https://attacker.example> <mail@attacker.example>',
  '<img src=x onerror="document.title=1"> <script>document.title=1</script> <!-- <a href=x>y</a>',
  '</td></tr></table></details><h1>out</h1><table><tr><td>',
  '</code></samp></span><a href="https://attacker.example">x</a>',
  '<picture><source srcset="https://attacker.example/x.png"></picture><input type=checkbox>',
  '&lt;b&gt; &amp;amp; &#64;octocat &commat;octocat &colon;tada:',
  '@octocat @octo-org/team a@b @',
  '(@octocat) ,@octocat /@octocat @@octocat',
  '#1 GH-1 octo/repo#1 octo/repo@a5c3785ed8d6a35868bc169f07e40e889087fd2e',
  'a5c3785ed8d6a35868bc169f07e40e889087fd2e a5c3785 A5C3785 0199a1c0',
  'TICKET-123 CVE-2026-1234 GHSA-abcd-efgh-ijkl',
  'https://attacker.example/?q=1#x http://a.b www.attacker.example ftp://a.b/c',
  'mailto:mail@attacker.example xmpp:a@b.example mail@attacker.example',
  ':tada: :+1: :-1: :octocat: ::tada::',
  '$x^2$ $$\\frac{1}{2}$$ $`x`$',
  '[^1] [^1]: footnote',
  '- [ ] task',
  '```mermaid gantt ``` ~~~',
  'section x :crit, 2026-01-01, 1d; click a href "https://attacker.example"',
  '%%{init: {"theme": "forest"}}%% --- config: --- %% comment',
  'a: b; c # d, e',
  '#ff0000 `#ff0000` rgb(255, 0, 0)',
  'javascript:alert(1) data:text/html,x',
  'ends in a backslash\\',
  '\'single\' "double" ‘curly’',
  'two\n\nparagraphs\r\n\r\n# and a heading\n\n</table>',
  '日本語 \u202e desrever \u202c émoji 😀 ',
];

const counters = { added: 3, updated: 2, removed: 1, failed: 2 };

/** Returns a run with a job for each text, which is in every field that a server can set. */
export function runWith(...texts: readonly string[]): RunReport {
  // A reason with several lines becomes several lines of the summary.
  const reason = texts[0]?.split('\n')[0] ?? '';
  return { outcome: 'failure', reason, jobs: texts.map(jobWith) };
}

function jobWith(text: string): JobReport {
  const at = (minute: number) => new Date(Date.UTC(2026, 10, 20, 14, minute));
  const dates = { createdOn: at(0), startDate: at(1), endDate: at(2) };
  const job = { id: text, name: text, type: text, state: text, result: text, message: text, ...dates };
  const resources = [{ resourceType: text, ...counters, categories: [{ name: text, ...counters }] }];
  const failed = { errorType: text, resourceType: text, errorMessage: text, identifier: text, indices: [7] };
  const commands = { failedCommands: 1, firstFailedCommands: [failed], isPartial: false };
  const importResults = { importJobState: text, resources, changes: 6, ...commands };
  return { id: text, outcome: 'failure', reason: text, job, importResults };
}
