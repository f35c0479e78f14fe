/** Walks through the web Manager as somebody of one role, and compares what each place offers with the matrix. It carries nothing out: every form is closed again. */
import assert from 'node:assert/strict';
import type { Locator, Page } from 'playwright-core';
import type { Place } from '../../manager/src/places.ts';
import { placeName, roleNames, TEXTS, words } from '../../manager/src/texts/en.ts';
import { ROLES, type Role } from '../../src/operations/operation.ts';
import { cellOf, expectedAt, mayGo } from './matrix-places.ts';

/** As a link inside the page does. */
export async function go(page: Page, path: string): Promise<void> {
  await page.evaluate(`history.pushState(null, '', ${JSON.stringify(path)})`);
}

const OUTSIDE_TABS = 'button[data-operation]:not([role=tabpanel] *)';

interface Marked {
  getAttribute(name: string): string | null;
}

/** What there is to do, by operation; those that are off are named with a minus. */
async function actsIn(place: Locator, buttons = OUTSIDE_TABS): Promise<string[]> {
  const acts = await place
    .locator(buttons)
    .evaluateAll((found: Marked[]) =>
      found.map(
        (one) =>
          `${one.getAttribute('aria-disabled') === 'true' ? '-' : ''}${one.getAttribute('data-operation')}`,
      ),
    );
  return [...new Set(acts)];
}
const named = (acts: readonly string[]) => acts.map((act) => act.replace(/^-/, '')).sort();

/** It has asked for what it shows, and shows it. */
export async function settled(page: Page): Promise<void> {
  const main = page.getByRole('main');
  await main.locator('.okm-row, .pf-v6-c-empty-state, .pf-v6-c-description-list').first().waitFor();
  await main.getByText(TEXTS.loading).waitFor({ state: 'hidden' });
}

/** What is there, for the table; it throws where that is not what the matrix says. */
export async function lookAt(page: Page, place: Place, role: Role): Promise<string> {
  const { whole, ofRow, opens } = expectedAt(place, role);
  await go(page, place.path);
  await page.getByRole('heading', { level: 1, name: placeName(place.path), exact: true }).waitFor();
  if (place.act !== undefined) return 'act';
  await settled(page);
  const main = page.getByRole('main');
  const hasRow = (await main.locator('.okm-row').count()) > 0;
  const acts = await actsIn(main);
  assert.deepEqual(named(acts), [...whole, ...(hasRow && !opens ? ofRow : [])].sort(), place.path);
  await lookAtForms(page, acts, role);
  if (place.list === undefined) return `${whole.length}`;
  if (!hasRow) return `${whole.length}+?`;
  if (!opens) return `${whole.length}+${ofRow.length}`;
  return `${whole.length}+${ofRow.length}${await lookAtFirst(page, place, role)}`;
}

/** The details of the first row. */
async function lookAtFirst(page: Page, place: Place, role: Role): Promise<string> {
  const { ofRow, tabs } = expectedAt(place, role);
  const main = page.getByRole('main');
  await main.locator('.okm-row').first().focus();
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: `${placeName(place.path)}: ` }).waitFor();
  await settled(page);
  const acts = await actsIn(main);
  assert.deepEqual(named(acts), [...ofRow].sort(), `${place.path}/...`);
  await lookAtForms(page, acts, role);
  const titles = tabs.map(({ tab: { list, title } }) => title ?? words(list.replace(/^list/, '')));
  assert.deepEqual(await main.getByRole('tab').allTextContents(), titles, `tabs of ${place.path}`);
  for (const [index, { whole, ofRow: ofTabRow }] of tabs.entries()) {
    await main.getByRole('tab').nth(index).click();
    const panel = main.getByRole('tabpanel');
    await panel.locator('.okm-row').or(panel.getByText(TEXTS.nothing)).first().waitFor();
    const hasRow = (await panel.locator('.okm-row').count()) > 0;
    const there = await actsIn(panel, 'button[data-operation]');
    assert.deepEqual(named(there), [...whole, ...(hasRow ? ofTabRow : [])].sort(), titles[index]);
    await lookAtForms(page, there, role);
  }
  return tabs.map(({ whole, ofRow: ofTabRow }) => ` t${whole.length}+${ofTabRow.length}`).join('');
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
    await dialog.locator(`form[data-operation=${act}]`).waitFor({ state: 'attached' });
    const asksForQuorum = (await dialog.getByText(TEXTS.quorum).count()) > 0;
    assert.equal(asksForQuorum, cellOf(act, role) === 'quorum', `${act}: credentials`);
    await dialog.getByRole('button', { name: TEXTS.cancel }).click();
    await dialog.waitFor({ state: 'hidden' });
  }
}

/** Also for who follows a link that somebody else has sent. */
export async function isRefused(page: Page, place: Place, role: Role): Promise<string> {
  await go(page, place.path);
  await page.getByRole('heading', { level: 1, name: TEXTS.notForYou }).waitFor();
  const whose = ROLES.filter((one) => mayGo(place, one));
  const text = TEXTS.notForYouText(placeName(place.path), roleNames(whose), roleNames([role]));
  await page.getByText(text).waitFor();
  return '';
}
