/** The web Manager in Debian's Chromium against a running KMA: what people do there, what they are kept from, and that the page complains of nothing. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { HOLDERS, OFFICER, type Person, TestKma } from '../support/kma.ts';
import { violations } from './axe.ts';
import { logIn, openBrowser, openWindow, type Window } from './browser.ts';
import { PAGES } from './furnished.ts';

/** A browser on a machine with much to do. */
const LONG_MS = 60_000;

let kma: TestKma;
let browser: Browser;

before(async () => {
  kma = await TestKma.start({ pages: PAGES });
  browser = await openBrowser(kma);
});
after(async () => {
  await browser?.close();
  await kma?.[Symbol.asyncDispose]();
});

async function window(person?: Person): Promise<Window> {
  const opened = await openWindow(browser, `https://127.0.0.1:${kma.webPort}`);
  opened.page.setDefaultTimeout(LONG_MS);
  if (person !== undefined) {
    await logIn(opened, person.name, person.passphrase);
    await opened.page.getByRole('heading', { name: 'Overview' }).waitFor();
  }
  return opened;
}

test('a wrong passphrase is refused in words, a right one opens the overview, and leaving ends the session', async () => {
  const { page, complaints, context } = await window();
  await page.goto('/');
  assert.deepEqual(await violations(page), []);
  await logIn({ page, complaints, context }, OFFICER.name, 'Wrong-one-indeed-1');
  await page.getByText('Authentication failed').waitFor();
  assert.deepEqual(
    complaints.splice(0).filter((text) => !/401|403/.test(text)),
    [],
  );
  await logIn({ page, complaints, context }, OFFICER.name, OFFICER.passphrase);
  await page.getByText('1 of 1 respond').waitFor();
  assert.deepEqual(await violations(page), []);
  const [cookie] = await context.cookies();
  assert.ok(cookie?.httpOnly && cookie.secure && cookie.sameSite === 'Strict');
  await page.getByRole('button', { name: 'officer' }).click();
  await page.getByRole('menuitem', { name: 'Log out' }).click();
  await page.getByLabel('User ID').waitFor();
  await context.addCookies([cookie]);
  await page.reload();
  await page.getByLabel('User ID').waitFor();
  assert.deepEqual(complaints, []);
  await context.close();
});

test('a browser that knows the key of the KMA finds nothing wrong with its certificate', async () => {
  const context = await browser.newContext({ baseURL: `https://127.0.0.1:${kma.webPort}` });
  const page = await context.newPage();
  const response = await page.goto('/');
  assert.equal(response?.status(), 200);
  assert.equal((await response?.securityDetails())?.protocol, 'TLS 1.3');
  await context.close();
});

test('log-in and overview need at most 250 kB of scripts and styles, compressed', async () => {
  const { page, context } = await window();
  const files = new Map<string, Promise<Buffer>>();
  page.on('response', (response) => {
    const path = new URL(response.url()).pathname;
    if (/\.(js|css)$/.test(path)) files.set(path, response.body());
  });
  await logIn({ page, context, complaints: [] }, OFFICER.name, OFFICER.passphrase);
  await page.getByText('1 of 1 respond').waitFor();
  await page.waitForLoadState('networkidle');
  const sizes = await Promise.all([...files.values()].map(async (body) => gzipSync(await body).length));
  const bytes = sizes.reduce((sum, size) => sum + size, 0);
  process.stdout.write(
    `first load of log-in and overview: ${Math.round(bytes / 1000)} kB gzip in ${sizes.length} files\n`,
  );
  assert.ok(bytes > 50_000 && bytes <= 250_000, String(bytes));
  await context.close();
});

