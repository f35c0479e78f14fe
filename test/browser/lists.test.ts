/** What every list of the web Manager can do, each point in Debian's Chromium: all operators of its filters, order, pages, columns, another look, a report, an address to pass on, and rows that stand out. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { BulkWriter } from '../../bench/bulk-writer.ts';
import { createSite } from '../../src/operations/sites.ts';
import { COMPLIANCE, OFFICER, OPERATOR, type Person, TestKma } from '../support/kma.ts';
import { until } from '../support/until.ts';
import { logIn, openBrowser, openWindow } from './browser.ts';

const PAGES = fileURLToPath(new URL('../../manager/dist', import.meta.url));
/** A browser on a machine with much to do. */
const LONG_MS = 60_000;
/** More than a page of a list. */
const SITES = 250;
const siteName = (number: number) => `s${String(number).padStart(3, '0')}`;

let kma: TestKma;
let browser: Browser;

before(async () => {
  kma = await TestKma.start({ pages: PAGES });
  await kma.stop();
  {
    using writer = await BulkWriter.open(kma.data);
    for (let number = 1; number <= SITES; number += 1) {
      const site = { site: siteName(number), description: number % 2 === 0 ? 'even' : '' };
      writer.did(createSite, site, undefined, { kind: 'local' });
    }
  }
  await kma.resume();
  browser = await openBrowser(kma);
});
after(async () => {
  await browser?.close();
  await kma?.[Symbol.asyncDispose]();
});

async function pageOf(person: Person, path: string): Promise<{ page: Page; complaints: string[] }> {
  const window = await openWindow(browser, `https://127.0.0.1:${kma.webPort}`);
  window.page.setDefaultTimeout(LONG_MS);
  await logIn(window, person.name, person.passphrase);
  await window.page.getByRole('heading', { name: 'Overview' }).waitFor();
  await window.page.goto(path);
  await window.page.getByRole('gridcell').first().waitFor();
  return window;
}

const rowsSay = (page: Page, text: string) => page.getByText(text, { exact: true }).waitFor();
const firstCells = (page: Page) => page.locator('.okm-scroll tbody tr td:first-child').allTextContents();
const heads = (page: Page) => page.locator('.okm-scroll thead th').allTextContents();
const addressOf = (page: Page) => new URL(page.url()).searchParams;

