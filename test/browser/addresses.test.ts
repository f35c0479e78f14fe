/** Addresses of the web Manager that somebody types, keeps or is sent: of things with odd names, of places that are not for him, and of nothing at all. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TEXTS } from '../../manager/src/texts/en.ts';
import { AUDITOR, OFFICER } from '../support/kma.ts';
import { violations } from './axe.ts';
import { ManagerKma } from './manager-kma.ts';

let manager: ManagerKma;

before(async () => {
  manager = await ManagerKma.start();
});
after(() => manager?.[Symbol.asyncDispose]());

test('the address of a place for other roles says whose it is, and leads back', async () => {
  await using opened = await manager.at(AUDITOR);
  const { page } = opened;
  await page.getByRole('link', { name: 'Data units' }).click();
  await page.getByRole('heading', { name: 'Data units' }).waitFor();
  for (const path of ['/users', `/users/${OFFICER.name}`, '/agents/drive-1/sheet']) {
    await page.goto(path);
    await page.getByRole('heading', { level: 1, name: TEXTS.notForYou }).waitFor();
    await page.getByText('You are logged in as Auditor.').waitFor();
    assert.deepEqual(await violations(page), [], path);
    await page.getByRole('button', { name: TEXTS.goBack }).click();
    await page.getByRole('heading', { name: 'Data units' }).waitFor();
  }
});

test('an address of nothing says so, and leads to the overview', async () => {
  await using opened = await manager.at(OFFICER);
  const { page } = opened;
  for (const path of ['/nowhere', '/sites/a/b', '/lock/now', '/sessions/1', '/sites/%E0%A4%A']) {
    await page.goto(path);
    await page.getByRole('heading', { level: 1, name: TEXTS.noSuchPage }).waitFor();
    assert.deepEqual(await violations(page), [], path);
    await page.getByRole('link', { name: TEXTS.toOverview }).click();
    await page.getByRole('heading', { name: TEXTS.overview }).waitFor();
  }
});

test('a thing of any name has an address that can be passed on', async () => {
  await using opened = await manager.at(OFFICER);
  const { page } = opened;
  for (const site of ['50%', 'a%41', 'north.example.com', 'a/b?c#d', 'Zürich 上海']) {
    await manager.kma.ask('CreateSite', { site, description: 'odd' }, OFFICER);
    await page.goto('/sites');
    await page.getByRole('gridcell', { name: site, exact: true }).click();
    const heading = page.getByRole('heading', { level: 1, name: `Sites: ${site}`, exact: true });
    await heading.waitFor();
    await page.getByText('odd').waitFor();
    await page.reload();
    await heading.waitFor();
    await page.getByText('odd').waitFor();
  }
  await page.goto('/sites');
  await page.getByLabel(TEXTS.filterValue, { exact: true }).fill('a%41');
  await page.getByRole('button', { name: TEXTS.addFilter }).click();
  await page.getByText(TEXTS.rowsShown(1, false), { exact: true }).waitFor();
});

test('what a page complains of is noted: a script against its policy, a failed call, an error', async () => {
  await using opened = await manager.at(OFFICER);
  const { page, complaints } = opened;
  await page.evaluate(
    `{ const script = document.createElement('script'); script.textContent = 'globalThis.ran = 1'; document.body.append(script) }`,
  );
  await page.evaluate(`fetch('/v1/sites/nobody-has-it')`);
  await page.evaluate(`setTimeout(() => { throw new Error('thrown to see') })`);
  await page.waitForFunction('document.readyState === "complete"');
  for (const sign of [/^policy: script-src/, /404/, /thrown to see/])
    while (!complaints.some((complaint) => sign.test(complaint))) await page.waitForEvent('console');
  assert.equal(await page.evaluate('globalThis.ran'), undefined);
  complaints.splice(0);
});
