/** A list of 100,000 data units in Debian's Chromium, scrolled from its first to its last row: what the page holds stays bounded, and no row is missed, doubled or out of place. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser, CDPSession, Page } from 'playwright-core';
import { BulkWriter } from '../../bench/bulk-writer.ts';
import { populate } from '../../bench/population.ts';
import { AUDITOR, TestKma } from '../support/kma.ts';
import { until } from '../support/until.ts';
import { logIn, openBrowser, openWindow } from './browser.ts';

const IN_PAGE = fileURLToPath(new URL('in-page/long-list.js', import.meta.url));
const PAGES = fileURLToPath(new URL('../../manager/dist', import.meta.url));
const UNITS = 100_000;
const POPULATION = {
  poolKeys: 0,
  agentKeys: 0,
  agents: 1,
  dataUnits: UNITS,
  associations: 0,
  auditRecords: 1_000,
};
/** A browser on a machine with much to do. */
const LONG_MS = 120_000;
const ASKED_ROWS = 1_000;
/** That the page asks for at once. */
const PAGE_ROWS = 200;
const ARROWS = 70;
/** That are scrolled through between two looks at the memory. */
const STRETCH_ROWS = 10_000;
const STRETCH_PX = 37.5 * STRETCH_ROWS;
const ROWS_IN_PAGE_MAX = 150;
/** What TanStack Virtual remembers of each row's place; a row itself takes several times as much. */
const BYTES_PER_ROW_MAX = 300;

let kma: TestKma;
let browser: Browser;
let order: readonly string[];

before(async () => {
  kma = await TestKma.start({ pages: PAGES });
  await kma.stop();
  {
    using writer = await BulkWriter.open(kma.data);
    await populate(writer, POPULATION, () => undefined);
  }
  await kma.resume();
  order = await idsInOrder();
  browser = await openBrowser(kma);
});
after(async () => {
  await browser?.close();
  await kma?.[Symbol.asyncDispose]();
});

/** As the KMA gives them to anybody who asks page by page. */
async function idsInOrder(): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let after: string | null = ''; after !== null; ) {
    const input = { limit: ASKED_ROWS, ...(after === '' ? {} : { after }) };
    const page: { rows: { dataUnitId: string }[]; next: string | null } = await kma.ask(
      'ListDataUnits',
      input,
      AUDITOR,
    );
    ids.push(...page.rows.map(({ dataUnitId }) => dataUnitId));
    after = page.next;
  }
  assert.equal(new Set(ids).size, UNITS);
  return ids;
}

async function listPage(height: number): Promise<{ page: Page; complaints: string[] }> {
  const window = await openWindow(browser, `https://127.0.0.1:${kma.webPort}`);
  window.page.setDefaultTimeout(LONG_MS);
  await window.page.addInitScript({ path: IN_PAGE });
  await window.page.setViewportSize({ width: 900, height });
  await logIn(window, AUDITOR.name, AUDITOR.passphrase);
  await window.page.getByRole('heading', { name: 'Overview' }).waitFor();
  await window.page.goto('/data-units?columns=dataUnitId');
  await window.page.getByRole('gridcell').first().waitFor();
  return window;
}

interface Stretch {
  /** Number and ID of each row that was shown, each time it came. */
  readonly shown: readonly (readonly [number, string])[];
  readonly mostRows: number;
  readonly isEnd: boolean;
}

async function heapBytes(inspector: CDPSession): Promise<number> {
  await inspector.send('HeapProfiler.collectGarbage');
  const { metrics } = await inspector.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN;
}

test('100,000 rows come once each and in order, with few of them in the page and none of those that are far away in memory', async () => {
  const { page, complaints } = await listPage(2_000);
  const inspector = await page.context().newCDPSession(page);
  await inspector.send('Performance.enable');
  const heaps: number[] = [];
  const found = new Map<number, string>();
  let mostRows = 0;
  for (let isEnd = false; !isEnd; ) {
    const stretch: Stretch = await page.evaluate(`longList.scrollOn(${STRETCH_PX})`);
    for (const [number, id] of stretch.shown) {
      assert.ok(!found.has(number) || found.get(number) === id, `row ${number} was two`);
      found.set(number, id);
    }
    mostRows = Math.max(mostRows, stretch.mostRows);
    isEnd = stretch.isEnd;
    heaps.push(await heapBytes(inspector));
  }
  assert.equal(found.size, UNITS);
  assert.equal(
    order.findIndex((id, number) => found.get(number) !== id),
    -1,
  );
  await page.getByText(`${UNITS} rows`).waitFor();
  assert.ok(mostRows <= ROWS_IN_PAGE_MAX, `${mostRows} rows in the page`);
  const [early = 0, late = 0] = [heaps[1], heaps.at(-1)];
  process.stdout.write(
    `100,000 rows: ${mostRows} in the page at most; memory ${(early / 1e6).toFixed(1)} MB after 20,000, ${(late / 1e6).toFixed(1)} MB at the end\n`,
  );
  assert.ok((late - early) / (UNITS - 2 * STRETCH_ROWS) < BYTES_PER_ROW_MAX, heaps.join(', '));
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('the keyboard goes from row to row, by screenfuls and to both ends, and the row it is at is in sight', async () => {
  const { page, complaints } = await listPage(900);
  const isAt = async (number: number) => {
    await until(`row ${number} has the focus`, () => page.evaluate(`longList.rowInFocus() === ${number}`));
  };
  const press = (key: string) => page.keyboard.press(key);
  await page.getByRole('row').nth(1).focus();
  await isAt(0);
  for (let number = 1; number <= ARROWS; number += 1) {
    await press('ArrowDown');
    await isAt(number);
  }
  await press('ArrowUp');
  await isAt(ARROWS - 1);
  await press('PageDown');
  await until('a screenful further', () => page.evaluate(`longList.rowInFocus() > ${ARROWS + 10}`));
  await press('PageUp');
  await isAt(ARROWS - 1);
  // The end of what is known: what comes after is asked for, so it is further on each time.
  let before = ARROWS;
  for (let time = 0; time < 3; time += 1) {
    await press('End');
    before = await until('further on', async () => {
      const number = Number(await page.evaluate('longList.rowInFocus()'));
      return number > before && number;
    });
    assert.equal(before % PAGE_ROWS, PAGE_ROWS - 1);
    await page.getByText(new RegExp(`^${before + 1 + PAGE_ROWS}\\+ rows`)).waitFor();
  }
  await press('Home');
  await isAt(0);
  // One stop of the tabulator for the whole table, wherever it was scrolled to.
  assert.equal(await page.locator('.okm-scroll tbody tr[tabindex="0"]').count(), 1);
  // The list may still be on its way to the first row, and goes there once more, even after row 200 was seen.
  const far = page.getByRole('row', { name: order[200] ?? '' });
  await until('row 200 has the focus', async () => {
    await page.locator('.okm-scroll').evaluate((list) => list.scrollTo(0, 7_500));
    await far.focus({ timeout: 1_000 });
    return (await page.evaluate('longList.rowInFocus()')) === 200;
  });
  assert.equal(await page.locator('.okm-scroll tbody tr[tabindex="0"]').count(), 1);
  await press('Enter');
  await page.getByRole('heading', { name: `Data units: ${order[200]}` }).waitFor();
  assert.deepEqual(complaints, []);
  await page.context().close();
});