test('a filter can be built with each operator that the KMA has, and the operators add up', async () => {
  const { page, complaints } = await pageOf(OFFICER, '/sites');
  /** Operator as it is shown, value, and how many sites fit. */
  const filters: readonly (readonly [string, string, string | null, string])[] = [
    ['Site', '= is', 's007', '1 row'],
    ['Site', '<> is not', 's007', '200+ rows'],
    ['Site', '< less than', 's004', '3 rows'],
    ['Site', '> more than', 's248', '3 rows'],
    ['Site', '<= at most', 's004', '4 rows'],
    ['Site', '>= at least', 's248', '4 rows'],
    ['Site', '~ begins with', 's00', '9 rows'],
    ['Description', 'is empty', null, '126 rows'],
    ['Description', 'is not empty', null, '125 rows'],
  ];
  const offered = await page.getByLabel('Operator').getByRole('option').allTextContents();
  assert.deepEqual(new Set(offered), new Set(filters.map(([, operator]) => operator)));
  const add = async (column: string, operator: string, value: string | null) => {
    await page.getByLabel('Column', { exact: true }).selectOption({ label: column });
    await page.getByLabel('Operator').selectOption({ label: operator });
    const field = page.getByLabel('Value', { exact: true });
    if (value === null) assert.ok(await field.isDisabled());
    else await field.fill(value);
    await page.getByRole('button', { name: 'Add filter' }).click();
  };
  for (const [column, operator, value, rows] of filters) {
    await add(column, operator, value);
    await rowsSay(page, rows);
    await page.getByRole('button', { name: 'Remove filter' }).click();
    await rowsSay(page, '200+ rows');
  }
  await add('Site', '~ begins with', 's00');
  await add('Description', 'is empty', null);
  await rowsSay(page, '5 rows');
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('a column with a few values offers them, and what is set can be taken away one by one or all at once', async () => {
  const { page, complaints } = await pageOf(COMPLIANCE, '/audit-events');
  await page.getByLabel('Column', { exact: true }).selectOption({ label: 'Severity' });
  const value = page.getByLabel('Value', { exact: true });
  assert.deepEqual(await value.getByRole('option').allTextContents(), ['', 'success', 'warning', 'error']);
  await value.selectOption('success');
  await page.getByRole('button', { name: 'Add filter' }).click();
  await page.getByText('severity=success').waitFor();
  await page.getByLabel('Column', { exact: true }).selectOption({ label: 'Operation' });
  await value.fill('CreateSite');
  await page.getByRole('button', { name: 'Add filter' }).click();
  await page.getByText('operation=CreateSite').waitFor();
  assert.deepEqual(addressOf(page).getAll('filter'), ['severity=success', 'operation=CreateSite']);
  await page.getByRole('button', { name: 'Remove filter severity=success' }).click();
  await page.getByText('severity=success').waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await page.getByText('operation=CreateSite').waitFor({ state: 'detached' });
  assert.equal(addressOf(page).size, 0);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('a click on the head of a column sorts by it, another one the other way round, and pages follow in that order', async () => {
  const { page, complaints } = await pageOf(OFFICER, '/sites');
  const bySite = page.getByRole('button', { name: 'Site', exact: true });
  await bySite.click();
  await page
    .getByRole('columnheader', { name: 'Site', exact: true })
    .and(page.locator('[aria-sort="ascending"]'))
    .waitFor();
  await until('the first by name', async () => (await firstCells(page))[0] === siteName(1));
  await bySite.click();
  await page.locator('th[aria-sort="descending"]').waitFor();
  await until('the last by name', async () => (await firstCells(page))[0] === 'site-a');
  assert.equal(addressOf(page).get('sort'), '-site');
  await rowsSay(page, '200+ rows');
  await page.getByRole('row').nth(1).focus();
  await page.keyboard.press('End');
  await rowsSay(page, `${SITES + 1} rows`);
  await page.keyboard.press('End');
  await until('the end of the list', async () => (await firstCells(page)).at(-1) === siteName(1));
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('columns are chosen, and who is passed the address sees the same columns, order and filters', async () => {
  const { page, complaints } = await pageOf(OFFICER, '/sites?filter=description%3Deven&sort=-site');
  await rowsSay(page, `${SITES / 2} rows`);
  assert.deepEqual(await heads(page), ['Site', 'Description', 'Created']);
  await page.getByRole('button', { name: 'Columns' }).click();
  for (const name of ['Description', 'Created']) await page.getByRole('menuitem', { name }).click();
  await page.keyboard.press('Escape');
  await until('one column', async () => (await heads(page)).length === 1);
  assert.equal(addressOf(page).get('columns'), 'site');
  const other = await pageOf(OPERATOR, new URL(page.url()).pathname + new URL(page.url()).search);
  await rowsSay(other.page, `${SITES / 2} rows`);
  assert.deepEqual(await heads(other.page), ['Site']);
  assert.equal((await firstCells(other.page))[0], siteName(SITES));
  assert.deepEqual([...complaints, ...other.complaints], []);
  await other.page.context().close();
  await page.context().close();
});

test('another look shows what has changed since, and a report holds the whole list as it is filtered and sorted', async () => {
  const { page, complaints } = await pageOf(OFFICER, '/sites?filter=description%3Deven&sort=-site');
  await kma.ask('ModifySite', { site: siteName(2), description: 'odd' }, OFFICER);
  await page.getByRole('button', { name: 'Refresh' }).click();
  await rowsSay(page, `${SITES / 2 - 1} rows`);
  const saved = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save report' }).click();
  const report = await saved;
  assert.equal(report.suggestedFilename(), 'listSites.tsv');
  const lines = readFileSync(await report.path(), 'utf8')
    .trim()
    .split('\n');
  const sites = lines.slice(1).map((line) => line.split('\t')[0]);
  const even = Array.from({ length: SITES / 2 - 1 }, (_, index) => siteName(SITES - 2 * index));
  assert.deepEqual(sites, even);
  await kma.ask('ModifySite', { site: siteName(2), description: 'even' }, OFFICER);
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('a filter that the KMA refuses is told in its words, beside the list, and so is a report that cannot be had', async () => {
  const { page, complaints } = await pageOf(OFFICER, '/sites');
  await page.route('**/v1/sites', (route) => route.fulfill({ status: 503, body: '' }));
  await page.getByRole('button', { name: 'Save report' }).click();
  await page.getByText('The KMA does not answer').waitFor();
  await page.goto('/sites?filter=nonsense%3D1');
  await page
    .getByText(/FILTER|filter/)
    .first()
    .waitFor();
  assert.equal(await page.getByRole('gridcell').count(), 0);
  assert.ok(complaints.splice(0).every((text) => /503|400/.test(text)));
  await page.context().close();
});

test('an empty list says how to make the first one to who may, and a filter that fits nothing says so', async () => {
  const { page, complaints } = await openWindow(browser, `https://127.0.0.1:${kma.webPort}`);
  page.setDefaultTimeout(LONG_MS);
  await logIn({ page, complaints, context: page.context() }, OFFICER.name, OFFICER.passphrase);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.goto('/snmp-managers');
  await page.getByText('"Create SNMP manager" makes the first one.').waitFor();
  await page.goto('/sites?filter=site%3Dnowhere');
  await page.getByText('Nothing fits these filters').waitFor();
  await page.getByText('Remove a filter, or choose another value.').waitFor();
  await page.getByRole('button', { name: 'Clear filters' }).click();
  await rowsSay(page, '200+ rows');
  assert.deepEqual(complaints, []);
  await page.context().close();
});

test('errors are red and warnings yellow in the audit, and in the dark too', async () => {
  await kma.answer('CreateSite', { site: siteName(1) }, OFFICER);
  const { page, complaints } = await pageOf(COMPLIANCE, '/audit-events?filter=severity%3Derror');
  await page.locator('.okm-row-bad').first().waitFor();
  for (const [severity, isOfColour] of [
    ['error', isRed],
    ['warning', isYellow],
    ['success', isNeither],
  ] as const) {
    await page.goto(`/audit-events?filter=severity%3D${severity}`);
    const cell = page.locator('.okm-scroll tbody tr td').first();
    await cell.waitFor();
    for (const dark of ['false', 'true']) {
      await page.evaluate(`document.documentElement.classList.toggle('pf-v6-theme-dark', ${dark})`);
      const shadow = String(await page.evaluate(SHADOW_OF_FIRST));
      assert.ok(isOfColour(shadow), `${severity}, dark ${dark}: ${shadow}`);
    }
    assert.equal((await page.getByRole('gridcell', { name: severity, exact: true }).count()) > 0, true);
  }
  assert.deepEqual(complaints, []);
  await page.context().close();
});

const SHADOW_OF_FIRST = "getComputedStyle(document.querySelector('.okm-scroll tbody tr td')).boxShadow";

function colour(shadow: string): readonly [number, number, number] | null {
  const [, red, green, blue] = /rgb\((\d+), (\d+), (\d+)\)/.exec(shadow) ?? [];
  return blue === undefined ? null : [Number(red), Number(green), Number(blue)];
}
function isRed(shadow: string): boolean {
  const [red, green, blue] = colour(shadow) ?? [0, 0, 0];
  return red > 150 && green < red / 2 && blue < red / 2;
}
function isYellow(shadow: string): boolean {
  const [red, green, blue] = colour(shadow) ?? [0, 0, 0];
  return red > 150 && green > red / 2 && blue < green / 2;
}
function isNeither(shadow: string): boolean {
  return shadow === 'none';
}
