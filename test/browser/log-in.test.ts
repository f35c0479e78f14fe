/** Log-in and log-out of the web Manager in a browser: too many wrong passphrases, the way back in, and sessions that nobody uses. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Browser, Page } from 'playwright-core';
import { TEXTS } from '../../manager/src/texts/en.ts';
import { AUDITOR, HOLDERS, OFFICER, type Person, TestKma } from '../support/kma.ts';
import { until } from '../support/until.ts';
import { logIn, openBrowser, openWindow, type Window } from './browser.ts';
import { PAGES } from './furnished.ts';

/** A browser on a machine with much to do; longer than the shortest session. */
const LONG_MS = 150_000;
const ATTEMPTS = 3;

let kma: TestKma;
let browser: Browser;

before(async () => {
  kma = await TestKma.start({ pages: PAGES });
  browser = await openBrowser(kma);
  await kma.ask('ModifySecurityParameters', { loginAttemptLimit: ATTEMPTS }, OFFICER);
});
after(async () => {
  await browser?.close();
  await kma?.[Symbol.asyncDispose]();
});

async function opened(): Promise<Window> {
  const window = await openWindow(browser, `https://127.0.0.1:${kma.webPort}`);
  window.page.setDefaultTimeout(LONG_MS);
  return window;
}
const isIn = (page: Page) => page.getByRole('heading', { name: TEXTS.overview }).waitFor();

/** What the page says to a log-in that is refused; it lets somebody try again as often as the KMA asks him to wait. */
async function refusalOf(window: Window, { name, passphrase }: Person): Promise<string> {
  for (;;) {
    await logIn(window, name, passphrase);
    const alert = window.page.locator('.pf-v6-c-alert.pf-m-danger');
    await alert.waitFor();
    const text = (await alert.textContent()) ?? '';
    if (!/wait \d+ s/.test(text)) return text;
  }
}

/** Refusals of a log-in are told as failed requests as well. */
const unexpected = ({ complaints }: Window) => complaints.filter((text) => !/401|503/.test(text));

test('too many wrong passphrases end the passphrase, not the session: a Security Officer sets a new one', async () => {
  const before = await opened();
  await logIn(before, AUDITOR.name, AUDITOR.passphrase);
  await isIn(before.page);
  const guessing = await opened();
  const wrong = { ...AUDITOR, passphrase: 'Wrong-one-indeed-1' };
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) await refusalOf(guessing, wrong);
  await until(
    'the passphrase is disabled',
    async () => (await shownUser(AUDITOR)).passphraseUsable === false,
  );
  const text = await refusalOf(guessing, AUDITOR);
  assert.match(text, /Authentication failed/);
  assert.match(text, /after too many failures a new passphrase must be set/);
  await before.page.getByRole('link', { name: 'Data units' }).click();
  await before.page.getByRole('heading', { name: 'Data units' }).waitFor();

  const officer = await opened();
  await logIn(officer, OFFICER.name, OFFICER.passphrase);
  await isIn(officer.page);
  await setPassphrase(officer.page, AUDITOR.name, 'Counts-once-more-6');
  await logIn(guessing, AUDITOR.name, 'Counts-once-more-6');
  await isIn(guessing.page);
  // A new passphrase ends what the old one had opened: the page may have noticed by itself, and has no such link then.
  const noticed = before.page.getByText(TEXTS.sessionOver);
  await Promise.any([
    before.page.getByRole('link', { name: 'Keys', exact: true }).click(),
    noticed.waitFor(),
  ]);
  await noticed.waitFor();
  for (const window of [before, guessing, officer]) {
    assert.deepEqual(unexpected(window), []);
    await window.context.close();
  }
});

interface ShownUser {
  readonly passphraseUsable: boolean;
}
const shownUser = ({ name }: Person) => kma.ask<ShownUser>('ShowUser', { user: name }, OFFICER);

