/** A form that is open while somebody else changes the same thing: what its user did not touch is not put back. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { OFFICER } from '../support/kma.ts';
import { ManagerKma } from './manager-kma.ts';

const LOGS = { server: 'logs', address: '127.0.0.1', port: 5514, transport: 'tcp' };

let manager: ManagerKma;

before(async () => {
  manager = await ManagerKma.start();
});
after(() => manager?.[Symbol.asyncDispose]());

test('what another officer changes while a form is open stays as he has made it', async () => {
  const { kma } = manager;
  await kma.ask('CreateSyslogServer', LOGS, OFFICER);
  await using window = await manager.at(OFFICER, '/syslog-servers/logs');
  const { page } = window;
  await page.getByRole('button', { name: 'Modify syslog server' }).click();
  const form = page.getByRole('dialog');
  await form.getByRole('spinbutton', { name: 'Port' }).waitFor();
  await kma.ask('ModifySyslogServer', { server: 'logs', port: 5515 }, OFFICER);
  // The page behind the form has asked anew.
  await page.getByText('5515', { exact: true }).first().waitFor();
  assert.equal(await form.getByRole('spinbutton', { name: 'Port' }).inputValue(), '5514');
  assert.ok(
    await form.getByRole('button', { name: 'Modify syslog server' }).isDisabled(),
    'nothing is touched',
  );
  await form.getByRole('textbox', { name: 'Address' }).fill('127.0.0.2');
  await form.getByRole('button', { name: 'Modify syslog server' }).click();
  await page.getByText('127.0.0.2', { exact: true }).first().waitFor();
  const { address, port } = await kma.ask<{ address: string; port: number }>(
    'ShowSyslogServer',
    { server: 'logs' },
    OFFICER,
  );
  assert.deepEqual([address, port], ['127.0.0.2', 5515]);
});
