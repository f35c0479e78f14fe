/** What a browser says of the web Manager: how much it loads first, and when the first row of a list is painted. It judges nothing. */
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import type { Browser, Page } from 'playwright-core';
import { logIn } from '../test/browser/browser.ts';
import type { Person } from '../test/support/kma.ts';
import { until } from '../test/support/until.ts';

const FIRST_ROW = fileURLToPath(new URL('in-page/first-row.js', import.meta.url));

export interface FirstLoad {
  readonly files: number;
  readonly gzipBytes: number;
}

/** A page of somebody who has logged in, and what that took of scripts and styles. */
export async function loggedIn(
  browser: Browser,
  origin: string,
  { name, passphrase }: Person,
): Promise<{ readonly page: Page; readonly firstLoad: FirstLoad }> {
  const context = await browser.newContext({ baseURL: origin });
  const page = await context.newPage();
  const files = new Map<string, Promise<Buffer>>();
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (/\.(js|css)$/.test(pathname)) files.set(pathname, response.body());
  });
  await page.addInitScript({ path: FIRST_ROW });
  await logIn({ context, page, complaints: [] }, name, passphrase);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.waitForLoadState('networkidle');
  const sizes = await Promise.all([...files.values()].map(async (body) => gzipSync(await body).length));
  return {
    page,
    firstLoad: { files: sizes.length, gzipBytes: sizes.reduce((sum, size) => sum + size, 0) },
  };
}

/** From the start of the navigation, the page and its programs being in the browser's cache. */
export async function paintedByAddress(page: Page, path: string): Promise<number> {
  await page.goto('about:blank');
  await page.goto(path);
  return painted(page);
}

/** From a click on the place's link to its first row, in a page that has shown the overview only. */
export async function paintedByLink(page: Page, place: string): Promise<number> {
  await page.goto('/');
  await page.waitForLoadState('networkidle');
  await page.getByRole('link', { name: place, exact: true }).click();
  return painted(page);
}

/** From a click on the head of a column to the first row in that order. */
export async function paintedBySort(page: Page, path: string, column: string): Promise<number> {
  await page.goto(path);
  await page.waitForLoadState('networkidle');
  await page.getByRole('button', { name: column, exact: true }).click();
  return painted(page);
}

async function painted(page: Page): Promise<number> {
  await until('the first row is painted', () => page.evaluate('firstRow.paintedMs !== null'));
  return Number(await page.evaluate('firstRow.paintedMs - firstRow.clickedMs'));
}
