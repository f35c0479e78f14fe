/** How forms of the web Manager help whoever fills them in: passphrases typed twice under rules that show, names that are offered, texts that name places. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { rulesFor } from '../../manager/src/forms/passphrase-rules.ts';
import { passphraseRules } from '../../src/security/passphrase-rules.ts';
import { AGENT_PASSPHRASE, AUDITOR, COMPLIANCE, HOLDERS, OFFICER, OPERATOR, QUORUM } from '../support/kma.ts';
import { expectRefusal, giveProof } from './browser.ts';
import { fill, fillQuorum, openForm } from './forms.ts';
import { ManagerKma } from './manager-kma.ts';

let manager: ManagerKma;
before(async () => {
  manager = await ManagerKma.start({ host: '127.0.0.75' });
});
after(() => manager?.[Symbol.asyncDispose]());

test('the rules that the page shows are those that the KMA has', () => {
  const kept = (rules: readonly { readonly text: string; readonly kept: boolean }[]) =>
    rules.map(({ text, kept }) => ({ text, kept }));
  fc.assert(
    fc.property(
      fc.oneof(fc.string({ unit: 'binary', maxLength: 80 }), fc.string({ unit: 'grapheme' })),
      fc.string({ maxLength: 5 }),
      fc.integer({ min: 8, max: 64 }),
      (passphrase, name, minimum) =>
        assert.deepEqual(
          kept(rulesFor(passphrase, name, minimum)),
          kept(passphraseRules(passphrase, name, minimum)),
        ),
    ),
  );
});

test('a new passphrase is typed twice, and its rules show as one types', async () => {
  await using opened = await manager.at(OPERATOR, '/agents');
  const { page } = opened;
  const form = await openForm(page, 'Create agent');
  await fill(form, { 'Agent ID': 'drive-2' });
  const first = form.getByLabel(/^Passphrase to enrol with\s*\*?$/);
  const second = form.getByLabel(/^Passphrase to enrol with, once more/);
  const rules = form.getByRole('list', { name: 'Rules for: Passphrase to enrol with' });
  const broken = rules.locator('li.pf-m-error');
  await first.fill('drive-2');
  await broken.first().waitFor();
  const [length = '', name = '', ...others] = await broken.allTextContents();
  assert.match(length, /at least 8 characters/);
  assert.match(name, /must not contain the name/);
  assert.deepEqual(others, []);
  await first.fill(AGENT_PASSPHRASE);
  await broken.first().waitFor({ state: 'detached' });
  await second.fill(`${AGENT_PASSPHRASE}x`);
  await form.getByText('The two are not the same.').waitFor();
  await form.getByRole('button', { name: 'Create agent' }).click();
  assert.deepEqual(await manager.kma.rows('ListAgents', {}, OPERATOR), [], 'nothing was sent');
  await second.fill(AGENT_PASSPHRASE);
  await form.getByRole('button', { name: 'Create agent' }).click();
  await page.getByText('Create agent: Done').waitFor();
});

test('a form offers the names that there are', async () => {
  await using opened = await manager.at(COMPLIANCE, '/agents/drive-2');
  const { page } = opened;
  const form = await openForm(page, 'Assign key group');
  const offered = form.locator('datalist option');
  await offered.first().waitFor({ state: 'attached' });
  const names = await offered.evaluateAll((all) => all.map((one) => one.getAttribute('value')));
  assert.deepEqual(names, ['group-a', 'group-b']);
  await fill(form, { 'Key group': 'group-a', 'Make it the default key group': true });
  await form.getByRole('button', { name: 'Assign key group' }).click();
  await page.getByText('Assign key group: Done').waitFor();
});

test("the enrolment sheet's command enrols the agent, as it stands there", async () => {
  await using opened = await manager.at(OPERATOR, '/agents/drive-2/sheet');
  const command = opened.page.locator('pre', { hasText: 'okm-agent enroll' });
  const text = (await command.textContent()) ?? '';
  assert.match(text, /--agent drive-2/);
  assert.match(text, /--ca-key [0-9A-F]{64}$/);
  const program = fileURLToPath(new URL('../../agent/bin/okm-agent', import.meta.url));
  const typed = text.replace('okm-agent', `'${program}' --profile '${manager.kma.profile('drive-2')}'`);
  await new Promise<void>((resolve, reject) => {
    const child = execFile('bash', ['-c', typed], (error, _stdout, stderr) =>
      error === null ? resolve() : reject(new Error(stderr)),
    );
    child.stdin?.end(`${AGENT_PASSPHRASE}\n`);
  });
  const { enrolled } = await manager.kma.ask<{ enrolled: boolean }>(
    'ShowAgent',
    { agent: 'drive-2' },
    OPERATOR,
  );
  assert.equal(enrolled, true);
});

test('what the KMA refuses is told with the place where to go on, not with a command', async () => {
  const opened = await manager.at(OPERATOR, '/agents/nobody');
  const { page, complaints } = opened;
  await page.getByText('Agent does not exist').waitFor();
  assert.equal(await page.getByText(/kma agent list/).count(), 0);
  await page
    .getByRole('alert')
    .or(page.locator('.pf-v6-c-alert'))
    .getByRole('link', { name: 'Agents' })
    .click();
  await page.getByRole('heading', { name: 'Agents', level: 1 }).waitFor();
  // A browser tells of every refusal by itself.
  complaints.splice(0, Infinity, ...complaints.filter((text) => !text.includes('status of 404')));
  await opened[Symbol.asyncDispose]();
});

test('a field that the KMA refuses is named as the form names it', async () => {
  await using opened = await manager.at(COMPLIANCE, '/key-policies');
  const { page } = opened;
  const form = await openForm(page, 'Create key policy');
  await fill(form, { 'Key policy': 'odd', 'Encryption period': '2 years', Cryptoperiod: '10y' });
  await form.getByRole('button', { name: 'Create key policy' }).click();
  await form.getByText('Invalid parameters: "Encryption period": a number with').waitFor();
  await expectRefusal(opened, 400);
});

test('of a list the line that the KMA refuses is named', async () => {
  await using opened = await manager.at(OFFICER, '/web-certificate');
  const form = await openForm(opened.page, 'Request web certificate');
  await fill(form, { Names: 'kma.example\nnot a name' });
  await form.getByRole('button', { name: 'Request web certificate' }).click();
  await form.getByText('Invalid parameters: "Names", line 2: ').waitFor();
  await expectRefusal(opened, 400);
});

test('where somebody logs in anew in another window, typed credentials are forgotten, nothing can be sent, and a new log-in leads back', async () => {
  const opened = await manager.at(OFFICER, '/users');
  const { page, context, complaints } = opened;
  const form = await openForm(page, 'Create user');
  const send = form.getByRole('button', { name: 'Create user' });
  await fillQuorum(form, QUORUM);
  assert.ok(await send.isEnabled());
  // Windows of one browser have one cookie; this one has seen nothing of the moment between the two log-ins.
  const other = await manager.at(OFFICER);
  await context.addCookies(await other.context.cookies());
  await other[Symbol.asyncDispose]();
  const told = form.getByText('They can be given only in the window where somebody logged in last.');
  await told.waitFor();
  assert.equal(await form.getByLabel('Passphrase 1').count(), 0);
  assert.ok(await send.isDisabled());
  await page.reload();
  await openForm(page, 'Create user');
  await told.waitFor();
  const anew = form.getByRole('button', { name: 'Log in anew, and come back here' });
  await context.setOffline(true);
  await anew.click();
  await form.getByText('The KMA does not answer').waitFor();
  await context.setOffline(false);
  await anew.click();
  await page.getByRole('button', { name: 'Log in', exact: true }).waitFor();
  await giveProof(opened, OFFICER.name, OFFICER.passphrase);
  await openForm(page, 'Create user');
  await form.getByLabel('Passphrase 1').waitFor();
  assert.equal(await form.getByLabel('Passphrase 1').inputValue(), '');
  await context.close();
  // Of what was asked while nobody was logged in or nothing could be reached a browser tells by itself.
  assert.deepEqual(
    complaints.filter((text) => !/INTERNET_DISCONNECTED|status of 401/.test(text)),
    [],
  );
});

test('who may not assign key groups is told who may', async () => {
  await using opened = await manager.at(OPERATOR, '/agents/drive-2');
  await opened.page.getByText('"Assign key group" is for: Compliance Officer.').waitFor();
});

test('the form of a new key split says how many holders are needed of the old one and of the new one', async () => {
  await using opened = await manager.at(OFFICER, '/key-split');
  const { page } = opened;
  const form = await openForm(page, 'Modify key split');
  const names = HOLDERS.map(({ name }) => name).join(', ');
  await form.getByText(`2 of these 3 holders are needed: ${names}.`).waitFor();
  await form.getByText('each marked as new: at least as many as will be needed').waitFor();
  await form.getByLabel('Holders that will be needed of the new ones').waitFor();
});

test('everybody changes his own passphrase in his menu, and logs in with it', async () => {
  const passphrase = 'Counts-them-again-6';
  const { page, context, complaints } = await manager.at(AUDITOR);
  await page.getByRole('button', { name: AUDITOR.name }).click();
  await page.getByRole('menuitem', { name: 'Change own passphrase' }).click();
  const form = page.getByRole('dialog');
  await fill(form, { 'New passphrase': passphrase });
  await form.getByRole('button', { name: 'Change own passphrase' }).click();
  // Every session ends by it.
  await page.getByLabel('User ID').waitFor();
  await context.close();
  assert.deepEqual(
    complaints.filter((text) => !text.includes('status of 401')),
    [],
  );
  await using again = await manager.at({ ...AUDITOR, passphrase });
  assert.deepEqual(again.complaints, []);
});
