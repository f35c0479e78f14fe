/** The web Manager as somebody of each role finds it: every place, button, form and tab beside the matrix, cell by cell; and that no page complains of anything meanwhile. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { PLACES } from '../../manager/src/places.ts';
import { placeName, TEXTS } from '../../manager/src/texts/en.ts';
import { ROLES, type Role } from '../../src/operations/operation.ts';
import { HOLDERS, OFFICER, OPERATOR, type TestKma } from '../support/kma.ts';
import { logIn, openBrowser, openWindow, type Window } from './browser.ts';
import { furnishedKma, PEOPLE } from './furnished.ts';
import { mayGo, placesOf } from './matrix-places.ts';
import { go, isRefused, lookAt } from './role-walk.ts';

/** A browser on a machine with much to do. */
const LONG_MS = 60_000;

let kma: TestKma;
let browser: Browser;

before(async () => {
  kma = await furnishedKma();
  browser = await openBrowser(kma);
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

test('something waits for a quorum, so that there is a row of it', async () => {
  const { page, context, complaints } = await windowOf('SECURITY_OFFICER');
  await go(page, `/users/${OPERATOR.name}`);
  await page.locator('[data-operation=modifyUser]').click();
  const form = page.getByRole('dialog');
  await form.getByRole('textbox', { name: 'Description' }).fill('by day');
  await form.getByLabel('Name 1').fill(HOLDERS[0]?.name ?? '');
  await form.getByLabel('Passphrase 1').fill(HOLDERS[0]?.passphrase ?? '');
  await form.locator('button[type=submit]').click();
  await page.getByRole('link', { name: TEXTS.seePending }).waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

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
    const differences: string[] = [];
    for (const place of PLACES)
      try {
        const text = mayGo(place, role)
          ? await lookAt(page, place, role)
          : await isRefused(page, place, role);
        found.push({ role, path: place.path, text });
      } catch (error) {
        differences.push(`${place.path}: ${String(error)}`);
      }
    assert.deepEqual(differences, []);
    assert.deepEqual(complaints, []);
    await context.close();
  });

/** Place by role: acts of the place + of a row, and of each tab of its details. */
function printTable(): void {
  const short = ROLES.map((role) =>
    role
      .split('_')
      .map((word) => word.slice(0, 8).toLowerCase())
      .join(' '),
  );
  const line = (first: string, cells: readonly string[]) =>
    `${first.padEnd(22)}${cells.map((cell) => cell.padEnd(24)).join('')}`.trimEnd();
  const rows = PLACES.map(({ path }) =>
    line(
      path,
      ROLES.map((role) => found.find((one) => one.role === role && one.path === path)?.text || '-'),
    ),
  );
  process.stdout.write(
    `place by role: "-" not for it, else acts of the place + of a row, then of each tab; "?" no row was there\n${[line('', short), ...rows].join('\n')}\n`,
  );
}
