import { afterAll, beforeAll, describe, expect, jest, test } from '@jest/globals';
import fc from 'fast-check';
import type { Browser, Page } from 'playwright-core';

import { accessibilityProblems, drawnCharts, launch, open, visibleLines } from '../../../dev/rendering/browser.ts';
import { visibleTables, type View } from '../../../dev/rendering/browser.ts';
import { githubHtml } from '../../../dev/rendering/github.ts';
import { renderPage } from '../../../dev/rendering/page.ts';
import { partlyFailedImport, severalJobs, success, type Sample } from '../../report/samples.ts';
import type { JobReport } from '../../../src/outcome.ts';
import { summaryOf } from '../../../src/report/summary/index.ts';
import { aJob } from '../../support/jobs.ts';
import { describeInChromium } from '../../support/needs.ts';
import { attacks, runWith } from './attacks.ts';

/** A browser is slow, especially beside other tests. */
jest.setTimeout(120_000);

/** Invisible characters and whitespace appear as one space, and not at the ends. */
const SEEN_DIFFERENTLY: readonly (readonly [written: string, seen: string])[] = [
  ['    indented', ' indented'],
  ['two\n\nparagraphs\r\n\r\n# and a heading\n\n</table>', 'two paragraphs # and a heading </table>'],
  ['日本語 \u202e desrever \u202c émoji 😀 ', '日本語 desrever émoji 😀 '],
];

/** Returns what a reader must see of a text: all of it, or its beginning and an ellipsis. */
function seenOf(text: string, limit: number): string {
  const seen = SEEN_DIFFERENTLY.reduce((line, [written, as]) => line.replace(written, as), text).trim();
  return seen.length <= limit ? seen : `${seen.slice(0, limit - 1)}…`;
}

describe('the HTML of a job summary', () => {
  const tagsWith = (text: string) =>
    githubHtml(summaryOf(runWith(text, text)))
      .match(/<\/?[a-z]\w*/gi)
      ?.filter((tag) => !tag.endsWith('span'));
  const harmless = tagsWith('x');

  test.each(attacks)('has no element from server text: %s', (attack) => {
    expect(tagsWith(attack)).toEqual(harmless);
  });

  test('has no element from a mixture of attacks', () => {
    const text = fc.array(fc.oneof(fc.constantFrom(...attacks), fc.string())).map((texts) => `x${texts.join('')}`);
    const isHarmless = fc.property(text, (mixture) => expect(tagsWith(mixture)).toEqual(harmless));
    fc.assert(isHarmless, { numRuns: 200 });
  });
});