test('an officer makes a site, finds it by a filter whose address can be passed on, changes and deletes it', async () => {
  const { page, complaints, context } = await window(OFFICER);
  await page.getByRole('link', { name: 'Sites' }).click();
  await page.getByRole('button', { name: 'Create site' }).first().click();
  const form = page.getByRole('dialog');
  await form.getByRole('textbox', { name: 'Site' }).fill('north');
  await form.getByRole('textbox', { name: 'Description' }).fill('the cellar');
  assert.deepEqual(await violations(page), []);
  await form.getByRole('button', { name: 'Create site' }).click();
  await page.getByRole('gridcell', { name: 'the cellar' }).waitFor();
  await page.getByLabel('Value', { exact: true }).fill('south');
  await page.getByRole('button', { name: 'Add filter' }).click();
  await page.getByText('Nothing fits these filters').waitFor();
  assert.match(page.url(), /filter=site%3Dsouth/);
  const other = await context.newPage();
  await other.goto(page.url().replace('south', 'north'));
  await other.getByRole('gridcell', { name: 'the cellar' }).waitFor();
  await other.getByRole('row', { name: /north/ }).focus();
  await other.keyboard.press('Enter');
  await other.getByRole('heading', { name: 'Sites: north' }).waitFor();
  await other.getByRole('button', { name: 'Modify site' }).click();
  await other.getByRole('dialog').getByRole('textbox', { name: 'Description' }).fill('the attic');
  await other.getByRole('dialog').getByRole('button', { name: 'Modify site' }).click();
  await other.getByText('the attic').waitFor();
  await other.getByRole('button', { name: 'Delete site' }).click();
  const sure = other.getByRole('dialog').getByRole('button', { name: 'Delete site' });
  assert.ok(await sure.isDisabled(), 'before the name is typed');
  await other.getByLabel('Type north to confirm').fill('north');
  await sure.click();
  await other.getByRole('heading', { name: 'Sites', exact: true }).waitFor();
  const { rows } = await kma.ask<{ rows: { site: string }[] }>('ListSites', {}, OFFICER);
  assert.ok(!rows.some(({ site }) => site === 'north'));
  assert.deepEqual(complaints, []);
  await context.close();
});

test('what needs a quorum waits for a second person, who compares the code and approves in another browser', async () => {
  await kma.ask(
    'CreateUser',
    { user: 'member', roles: ['QUORUM_MEMBER'], passphrase: 'Joins-the-vote-8' },
    OFFICER,
    HOLDERS.slice(0, 2),
  );
  const first = await window(OFFICER);
  const second = await window({ name: 'member', passphrase: 'Joins-the-vote-8' });
  await first.page.getByRole('link', { name: 'Users' }).click();
  await first.page.getByRole('button', { name: 'Create user' }).first().click();
  const form = first.page.getByRole('dialog');
  await form.getByRole('textbox', { name: 'User' }).fill('newcomer');
  await form.getByLabel('AUDITOR').check();
  await form.getByRole('textbox', { name: 'Passphrase', exact: true }).fill('Brand-new-here-9');
  await form.getByRole('textbox', { name: 'Passphrase, once more' }).fill('Brand-new-here-9');
  await form.getByLabel('Name 1').fill(HOLDERS[0]?.name ?? '');
  await form.getByLabel('Passphrase 1').fill(HOLDERS[0]?.passphrase ?? '');
  await form.getByRole('button', { name: 'Create user' }).click();
  await first.page.getByRole('link', { name: 'See what is pending' }).click();
  const code = await first.page.locator('.okm-comparison').textContent();
  await second.page.getByRole('link', { name: 'Pending operations' }).click();
  await second.page.getByRole('gridcell', { name: 'CreateUser' }).click();
  assert.equal(await second.page.locator('.okm-comparison').textContent(), code);
  await second.page.getByText(/Credential: holder-one, .*Standing: counts/).waitFor();
  assert.deepEqual(await violations(second.page), []);
  await second.page.getByLabel('Name 1').fill(HOLDERS[1]?.name ?? '');
  await second.page.getByLabel('Passphrase 1').fill(HOLDERS[1]?.passphrase ?? '');
  // A row that is left empty is nobody's credential.
  await second.page.getByRole('button', { name: 'One more' }).click();
  await second.page.getByRole('button', { name: 'Approve' }).click();
  await second.page.getByText('Approve: Done').waitFor();
  const { rows } = await kma.ask<{ rows: { user: string }[] }>('ListUsers', {}, OFFICER);
  assert.ok(rows.some(({ user }) => user === 'newcomer'));
  assert.deepEqual([...first.complaints, ...second.complaints], []);
  await first.context.close();
  await second.context.close();
});

test('in the dark, on a telephone, nothing sticks out and nothing is hard to read', async () => {
  const { page, context, complaints } = await window(OFFICER);
  await page.getByRole('button', { name: 'officer' }).click();
  await page.getByRole('menuitem', { name: 'Dark theme' }).click();
  await page.keyboard.press('Escape');
  for (const width of [320, 400, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    for (const path of ['/', '/kmas', '/audit-events', '/security-parameters']) {
      await page.goto(path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      await page.waitForLoadState('networkidle');
      const [wide, seen]: number[] = await page.evaluate(
        '[document.documentElement.scrollWidth, innerWidth]',
      );
      assert.ok((wide ?? 0) <= (seen ?? 0), `${path} at ${width}: ${wide}`);
      assert.deepEqual(await violations(page), [], `${path} at ${width}`);
    }
  }
  assert.deepEqual(complaints, []);
  await context.close();
});
