/** What the web Manager fetches while somebody is on the way to a list, by a link or by its address: what can be had at once does not wait for something else. It measures no time: each thing is held up until the other one was asked for. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Page, Route } from 'playwright-core';
import { TEXTS } from '../../manager/src/texts/en.ts';
import { OFFICER } from '../support/kma.ts';
import { ManagerKma } from './manager-kma.ts';

const SESSION = '**/web/session';
const ROWS = '**/v1/users?*';
const FIRST_PROGRAM = '**/assets/index-*.js';
const LIST_PROGRAM = '**/assets/list-*.js';

let manager: ManagerKma;

before(async () => {
  manager = await ManagerKma.start();
});
after(() => manager?.[Symbol.asyncDispose]());

/** Whoever waits for the other one here waits for good. Gives how often something was held. */
async function holdUntilAsked(page: Page, held: string, other: string): Promise<() => number> {
  const asked = Promise.withResolvers<void>();
  let times = 0;
  await page.route(held, async (route: Route) => {
    times += 1;
    await asked.promise;
    await route.continue();
  });
  await page.route(other, async (route: Route) => {
    asked.resolve();
    await route.continue();
  });
  return () => times;
}

const rowIsThere = (page: Page) => page.getByRole('gridcell', { name: OFFICER.name }).first().waitFor();

test('who comes by an address is asked for, once, while the first program is on its way', async () => {
  await using window = await manager.at(OFFICER);
  const { page } = window;
  const asked: string[] = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  const held = await holdUntilAsked(page, FIRST_PROGRAM, SESSION);
  await page.goto('/users');
  await rowIsThere(page);
  assert.equal(held(), 1);
  assert.equal(asked.filter((path) => path === '/web/session').length, 1);
});

test('the first rows are asked for while the program of lists is on its way, by address and by link', async () => {
  await using window = await manager.at(OFFICER);
  const { page } = window;
  const heldByAddress = await holdUntilAsked(page, LIST_PROGRAM, ROWS);
  await page.goto('/users?filter=user%7Eoff&sort=-user');
  await rowIsThere(page);
  await page.unrouteAll();
  const heldByLink = await holdUntilAsked(page, LIST_PROGRAM, ROWS);
  await page.goto('/');
  await page.getByRole('heading', { name: TEXTS.overview }).waitFor();
  await page.getByRole('link', { name: 'Users', exact: true }).click();
  await rowIsThere(page);
  assert.deepEqual([heldByAddress(), heldByLink()], [1, 1]);
});

test('the page of a list names the program of lists, so that it comes beside the first one', async () => {
  await using window = await manager.at(OFFICER);
  const { page } = window;
  const held = await holdUntilAsked(page, FIRST_PROGRAM, LIST_PROGRAM);
  await page.goto('/users');
  await rowIsThere(page);
  assert.equal(held(), 1);
});

test('rows that take long keep nobody from the page', async () => {
  await using window = await manager.at(OFFICER);
  const { page } = window;
  const drawn = Promise.withResolvers<void>();
  await page.route(ROWS, async (route: Route) => {
    await drawn.promise;
    await route.continue();
  });
  await page.goto('/users');
  await page.getByRole('heading', { name: 'Users' }).waitFor();
  assert.equal(await page.getByRole('gridcell').count(), 0);
  drawn.resolve();
  await rowIsThere(page);
});

test('a place whose program cannot be had says so, and is there for the next visit', async () => {
  const { page, context } = await manager.at(OFFICER);
  await page.route(LIST_PROGRAM, (route) => route.abort());
  await page.getByRole('link', { name: 'Users', exact: true }).click();
  await page.getByText(TEXTS.notFetched).waitFor();
  await page.unroute(LIST_PROGRAM);
  await page.getByRole('link', { name: TEXTS.overview, exact: true }).click();
  await page.getByRole('heading', { name: TEXTS.overview }).waitFor();
  await page.getByRole('link', { name: 'Users', exact: true }).click();
  await rowIsThere(page);
  await context.close();
});
