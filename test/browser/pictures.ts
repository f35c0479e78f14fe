/** `npm run pictures`: takes the pictures of docs/manager.md in a real browser, of a KMA with something in it. It judges nothing. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { buildManager } from '../../scripts/build-manager.ts';
import { COMPLIANCE, HOLDERS, OFFICER, OPERATOR, type Person, QUORUM, TestKma } from '../support/kma.ts';
import { logIn, openBrowser, openWindow } from './browser.ts';
import { takeClusterPictures } from './cluster-pictures.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const INTO = join(root, 'docs/manager');
const SIZE = { width: 1280, height: 800 };
const TAPES = 6;
/** Charts and pictures of letters. */
const SETTLED_MS = 1_000;

if (!buildManager()) process.exit(1);
mkdirSync(INTO, { recursive: true });
const pages = join(root, 'manager/dist');
await using kma = await TestKma.start({ host: '127.0.9.1', pages });
await furnish();
const browser = await openBrowser(kma);
const origin = `https://127.0.9.1:${kma.webPort}`;

await as(null, [['log-in', '/']]);
await as(OPERATOR, [
  ['agents', '/agents'],
  ['data-units', '/data-units'],
]);
await as(OPERATOR, [['data-unit', '/data-units']], async (page) => {
  await page.getByRole('gridcell').first().click();
  await page.getByRole('tab').first().waitFor();
});
await as(COMPLIANCE, [['audit', '/audit-events']]);
await as(OFFICER, [['pending', '/users']], submit);
await as(OFFICER, [['destroy', '/sites']], async (page) => {
  await page.getByRole('gridcell').first().click();
  await page.getByRole('button', { name: 'Delete site' }).click();
  await page.getByRole('dialog').waitFor();
});
await as(OFFICER, [['overview', '/']]);
await as(OFFICER, [['dark', '/']], async (page) => {
  await page.getByRole('button', { name: OFFICER.name }).click();
  await page.getByRole('menuitem', { name: 'Dark theme' }).click();
  await page.keyboard.press('Escape');
});
await as(OFFICER, [['narrow', '/kmas']], (page) => page.setViewportSize({ width: 400, height: 800 }));
await takeClusterPictures(browser, { pages, into: INTO, size: SIZE });
await browser.close();

/** Keys of some tapes, another KMA that does not answer any more, somebody who waits for approval. */
async function furnish(): Promise<void> {
  const drive = await kma.agent('drive-1');
  for (let tape = 1; tape <= TAPES; tape += 1) {
    const { dataUnitId } = await drive.createDataUnit({ externalTag: `TAPE-000${tape}` });
    await drive.createKey({ dataUnitId });
  }
  drive.close();
  const passphrase = 'Joins-the-others-1';
  const entry = {
    kma: 'kma-cellar',
    passphrase,
    managementAddress: '127.0.9.2',
    serviceAddress: '127.0.9.2',
  };
  await kma.ask('CreateKma', entry, OFFICER, QUORUM);
}

/** With one credential of two. */
async function submit(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Create user' }).first().click();
  const form = page.getByRole('dialog');
  await form.getByRole('textbox', { name: 'User' }).fill('newcomer');
  await form.getByLabel('AUDITOR').check();
  await form.getByRole('textbox', { name: 'Passphrase', exact: true }).fill('Brand-new-here-9');
  await form.getByRole('textbox', { name: 'Passphrase, once more' }).fill('Brand-new-here-9');
  await form.getByLabel('Name 1').fill(HOLDERS[0]?.name ?? '');
  await form.getByLabel('Passphrase 1').fill(HOLDERS[0]?.passphrase ?? '');
  await form.getByRole('button', { name: 'Create user' }).click();
  await page.getByRole('link', { name: 'See what is pending' }).click();
  await page.locator('.okm-comparison').waitFor();
}

async function as(
  person: Person | null,
  pictures: readonly (readonly [string, string])[],
  act: (page: Page) => Promise<unknown> = async () => undefined,
): Promise<void> {
  const window = await openWindow(browser, origin);
  const { page, context } = window;
  await page.setViewportSize(SIZE);
  if (person !== null) {
    await logIn(window, person.name, person.passphrase);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
  }
  for (const [name, path] of pictures) {
    await page.goto(path);
    await page.waitForLoadState('networkidle');
    await act(page);
    await page.waitForTimeout(SETTLED_MS);
    await page.screenshot({ path: join(INTO, `${name}.png`) });
  }
  await context.close();
}
