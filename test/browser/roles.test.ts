/** The web Manager as somebody of each role finds it: every place, button, form and tab beside the matrix, cell by cell; and that no page complains of anything meanwhile. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Locator, Page } from 'playwright-core';
import { PLACES, type Place } from '../../manager/src/places.ts';
import { placeName, roleNames, TEXTS, words } from '../../manager/src/texts/en.ts';
import { ROLES, type Role } from '../../src/operations/operation.ts';
import { HOLDERS, OFFICER, OPERATOR, type TestKma } from '../support/kma.ts';
import { logIn, openBrowser, openWindow, type Window } from './browser.ts';
import { furnishedKma, PEOPLE } from './furnished.ts';
import { cellOf, expectedAt, mayGo, placesOf } from './matrix-places.ts';

/** A browser on a machine with much to do. */
const LONG_MS = 60_000;

let kma: TestKma;
let browser: Browser;

before(async () => {
  kma = await furnishedKma();
  browser = await openBrowser();
  await leavePending();
});
after(async () => {
  printTable();
  await browser?.close();
  await kma?.[Symbol.asyncDispose]();
});

async function windowOf(role: Role): Promise<Window> {
  const opened = await openWindow(browser, `https://127.0.0.1:${kma.webPort}`);
  opened.page.setDefaultTimeout(LONG_MS);
  const person = PEOPLE.find(([is]) => is === role)?.[1] ?? OFFICER;
  await logIn(opened, person.name, person.passphrase);
  await opened.page.getByRole('heading', { name: TEXTS.overview }).waitFor();
  return opened;
}

