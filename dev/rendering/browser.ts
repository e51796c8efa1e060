import { existsSync } from 'node:fs';
import { chromium, type Browser, type Page } from 'playwright-core';

import { findProgram } from '../runner/programs.ts';

/** How a page is looked at. */
export interface View {
  /** In CSS pixels. */
  readonly width: number;
  readonly colorScheme: 'light' | 'dark';
  /** The reader's time zone. */
  readonly timezoneId?: string;
}

/** The browser speaks to nobody. */
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

/** Where Chromium or Chrome is: at $CHROMIUM or on the PATH; undefined where it is not. */
export function chromiumPath(): string | undefined {
  const path = process.env.CHROMIUM;
  if (path === undefined) return findProgram('chromium', 'chromium-browser', 'google-chrome');
  return existsSync(path) ? path : undefined;
}

/**
 * Starts headless Chromium.
 * @throws Error where it is missing
 */
export async function launch(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) {
    throw new Error('Chromium is missing: install the package chromium, or set CHROMIUM to its path');
  }
  return chromium.launch({ executablePath, args: FLAGS });
}

/** Opens a page of `renderPage` and waits until its charts are drawn. Close its context after use. */
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

/** Takes a picture of a whole page. */
export async function screenshot(browser: Browser, html: string, path: string, view: View): Promise<void> {
  const page = await open(browser, html, view);
  await page.screenshot({ path, fullPage: true });
  await page.context().close();
}

/** What is to be seen in the cells of each table, row by row; what is folded is not seen. */
export async function visibleTables(page: Page): Promise<string[][][]> {
  return page.evaluate<string[][][]>(
    `[...document.querySelectorAll('table')].map((table) =>
      [...table.rows].map((row) => [...row.cells].map((cell) => cell.innerText.trim())))`,
  );
}

/** What is to be seen outside of tables and charts, line by line. */
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

/** A chart as it was drawn. */
export interface DrawnChart {
  readonly sections: string[];
  /** The labels of the bars. */
  readonly labels: string[];
  readonly ticks: string[];
  /** Where each bar is, from the left edge of the chart to its right edge: 0 to 1. */
  readonly bars: { readonly from: number; readonly to: number; readonly color: string }[];
  readonly isError: boolean;
}

/** The charts of a page. */
export async function drawnCharts(page: Page): Promise<DrawnChart[]> {
  return page.evaluate<DrawnChart[]>(`[...document.querySelectorAll('.mermaid')].map((chart) => {
    const texts = (selector) => [...chart.querySelectorAll(selector)].map((text) => text.textContent.trim());
    const whole = chart.querySelector('svg')?.getBoundingClientRect();
    return {
      sections: texts('.sectionTitle'),
      labels: texts('.taskText, .taskTextOutsideRight, .taskTextOutsideLeft'),
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