async function setPassphrase(page: Page, user: string, passphrase: string): Promise<void> {
  await page.getByRole('link', { name: 'Users' }).click();
  await page.getByRole('gridcell', { name: user, exact: true }).click();
  await page.locator('button[data-operation=setUserPassphrase]').click();
  const form = page.getByRole('dialog');
  await form.locator('form[data-operation=setUserPassphrase]').waitFor();
  const [first, ...more] = await form.locator('input[type=password][autocomplete=new-password]').all();
  for (const field of first === undefined ? [] : [first, ...more]) await field.fill(passphrase);
  await form.getByRole('button', { name: TEXTS.oneMore }).click();
  for (const [index, holder] of HOLDERS.slice(0, 2).entries()) {
    await form.getByLabel(TEXTS.credentialName(index + 1)).fill(holder.name);
    await form.getByLabel(TEXTS.credentialPassphrase(index + 1)).fill(holder.passphrase);
  }
  await form.locator('button[type=submit]').click();
  await form.waitFor({ state: 'hidden' });
}

test('the only Security Officer waits after too many, and his passphrase counts again', async () => {
  const window = await opened();
  const wrong = { ...OFFICER, passphrase: 'Wrong-one-indeed-1' };
  for (let attempt = 1; attempt < ATTEMPTS; attempt += 1) await refusalOf(window, wrong);
  await logIn(window, OFFICER.name, wrong.passphrase);
  await window.page.locator('.pf-v6-c-alert.pf-m-danger').waitFor();
  await until(
    'the right passphrase opens the page',
    async () => {
      await logIn(window, OFFICER.name, OFFICER.passphrase);
      const inside = window.page.getByRole('heading', { name: TEXTS.overview });
      await inside.or(window.page.locator('.pf-v6-c-alert.pf-m-danger')).waitFor();
      return inside.isVisible();
    },
    LONG_MS,
  );
  assert.deepEqual(unexpected(window), []);
  await window.context.close();
});

const warning = (page: Page) => page.getByRole('dialog', { name: TEXTS.soonOver });

test('nobody there: a warning, then the end of the session; who answers the warning stays', async () => {
  // The shortest that can be set. The KMA's time is the machine's, so that this minute passes.
  await kma.ask('ModifySecurityParameters', { sessionInactivityMinutes: 1 }, OFFICER);
  const stays = await opened();
  const leaves = await opened();
  for (const window of [stays, leaves]) {
    await logIn(window, OFFICER.name, OFFICER.passphrase);
    await isIn(window.page);
  }
  assert.equal(await warning(stays.page).isVisible(), false, 'not at once');
  const goOn = async () => {
    await warning(stays.page).waitFor();
    await stays.page.getByRole('button', { name: TEXTS.goOn }).click();
    await warning(stays.page).waitFor({ state: 'hidden' });
  };
  await Promise.all([goOn(), warning(leaves.page).waitFor()]);
  await leaves.page.getByText(TEXTS.sessionOver).waitFor();
  if (await warning(stays.page).isVisible()) await goOn();
  await stays.page.getByRole('link', { name: 'Data units' }).click();
  await stays.page.getByRole('heading', { name: 'Data units' }).waitFor();
  await stays.page.reload();
  await stays.page.getByRole('heading', { name: 'Data units' }).waitFor();
  await logIn(leaves, OFFICER.name, OFFICER.passphrase);
  await isIn(leaves.page);
  for (const window of [stays, leaves]) {
    assert.deepEqual(unexpected(window), []);
    await window.context.close();
  }
});

test('who answers the warning in one page of a browser has answered it in all', async () => {
  await kma.ask('ModifySecurityParameters', { sessionInactivityMinutes: 1 }, OFFICER);
  const first = await opened();
  // Of these pages alone: for the KMA a moment passes.
  await first.context.clock.install();
  await logIn(first, OFFICER.name, OFFICER.passphrase);
  await isIn(first.page);
  const other = await first.context.newPage();
  await other.goto('/');
  await isIn(other);
  await first.context.clock.runFor(45_000);
  await warning(first.page).waitFor();
  await warning(other).waitFor();
  await other.getByRole('button', { name: TEXTS.goOn }).click();
  let seconds = 0;
  await until('the first page warns no more', async () => {
    await first.context.clock.runFor(1_000);
    seconds += 1;
    return !(await warning(first.page).isVisible());
  });
  assert.ok(seconds < 15, 'the warning ended by itself, with the session');
  assert.deepEqual(unexpected(first), []);
  await first.context.close();
});