describeInChromium()('a job summary on GitHub', () => {
  let browser: Browser;
  let page: Page | undefined;

  beforeAll(async () => {
    browser = await launch();
  });
  afterAll(() => browser.close());

  /** Opens a summary, and closes the previous one. */
  async function view({ report, options }: Sample, settings: Partial<View> = {}): Promise<Page> {
    await page?.context().close();
    const view = { width: 1200, colorScheme: 'light', ...settings } as const;
    return (page = await open(browser, renderPage(summaryOf(report, options)), view));
  }

  test('shows a success', async () => {
    const seen = await view(success);
    expect(await visibleLines(seen)).toEqual([
      '✅ The Collibra job succeeded',
      '4,685 added, 619 updated, 29 removed. No action needed.',
    ]);
    const [jobs, resources] = await visibleTables(seen);
    const name = 'Import of the sales catalog\n0199a1c0-5d1e-7d43-8f0a-2f1f6c1d0b01';
    expect(jobs).toEqual([
      ['Outcome', 'Name and ID', 'State and result', 'Duration', 'Started (UTC)', 'Finished (UTC)'],
      ['✅\nsuccess', name, 'COMPLETED\nSUCCESS', '4 min 3 s', '2026-11-20\n14:02:11', '14:06:14'],
    ]);
    expect(resources?.slice(0, 5)).toEqual([
      ['Resources', '🟩 added', '🟦 updated', '🟧 removed', '🟥 failed', 'Share'],
      ['COMMUNITY', '1', '2', '0', '0', '🟩🟩🟩🟦🟦🟦🟦🟦🟦🟦'],
      ['DOMAIN', '4', '1', '0', '0', '🟩🟩🟩🟩🟩🟩🟩🟩🟦🟦'],
      ['ASSET', '1,180', '214', '6', '0', '🟩🟩🟩🟩🟩🟩🟩🟦🟦🟧'],
      ['Column', '1,050', '180', '5', '0', ''],
    ]);
  });

  test('shows an import that partly failed, with its failed commands', async () => {
    const seen = await view(partlyFailedImport);
    expect(await visibleLines(seen)).toEqual([
      '❌ The Collibra job failed',
      '2,303 added, 21 updated, 43 commands failed. Fix the data of the failed commands below, then import again.',
      'COMPLETED_WITH_ERROR: 43 commands failed. To allow this result, add COMPLETED_WITH_ERROR to the accept input. Collibra\'s message: "Import completed with errors".',
      '43 failed commands',
      'The file reports/failed-commands.jsonl contains all failed commands.',
    ]);
    const columns = [0, 1, 2].map((n) => `[${17 + n}] orders.column_${n} in Sales / Physical\n`);
    const relations = [812, 813, 814, 815].map((index) => `[${index}] Table contains Column`);
    const notFound = "The source 'orders.customer_id' of the relation can not be found.";
    expect((await visibleTables(seen))[2]).toEqual([
      ['Count', 'Kind', 'Error', '[Index] Command'],
      ['38', 'ASSET\nVALIDATION', "The asset type 'Colunm' does not exist.", `${columns.join('')}35 more`],
      ['4', 'RELATION\nRUNTIME', `${notFound}\n(3 more messages with other names or numbers)`, relations.join('\n')],
      ['1', 'RELATION\nRUNTIME', 'The relation type can not be determined.', '[816] Table contains Column'],
    ]);
    await seen.locator('td summary').click();
    expect((await visibleTables(seen))[2]?.[1]?.[3]).toMatch(
      /35 more\n\[20\] orders\.column_3 in .*\n\[54\] orders\.column_37 in Sales \/ Physical$/s,
    );
  });

  test.each(['UTC', 'Asia/Tokyo', 'America/St_Johns'])(
    'shows a chart of waiting and running in UTC for a reader in %s',
    async (timezoneId) => {
      const seen = await view(severalJobs, { timezoneId });
      const [chart] = await drawnCharts(seen);
      expect(chart).toMatchObject({
        isError: false,
        sections: ['Job 1', 'Job 2', 'Job 3'],
        labels: [],
        ticks: ['14:05:00', '14:10:00'],
      });
      const { bars = [] } = chart ?? {};
      const width = (bars.at(-1)?.to ?? 0) - (bars[0]?.from ?? 0);
      const seconds = bars.map(({ from, to }) => Math.round((594 * (to - from)) / width));
      expect(seconds).toEqual([29, 30, 277, 248, 313]);
      const colors = bars.map(({ color }) => color);
      expect(new Set(colors).size).toBe(3);
      expect(colors).toEqual([colors[0], colors[1], colors[1], colors[3], colors[0]]);
    },
  );

  describe('with hostile server text', () => {
    const options = { errorsFile: attacks.join('') };
    let tables: string[][][] = [];
    let lines: string[] = [];

    beforeAll(async () => {
      const seen = await view({ report: runWith(...attacks), options });
      await seen.evaluate('for (const folded of document.querySelectorAll("details")) folded.open = true');
      tables = await visibleTables(seen);
      lines = (await visibleLines(seen)).map((line) => line.trim());
    });

    const numbered = attacks.map((attack, index) => ({ attack, index }));
    test.each(numbered)('shows it unchanged: $attack', ({ attack, index }) => {
      const text = (limit: number) => seenOf(attack, limit);
      const [jobs, resources, commands] = [tables[0], tables[1 + 2 * index], tables[2 + 2 * index]];
      expect(jobs?.[1 + index]?.slice(1, 3)).toEqual([`${text(60)}\n${text(60)}`, `${text(50)}\n${text(50)}`]);
      expect(resources?.map(([name]) => name)).toEqual(['Resources', text(100), text(100)]);
      expect(commands?.[1]).toEqual(['1', `${text(100)}\n${text(100)}`, text(300), `[7] ${text(100)}`]);
      expect(lines).toContain(`Job ${index + 1}: ${text(500)} Collibra's message: "${text(500)}".`);
      expect(lines).toContain(`❌ Job ${index + 1} ${text(60)}: 3 added, 2 updated, 1 removed, 1 command failed`);
    });

    test('shows it unchanged where it is about the whole step', () => {
      expect(lines[2]).toBe(attacks[0]);
      expect(lines).toContain(`The file ${seenOf(attacks.join(''), 500)} contains all failed commands.`);
    });

    test('has no links, images, scripts or forms', async () => {
      const seen = page as Page;
      expect(await seen.locator('main :is(a, img, script, input, iframe, picture)').count()).toBe(0);
      expect(await seen.title()).toBe('Job summary');
    });

    test('has a chart without it', async () => {
      const [chart, ...others] = await drawnCharts(page as Page);
      expect(chart).toMatchObject({ isError: false, sections: Array.from({ length: 30 }, (_, n) => `Job ${n + 1}`) });
      expect(others).toEqual([]);
    });
  });

  test('shows a hundred jobs, 30 of them in the chart', async () => {
    const jobs = Array.from({ length: 100 }, () => partlyFailedImport.report.jobs).flat();
    const seen = await view({ report: { outcome: 'failure', jobs }, options: {} });
    expect((await visibleTables(seen))[0]).toHaveLength(101);
    expect((await drawnCharts(seen))[0]).toMatchObject({ isError: false, sections: { length: 30 } });
    const lines = await visibleLines(seen);
    expect(lines).toContain('Gray: waiting; blue: running; red: failed. Times in UTC. The chart omits 70 of 100 jobs.');
    expect(lines.filter((line) => line.startsWith('❌ Job '))).toHaveLength(100);
  });

  test.each([
    ['Arabic', 'تقرير المبيعات اليومي'],
    ['Hebrew', 'ייבוא #1: שלום'],
    ['Persian', 'می‌خواهم کتاب‌ها'],
    ['Hindi', 'क्‍षत्रिय विक्री'],
    ['an emoji family', 'Import 👨‍👩‍👧‍👦 🏳️‍🌈 👩🏽‍🚀 #️⃣'],
  ])('shows a name with %s whole, and the numbers beside it in their order', async (_, name) => {
    const jobs = partlyFailedImport.report.jobs.map((one) => ({ ...one, job: { ...aJob(), ...one.job, name } }));
    const seen = await view({ report: { outcome: 'failure', jobs: [...jobs, ...jobs] }, options: {} });
    expect((await visibleTables(seen))[0]?.[1]?.[1]).toBe(`${name}\n${jobs[0]?.id}`);
    // Where "2,303 added" and the name are drawn: text from right to left would pull the number to the left of it.
    const [end, start] = await seen.evaluate<[number, number]>(`(() => {
      const summary = document.querySelector('summary');
      const box = (node, from, to) => {
        const range = document.createRange();
        range.setStart(node, from);
        range.setEnd(node, to);
        return range.getBoundingClientRect();
      };
      const counts = [...summary.childNodes].at(-1);
      const at = counts.textContent.indexOf('2,303');
      const name = document.querySelector('summary b').getBoundingClientRect();
      return [name.right, box(counts, at, at + 5).left];
    })()`);
    expect(start - end).toBeGreaterThan(50);
  });

  const [first] = partlyFailedImport.report.jobs as [JobReport];
  const unseen: JobReport = { id: first.id, outcome: 'error', reason: 'HTTP 401.' };
  const many = (n: number): JobReport[] =>
    Array.from({ length: n }, (_, index) => ({ ...first, ...(index % 5 > 0 && success.report.jobs[0]) }));
  const samples: readonly (readonly [what: string, sample: Sample])[] = [
    ['a success', success],
    ['a failure', partlyFailedImport],
    ['a timeout', { ...severalJobs, report: { outcome: 'timeout', jobs: severalJobs.report.jobs.slice(2) } }],
    ['a cancellation', { report: { outcome: 'cancelled', jobs: [{ ...unseen, outcome: 'cancelled' }] }, options: {} }],
    ['an error', { report: { outcome: 'error', jobs: [unseen] }, options: {} }],
    ['3 jobs', severalJobs],
    ['30 jobs', { report: { outcome: 'failure', jobs: many(30) }, options: {} }],
    ['100 jobs', { report: { outcome: 'failure', jobs: many(100) }, options: {} }],
  ];
  const views = [
    { colorScheme: 'light', width: 1200 },
    { colorScheme: 'dark', width: 1200 },
    { colorScheme: 'dark', width: 375 },
  ] as const;
  const seenSamples = samples.flatMap(([what, sample]) => views.map((settings) => ({ what, sample, ...settings })));
  test.each(seenSamples)(
    'of $what is accessible in $colorScheme mode at $width pixels',
    async ({ sample, ...settings }) => {
      const seen = await view(sample, settings);
      expect(await accessibilityProblems(seen)).toEqual([]);
      for (const { contrast } of await drawnCharts(seen)) expect(contrast).toBeGreaterThan(4.5);
      expect(await seen.evaluate<number>('document.documentElement.scrollWidth')).toBe(settings.width);
    },
  );

  const pages = (['light', 'dark'] as const).flatMap((colorScheme) =>
    [375, 1200].map((width) => ({ colorScheme, width })),
  );
  test.each(pages)('in $colorScheme mode fits into a page of $width pixels', async ({ colorScheme, width }) => {
    const seen = await view(severalJobs, { width, colorScheme });
    expect(await seen.evaluate<number>('document.documentElement.scrollWidth')).toBe(width);
    // The bars stay in one line, and the table scrolls.
    const heights = await seen.evaluate<number[]>(
      `[...document.querySelectorAll('td')].filter((cell) => /^[🟩🟦🟧🟥]+$/u.test(cell.innerText.replace(/\\s/g, '')))
          .map((bar) => bar.offsetHeight)`,
    );
    expect(heights).toHaveLength(6);
    expect(Math.max(...heights)).toBeLessThan(50);
  });
});
