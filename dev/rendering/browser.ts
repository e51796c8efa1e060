import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { chromium, type Browser, type Page } from 'playwright-core';

import { findProgram } from '../runner/programs.ts';

/** How a reader views a page. */
export interface View {
  /** The width of the window in CSS pixels. */
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
  /** The reader's time zone. */
  readonly timezoneId?: string;
}

/** Without a sandbox it runs in containers, too. It makes no requests of its own. */
const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Finds Chromium or Chrome at $CHROMIUM or on the PATH; returns undefined if it is not installed. */
export function chromiumPath(): string | undefined {
  const path = process.env.CHROMIUM;
  if (path === undefined) return findProgram('chromium', 'chromium-browser', 'google-chrome');
  return existsSync(path) ? path : undefined;
}

/**
 * Starts headless Chromium.
 * @throws Error if it is not installed
 */
export async function launch(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) {
    throw new Error('Chromium is not installed. Install the package chromium, or set CHROMIUM to its path.');
  }
  return chromium.launch({ executablePath, args: FLAGS });
}

/** Opens a page of `renderPage`, and waits until its charts are drawn. Close its context after use. */
export async function open(browser: Browser, html: string, view: View): Promise<Page> {
  const { width, ...rest } = view;
  const context = await browser.newContext({
    ...rest,
    viewport: { width, height: 100 },
    deviceScaleFactor: 2,
    offline: true,
  });
  const page = await context.newPage();
  await page.setContent(html);
  await page.waitForSelector('body[data-ready]', { state: 'attached' });
  return page;
}

/** Takes a picture of the whole page. */
export async function screenshot(browser: Browser, html: string, path: string, view: View): Promise<void> {
  const page = await open(browser, html, view);
  await page.screenshot({ path, fullPage: true });
  await page.context().close();
}

/** Reads the visible text of each table, by row and cell. Collapsed text is not visible. */
export async function visibleTables(page: Page): Promise<string[][][]> {
  return page.evaluate<string[][][]>(
    `[...document.querySelectorAll('table')].map((table) =>
      [...table.rows].map((row) => [...row.cells].map((cell) => cell.innerText.trim())))`,
  );
}

/** Reads the visible lines outside of tables and charts. */
export async function visibleLines(page: Page): Promise<string[]> {
  const text = await page.evaluate<string>(`(() => {
    const hidden = document.querySelectorAll('table, .mermaid');
    for (const element of hidden) element.style.display = 'none';
    const text = document.querySelector('main').innerText;
    for (const element of hidden) element.style.display = '';
    return text;
  })()`);
  return text.split('\n').filter((line) => line.trim() !== '');
}

/** Checks a page with axe-core, with everything expanded; returns each problem with the element that has it. */
export async function accessibilityProblems(page: Page): Promise<string[]> {
  await page.evaluate(readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  return page.evaluate<string[]>(`(async () => {
    for (const folded of document.querySelectorAll('details')) folded.open = true;
    const { violations } = await axe.run('main');
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 200)));
  })()`);
}

/** A drawn chart. */
export interface DrawnChart {
  readonly sections: string[];
  /** The visible labels of the bars. */
  readonly labels: string[];
  /** The lowest contrast of a text outside of the bars with the page, as WCAG 2 defines it. */
  readonly contrast: number;
  readonly ticks: string[];
  /** The position of each bar: 0 is the left edge of the chart, 1 the right edge. */
  readonly bars: { readonly from: number; readonly to: number; readonly color: string }[];
  readonly isError: boolean;
}

/** Reads the charts of a page. */
export async function drawnCharts(page: Page): Promise<DrawnChart[]> {
  return page.evaluate<DrawnChart[]>(`[...document.querySelectorAll('.mermaid')].map((chart) => {
    const texts = (selector) => [...chart.querySelectorAll(selector)].map((text) => text.textContent.trim());
    const whole = chart.querySelector('svg')?.getBoundingClientRect();
    const channels = (color) => color.match(/[\\d.]+/g).slice(0, 3).map(Number);
    const page = channels(getComputedStyle(document.body).backgroundColor);
    const luminance = (rgb) => {
      const [red, green, blue] = rgb.map((n) => n / 255).map((n) => n <= 0.04045 ? n / 12.92 : ((n + 0.055) / 1.055) ** 2.4);
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const contrast = (text) => {
      const { opacity } = getComputedStyle(text.parentElement);
      const seen = channels(getComputedStyle(text).fill).map((n, index) => n * opacity + page[index] * (1 - opacity));
      const [dark, light] = [luminance(seen), luminance(page)].sort((a, b) => a - b);
      return (light + 0.05) / (dark + 0.05);
    };
    return {
      sections: texts('.sectionTitle'),
      labels: [...chart.querySelectorAll('.taskText, .taskTextOutsideRight, .taskTextOutsideLeft')]
        .filter((text) => text.getBoundingClientRect().width > 0).map((text) => text.textContent.trim()),
      contrast: Math.min(...[...chart.querySelectorAll('.sectionTitle, .tick text')].map(contrast)),
      ticks: texts('.tick text'),
      bars: [...chart.querySelectorAll('rect.task')].map((bar) => {
        const { left, right } = bar.getBoundingClientRect();
        const at = (x) => (x - whole.left) / whole.width;
        return { from: at(left), to: at(right), color: getComputedStyle(bar).fill };
      }),
      isError: whole === undefined || chart.querySelector('.error-icon, .error-text') !== null,
    };
  })`);
}
