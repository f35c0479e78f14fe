/** Acts of the web Manager that reach beyond the store, done in a real browser: technical support with a real sshd, a real chronyd, the root CA renewed, and a certificate of another CA for the browsers themselves. As root. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import type { Locator, Page } from 'playwright-core';
import { OddTimeServer } from '../../src/platform/time/odd-time-server.fixture.ts';
import { accepts } from '../support/accepts.ts';
import { freePort } from '../support/free-port.ts';
import { OFFICER } from '../support/kma.ts';
import { SshClient } from '../support/ssh-client.ts';
import { until } from '../support/until.ts';
import { expectRefusal } from './browser.ts';
import { act, fill, openForm } from './forms.ts';
import { ManagerKma } from './manager-kma.ts';

const HOST = '127.0.0.78';
const PASSWORD = 'Tall-Ships-7-sail';
/** A time server is asked some seconds apart. */
const FOLLOWED_WITHIN_MS = 240_000;

let manager: ManagerKma;
let ssh: number;
before(async () => {
  ssh = await freePort();
  manager = await ManagerKma.start({ host: HOST, platformPorts: { ssh, ntp: await freePort() } });
});
after(() => manager?.[Symbol.asyncDispose]());

/** What stands beside a name on the page of one thing, or in the answer of an act. */
function beside(place: Page | Locator, name: string): Locator {
  return place.locator('.pf-v6-c-description-list__group', { hasText: name }).getByRole('definition');
}

async function close(answer: Locator): Promise<void> {
  await answer.getByRole('button', { name: 'Close', exact: true }).last().click();
  await answer.waitFor({ state: 'detached' });
}

test('technical support: a password is typed, the host keys are shown, one logs in, and disabling closes it', async () => {
  await using opened = await manager.at(OFFICER, '/technical-support');
  const { page } = opened;
  await page.locator('button[data-operation=disableTechnicalSupport][aria-disabled=true]').waitFor();
  const form = await openForm(page, 'Enable technical support');
  await fill(form, { 'Password of the support account': 'Tall-Ships-7' });
  await form.getByRole('button', { name: 'Enable technical support' }).click();
  await form.getByText('does not keep the rules: at least 15 characters').waitFor();
  assert.equal(await accepts(HOST, ssh), false);
  await expectRefusal(opened, 400);
  await fill(form, { 'Password of the support account': PASSWORD });
  await form.getByRole('button', { name: 'Enable technical support' }).click();
  await page.getByText('Enable technical support: Done').waitFor();
  const answer = page.getByRole('dialog', { name: 'Enable technical support' });
  const hostKeys = (await beside(answer, 'Host keys').textContent()) ?? '';
  assert.match(hostKeys, /SHA256:[A-Za-z0-9+/]{43}/);
  await close(answer);
  await page.getByText(new RegExp(`port ${ssh} until`)).waitFor();
  assert.equal(await beside(page, 'Host keys').textContent(), hostKeys);
  using client = new SshClient(HOST, ssh);
  assert.equal((await client.ssh(PASSWORD, 'exit\n')).status, 0);
  await act(page, 'Disable technical support');
  await until('the port is closed', async () => !(await accepts(HOST, ssh)));
});

test('an NTP server is set, followed, told of with its state, and taken away again', async () => {
  await using server = await OddTimeServer.start('127.0.0.79');
  await using opened = await manager.at(OFFICER, '/time');
  const { page } = opened;
  page.setDefaultTimeout(FOLLOWED_WITHIN_MS);
  const form = await openForm(page, 'Set NTP server');
  await fill(form, { 'NTP server': server.address, Port: String(server.port) });
  await form.getByRole('button', { name: 'Set NTP server' }).click();
  await page.getByText('Set NTP server: Done').waitFor();
  await close(page.getByRole('dialog', { name: 'Set NTP server' }));
  await page.getByText('follows the server').waitFor();
  await beside(page, 'Steps from a reference clock').getByText('3', { exact: true }).waitFor();
  await page.locator('button[data-operation=adjustTime][aria-disabled=true]').waitFor();
  await act(page, 'Set NTP server', { 'NTP server': 'none' });
  await close(page.getByRole('dialog', { name: 'Set NTP server' }));
  await page.getByText('no NTP server is set').waitFor();
  await page.locator('button[data-operation=adjustTime]:not([aria-disabled=true])').waitFor();
});