/** With one credential of two. */
async function leavePending(): Promise<void> {
  const { page, context, complaints } = await windowOf('SECURITY_OFFICER');
  await go(page, `/users/${OPERATOR.name}`);
  await page.locator('[data-operation=modifyUser]').click();
  const form = page.getByRole('dialog');
  await form.getByRole('textbox', { name: 'Description' }).fill('by day');
  await form.getByLabel('Name 1').fill(HOLDERS[0]?.name ?? '');
  await form.getByLabel('Passphrase 1').fill(HOLDERS[0]?.passphrase ?? '');
  await form.getByRole('button', { name: words('modifyUser') }).click();
  await page.getByRole('link', { name: TEXTS.seePending }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
}

/** As a link inside the page does. */
async function go(page: Page, path: string): Promise<void> {
  await page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)})`);
}

/** What there is to do, by operation; those that are off are named with a minus. */
function actsIn(place: Locator): Promise<string[]> {
  return place
    .locator('button[data-operation]')
    .evaluateAll(
      `(buttons) => [...new Set(buttons.map((one) => (one.getAttribute('aria-disabled') === 'true' ? '-' : '') + one.dataset.operation))]`,
    );
}
const named = (acts: readonly string[]) => acts.map((act) => act.replace(/^-/, '')).sort();

/** It has asked for what it shows, and shows it. */
async function settled(page: Page): Promise<void> {
  const main = page.getByRole('main');
  await main.locator('.okm-row, .pf-v6-c-empty-state, .pf-v6-c-description-list').first().waitFor();
  await main.getByText(TEXTS.loading).waitFor({ state: 'hidden' });
}

interface Found {
  readonly role: Role;
  readonly path: string;
  /** For the table. */
  readonly text: string;
}
const found: Found[] = [];

for (const role of ROLES)
  test(`${role}: places, buttons, forms and tabs are those of the matrix, and nothing complains`, async () => {
    const { page, context, complaints } = await windowOf(role);
    const links = await page.getByRole('navigation').getByRole('link').allTextContents();
    const expected = placesOf(role).map(({ path }) => placeName(path));
    assert.deepEqual(links.sort(), [TEXTS.overview, ...expected].sort());
    for (const place of PLACES) {
      const text = mayGo(place, role)
        ? await lookAt(page, place, role).catch((cause) => {
            throw new Error(`${place.path} as ${role}`, { cause });
          })
        : await isRefused(page, place, role);
      found.push({ role, path: place.path, text });
    }
    assert.deepEqual(complaints, []);
    await context.close();
  });

async function lookAt(page: Page, place: Place, role: Role): Promise<string> {
  const { whole, ofRow, tabs, opens } = expectedAt(place, role);
  await go(page, place.path);
  await page.getByRole('heading', { level: 1, name: placeName(place.path), exact: true }).waitFor();
  await settled(page);
  const main = page.getByRole('main');
  const rows = await main.getByRole('grid').getByRole('row').count();
  const hasRow = rows > 1;
  const inList = hasRow && !opens;
  const acts = await actsIn(main);
  assert.deepEqual(named(acts), [...whole, ...(inList ? ofRow : [])].sort(), place.path);
  await lookAtForms(page, acts, role);
  if (place.list === undefined || !hasRow) return `${acts.length}${place.list === undefined ? '' : '+?'}`;
  if (!opens) return `${whole.length}+${ofRow.length}`;
  await main.locator('.okm-row').first().focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: `${placeName(place.path)}: ` }).waitFor();
  await settled(page);
  const ofOne = await actsIn(main);
  assert.deepEqual(named(ofOne), [...ofRow].sort(), `${place.path}/...`);
  await lookAtForms(page, ofOne, role);
  assert.deepEqual(
    await main.getByRole('tab').allTextContents(),
    tabs.map((list) => words(list.replace(/^list/, ''))),
    `tabs of ${place.path}`,
  );
  return `${whole.length}+${ofRow.length}${tabs.length === 0 ? '' : `t${tabs.length}`}`;
}

/** Each opens its form, which asks for credentials where the matrix wants a quorum; what is off says why. */
async function lookAtForms(page: Page, acts: readonly string[], role: Role): Promise<void> {
  for (const act of acts) {
    const button = page.locator(`button[data-operation=${named([act])[0]}]`).first();
    if (act.startsWith('-')) {
      await button.focus();
      assert.ok(((await page.getByRole('tooltip').textContent()) ?? '').length > 10, act);
      await page.keyboard.press('Escape');
      await page.getByRole('tooltip').waitFor({ state: 'hidden' });
      continue;
    }
    await button.click();
    const dialog = page.getByRole('dialog');
    await dialog.locator(`form[data-operation=${act}]`).waitFor();
    const asksForQuorum = (await dialog.getByText(TEXTS.quorum).count()) > 0;
    assert.equal(asksForQuorum, cellOf(act, role) === 'quorum', `${act}: credentials`);
    await dialog.getByRole('button', { name: TEXTS.cancel }).click();
    await dialog.waitFor({ state: 'hidden' });
  }
}

/** Also for who has the address. */
async function isRefused(page: Page, place: Place, role: Role): Promise<string> {
  await page.goto(place.path);
  await page.getByRole('heading', { level: 1, name: TEXTS.notForYou }).waitFor();
  const whose = ROLES.filter((one) => mayGo(place, one));
  const text = TEXTS.notForYouText(placeName(place.path), roleNames(whose), roleNames([role]));
  await page.getByText(text).waitFor();
  return '';
}

/** Place by role: buttons of the place + of a row, t and the number of tabs; "?" where there was no row to look at. */
function printTable(): void {
  const short = ROLES.map((role) =>
    role
      .split('_')
      .map((word) => word.slice(0, 8).toLowerCase())
      .join(' '),
  );
  const line = (first: string, cells: readonly string[]) =>
    `${first.padEnd(22)}${cells.map((cell) => cell.padEnd(18)).join('')}`.trimEnd();
  const rows = PLACES.map(({ path }) =>
    line(
      path,
      ROLES.map((role) => found.find((one) => one.role === role && one.path === path)?.text || '-'),
    ),
  );
  process.stdout.write(
    `place by role: "-" not for it, else acts of the place + of a row, t tabs, "+?" no row was there\n${[line('', short), ...rows].join('\n')}\n`,
  );
}
