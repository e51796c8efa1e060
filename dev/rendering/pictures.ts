import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { launch, screenshot } from './browser.ts';
import { renderPage } from './page.ts';

/** The width of pictures in a README, in CSS pixels. */
const WIDTH = 1040;

/**
 * Takes a light and a dark picture of each job summary: `<name>-light.png` and `<name>-dark.png`.
 * @param summaries Markdown by name
 */
export async function takePictures(summaries: Readonly<Record<string, string>>, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const browser = await launch();
  try {
    for (const [name, markdown] of Object.entries(summaries)) {
      for (const colorScheme of ['light', 'dark'] as const) {
        const path = join(folder, `${name}-${colorScheme}.png`);
        await screenshot(browser, renderPage(markdown), path, { width: WIDTH, colorScheme });
      }
    }
  } finally {
    await browser.close();
  }
}
