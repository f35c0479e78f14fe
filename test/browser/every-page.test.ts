/** Every place of the web Manager, with its forms, details and tabs, under the rules of WCAG 2.2 AA, for somebody who has all roles. A new place is looked at without another line here. */
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import type { Page } from 'playwright-core';
import { PLACES, type Place } from '../../manager/src/places.ts';
import { placeName, TEXTS } from '../../manager/src/texts/en.ts';
import { ROLES } from '../../src/operations/operation.ts';
import { HOLDERS, OFFICER, OPERATOR, QUORUM } from '../support/kma.ts';
import { violations } from './axe.ts';
import { fill, fillQuorum, openForm } from './forms.ts';
import { furnishedKma } from './furnished.ts';
import { ManagerKma, type Opened } from './manager-kma.ts';
import { noteThreeConflicts } from './noted-conflicts.ts';
import { go, settled } from './role-walk.ts';

const ALL = { name: 'everything', passphrase: 'Wears-all-hats-9' };
/** Nothing makes rows of these at a KMA that is alone and well. */
const EMPTY = new Set(['/lost-kmas', '/perhaps-issued-keys']);

let manager: ManagerKma;
let opened: Opened;
before(async () => {
  const kma = await furnishedKma();
  await kma.ask('CreateUser', { user: ALL.name, roles: ROLES, passphrase: ALL.passphrase }, OFFICER, QUORUM);
  await noteThreeConflicts(kma);
  manager = await ManagerKma.of(kma);
  opened = await manager.at(ALL, `/users/${OPERATOR.name}`);
  await oneWaits(opened.page);
  await oneJob(opened.page);
});
after(async () => {
  try {
    await opened?.[Symbol.asyncDispose]();
  } finally {
    await manager?.[Symbol.asyncDispose]();
  }
});

/** With too few credentials something waits for a quorum, and it is told of. */
async function oneWaits(page: Page): Promise<void> {
  const form = await openForm(page, 'Modify user');
  await fill(form, { Description: 'by day' });
  await fillQuorum(form, HOLDERS.slice(0, 1));
  await form.getByRole('button', { name: 'Modify user' }).click();
  await page.getByRole('link', { name: TEXTS.seePending }).waitFor();
}

async function oneJob(page: Page): Promise<void> {
  await page.goto('/backups');
  const form = await openForm(page, 'Create database backup');
  await form.getByRole('button', { name: 'Create database backup' }).click();
  await page.getByText('Create database backup: It is under way').waitFor();
}

/** By where it was, of one test. */
const found: string[] = [];
/** Whatever a test before it has left when it failed. */
beforeEach(async () => {
  found.length = 0;
  const { page } = opened;
  if ((await page.getByRole('dialog').count()) > 0) await page.reload();
});

async function look(page: Page, where: string): Promise<void> {
  for (const one of await violations(page)) found.push(`${where}: ${one}`);
}

async function lookAtForms(page: Page, where: string, within = 'main'): Promise<void> {
  const buttons = page.locator(`${within} button[data-operation]:not([aria-disabled=true])`);
  const acts = await buttons.evaluateAll((all: { getAttribute(name: string): string | null }[]) => [
    ...new Set(all.map((one) => one.getAttribute('data-operation') ?? '')),
  ]);
  for (const act of acts) {
    await page.locator(`${within} button[data-operation=${act}]`).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.locator('form').waitFor({ state: 'attached' });
    await look(page, `${where}, ${act}`);
    await dialog.getByRole('button', { name: TEXTS.cancel }).click();
    await dialog.waitFor({ state: 'hidden' });
  }
}

async function lookAtFirst(page: Page, { path }: Place): Promise<void> {
  await page.locator('main .okm-row').first().focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: `${placeName(path)}: ` }).waitFor();
  await settled(page);
  await look(page, `${path}/...`);
  await lookAtForms(page, `${path}/...`);
  const tabs = page.locator('main').getByRole('tab');
  for (let index = 0; index < (await tabs.count()); index += 1) {
    await tabs.nth(index).click();
    const panel = page.locator('main').getByRole('tabpanel');
    await panel.locator('.okm-row').or(panel.getByText(TEXTS.nothing)).first().waitFor();
    await look(page, `${path}/..., tab ${index + 1}`);
  }
}

for (const place of PLACES)
  test(`${place.path}: the page, its forms, its first thing and that one's tabs`, async () => {
    const { page } = opened;
    await go(page, place.path);
    await page.getByRole('heading', { level: 1, name: placeName(place.path), exact: true }).waitFor();
    if (place.act === undefined) await settled(page);
    await look(page, place.path);
    await lookAtForms(page, place.path);
    const rows = await page.locator('main .okm-row').count();
    if (place.list !== undefined) assert.equal(rows > 0, !EMPTY.has(place.path), `rows of ${place.path}`);
    if (place.list !== undefined && place.show !== undefined && rows > 0) await lookAtFirst(page, place);
    assert.deepEqual(found, []);
  });

test('what pages show after somebody has acted: the doctor, a system dump, an enrolment sheet, nothing at all', async () => {
  const { page } = opened;
  await go(page, '/doctor');
  await page.getByRole('button', { name: 'Let the doctor look' }).click();
  await page.locator('main .pf-v6-c-alert').first().waitFor();
  await look(page, '/doctor');
  await go(page, '/system-dump');
  await page.getByRole('button', { name: 'Create system dump' }).click();
  await page.getByText('The dump is made').waitFor();
  await look(page, '/system-dump');
  await go(page, '/agents/drive-1/sheet');
  await page.locator('pre', { hasText: 'okm-agent enroll' }).waitFor();
  await look(page, '/agents/drive-1/sheet');
  await go(page, '/nowhere');
  await page.getByRole('heading', { level: 1, name: TEXTS.noSuchPage }).waitFor();
  await look(page, '/nowhere');
  assert.deepEqual(found, []);
});

test('every place in the dark and 320 pixels wide: nothing is hard to read, nothing sticks out', async () => {
  const { page } = opened;
  await page.setViewportSize({ width: 320, height: 800 });
  await page.getByRole('button', { name: ALL.name }).click();
  await page.getByRole('menuitem', { name: 'Dark theme' }).click();
  await page.keyboard.press('Escape');
  for (const place of PLACES) {
    await go(page, place.path);
    await page.getByRole('heading', { level: 1, name: placeName(place.path), exact: true }).waitFor();
    if (place.act === undefined) await settled(page);
    await look(page, `${place.path}, narrow and dark`);
    const wide: number = await page.evaluate('document.documentElement.scrollWidth');
    if (wide > 320) found.push(`${place.path}: ${wide} pixels wide`);
  }
  assert.deepEqual(found, []);
});
