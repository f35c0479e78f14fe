/** What two KMAs have served, in the web Manager of one: a line for each, the kinds of one, and in words what is not known. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { hourOf } from '../../src/core/agent-performance.ts';
import { type ClusterKma, TestCluster } from '../support/cluster.ts';
import { OFFICER } from '../support/kma.ts';
import { logIn, openBrowser, openWindow } from './browser.ts';
import { PAGES } from './furnished.ts';

const OFFSETS = [7_000, 20_000] as const;
/** The page looks every quarter of a minute. */
const SEEN_MS = 90_000;

const cluster = new TestCluster(randomInt(...OFFSETS), PAGES);
let browser: Browser;
let cellar: ClusterKma;
let tower: ClusterKma;

before(async () => {
  cellar = await cluster.first('kma-cellar', '127.0.9.31');
  tower = await cluster.joined(cellar, 'kma-tower', '127.0.9.32');
  browser = await openBrowser({ host: cellar.host, webPort: cellar.ports.web });
});
after(async () => {
  await browser?.close();
  await cluster[Symbol.asyncDispose]();
});

test('of the other KMA nothing is shown before it has told; then each is a line, and one of them is shown by kind', async () => {
  const hour = hourOf(Date.now());
  const window = await openWindow(browser, `https://${cellar.host}:${cellar.ports.web}`);
  const { page, complaints, context } = window;
  page.setDefaultTimeout(SEEN_MS);
  await logIn(window, OFFICER.name, OFFICER.passphrase);
  await page.getByRole('heading', { name: 'Overview' }).waitFor();
  await page.goto('/kma-performance');
  await page.getByRole('heading', { name: 'Calls of agents in each hour' }).waitFor();
  const legend = page.locator('.okm-chart .u-legend');
  const silent = page.getByText('Nothing is known of what kma-tower served in this time');
  await legend.getByText('kma-cellar').waitFor();
  await silent.or(legend.getByText('kma-tower')).first().waitFor();
  if (hourOf(Date.now()) === hour) assert.equal(await silent.count(), 1);
  await tower.ask('ListSites', {});
  await tower.stop();
  await legend.getByText('kma-tower').waitFor();
  assert.equal(await silent.count(), 0);
  await page.reload();
  await page
    .getByRole('row', { name: /kma-tower/ })
    .first()
    .waitFor();
  await page.getByLabel('KMA shown').selectOption('kma-tower');
  await legend.getByText('Keys created').waitFor();
  await legend.getByText('Answered busy').waitFor();
  assert.equal(await legend.getByText('kma-cellar').count(), 0);
  await page.getByLabel('KMA shown').selectOption('all KMAs');
  await page.getByLabel('Time shown').selectOption('last week');
  await page.getByRole('heading', { name: 'Calls of agents on each day' }).waitFor();
  await legend.getByText('kma-tower').waitFor();
  await context.close();
  assert.deepEqual(complaints, []);
});