test('the root CA is renewed after the name of the KMA was typed; it shows the new certificate over the same key', async () => {
  await using opened = await manager.at(OFFICER, '/root-ca');
  const { page } = opened;
  const old = await beside(page, 'SHA-256 of the certificate').textContent();
  const form = await openForm(page, 'Renew root CA');
  await form.getByText('0 certificates of people and programs').waitFor();
  const sure = form.getByRole('button', { name: 'Renew root CA' });
  assert.ok(await sure.isDisabled(), 'before its name is typed');
  await form.getByLabel('Type kma-test to confirm').fill('kma-test');
  await sure.click();
  await page.getByText('Renew root CA: Done').waitFor();
  const answer = page.getByRole('dialog', { name: 'Renew root CA' });
  const renewed = await beside(answer, 'SHA-256 of the certificate').textContent();
  assert.notEqual(renewed, old);
  await close(answer);
  const shown = await manager.kma.ask<{ fingerprint: string; publicKeySha256: string }>(
    'ShowRootCa',
    {},
    OFFICER,
  );
  assert.equal(shown.fingerprint, renewed);
  await page.getByText(shown.publicKeySha256).waitFor();
  // The page goes on over the certificate that was issued with it.
  await page.reload();
  await page.getByText(shown.fingerprint).waitFor();
});

/** As the house's own CA does it, with what the page shows. */
function signed(requestPem: string): string {
  const folder = manager.kma.folder;
  const openssl = (args: string) =>
    execFileSync('openssl', args.split(' '), { stdio: ['ignore', 'pipe', 'ignore'], cwd: folder });
  writeFileSync(join(folder, 'request.pem'), requestPem);
  openssl('req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 3 -subj /CN=house');
  openssl(
    'x509 -req -in request.pem -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -copy_extensions copy -out web.pem',
  );
  return readFileSync(join(folder, 'web.pem'), 'utf8');
}

/** What the browser sees on a connection of its own: who issued the certificate, and whether it shall come by TLS alone. */
async function seen(): Promise<{ readonly issuer: string; readonly hsts: string }> {
  const { page, context } = await manager.visitor();
  const response = await page.goto('/');
  const issuer = (await response?.securityDetails())?.issuer ?? '';
  const hsts = response?.headers()['strict-transport-security'] ?? '';
  await context.close();
  return { issuer, hsts };
}

test('a certificate of another CA is asked for, loaded and seen by browsers, which are told to come by TLS alone; then it is taken away', async () => {
  assert.deepEqual(await seen(), { issuer: 'RootCA', hsts: '' });
  await using opened = await manager.at(OFFICER, '/web-certificate');
  const { page } = opened;
  const form = await openForm(page, 'Request web certificate');
  await fill(form, { Names: `kma-1.example.com\n${HOST}` });
  await form.getByRole('button', { name: 'Request web certificate' }).click();
  const answer = page.getByRole('dialog', { name: 'Request web certificate' });
  const shown = answer.locator('pre', { hasText: 'BEGIN CERTIFICATE REQUEST' });
  const certificate = signed((await shown.textContent()) ?? '');
  await close(answer);
  await act(page, 'Load web certificate', { Certificate: certificate });
  await until('browsers see it', async () => (await seen()).issuer === 'house');
  assert.deepEqual(await seen(), { issuer: 'house', hsts: 'max-age=86400' });
  await beside(page, 'Issuer').getByText('CN=house').waitFor();
  await act(page, 'Remove web certificate');
  await until('browsers see the own one again', async () => (await seen()).issuer === 'RootCA');
  assert.equal((await seen()).hsts, '');
});
