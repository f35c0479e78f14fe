/** Acts that cannot apply to a thing as it is: each rule is about fields that there are, the KMA itself refuses what is off, and takes what is on. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { catalogueOf, type Operation } from '../../manager/catalogue.ts';
import { OBSTACLES, type Self, whyNot } from '../../manager/src/forms/why-not.ts';
import { PLACES } from '../../manager/src/places.ts';
import { TEXTS } from '../../manager/src/texts/en.ts';
import { WHY_NOT } from '../../manager/src/texts/why-not.ts';
import {
  AUDITOR,
  BACKUP,
  COMPLIANCE,
  HOLDERS,
  OFFICER,
  OPERATOR,
  type Person,
  QUORUM,
} from '../support/kma.ts';
import { giveProof } from './browser.ts';
import { furnishedKma } from './furnished.ts';
import { ManagerKma } from './manager-kma.ts';

const OPERATIONS = new Map<string, Operation>(
  catalogueOf(JSON.parse(readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8'))).map(
    (operation) => [operation.id, operation] as const,
  ),
);

let manager: ManagerKma;

before(async () => {
  manager = await ManagerKma.of(await furnishedKma());
});
after(() => manager?.[Symbol.asyncDispose]());

test('every rule is about an operation that a place has, and about fields that it knows there', () => {
  for (const [id, obstacles] of Object.entries(OBSTACLES)) {
    assert.ok(OPERATIONS.has(id), id);
    const known = PLACES.flatMap(({ list = '', show = '', tabs = [], path, ...place }) => {
      const approves = path === '/pending-operations' && id === 'approvePendingOperation';
      const acts: readonly string[] = [...(place.actions ?? []), ...(place.rowActions ?? [])];
      const own = approves || acts.includes(id);
      const inTabs = tabs.filter((tab) => (tab.rowActions as readonly string[] | undefined)?.includes(id));
      const shown = [...(own ? [list, show] : []), ...inTabs.map((tab) => tab.list)];
      return shown.flatMap((of) => OPERATIONS.get(of)?.columns.map(({ name }) => name) ?? []);
    });
    for (const field of obstacles.flatMap(({ when }) => Object.keys(when)))
      assert.ok(known.includes(field), `${id}: ${field}`);
  }
});

type Thing = Readonly<Record<string, unknown>>;

/** What a page would say of it now. */
async function reasonNow(id: string, thing: Thing): Promise<string | null> {
  const wanted = OPERATIONS.get(id);
  assert.ok(wanted !== undefined, id);
  return whyNot(wanted, thing, await manager.kma.ask<Self>('ShowLockStatus', {}, AUDITOR));
}

const rowOf = async (operation: string, by: Thing, person: Person, input: Thing = {}): Promise<Thing> => {
  const rows = await manager.kma.rows<Thing>(operation, { ...input }, person);
  const row = rows.find((one) => Object.entries(by).every(([name, value]) => one[name] === value));
  assert.ok(row !== undefined, `${operation}: ${JSON.stringify(by)}`);
  return row;
};

interface Case {
  readonly id: string;
  readonly person: Person;
  readonly quorum?: readonly Person[];
  readonly look: () => Promise<Thing>;
  readonly input: (thing: Thing) => Thing;
  /** Null: it can be done. */
  readonly why: string | null;
}

async function holds({ id, person, quorum = [], look, input, why }: Case): Promise<void> {
  const thing = await look();
  assert.equal(await reasonNow(id, thing), why, id);
  const name = `${id.charAt(0).toUpperCase()}${id.slice(1)}`;
  const answer = await manager.kma.answer(name, input(thing), person, quorum);
  assert.equal('refused' in answer, why !== null, `${id}: ${JSON.stringify(answer)}`);
}

test('what is off the KMA refuses, what is on it takes, before and after the state changes', async () => {
  const shown =
    (operation: string, person: Person, input: Thing = {}) =>
    () =>
      manager.kma.ask<Thing>(operation, input, person);
  const none = () => ({});
  const unit = () => rowOf('ListDataUnits', { externalTag: 'TAPE-0001' }, AUDITOR);
  const key = async () => {
    const { dataUnitId } = await unit();
    return rowOf('ListKeys', {}, AUDITOR, { dataUnitId });
  };
  const certificate = () => rowOf('ListUserCertificates', { user: AUDITOR.name }, AUDITOR, { ended: true });
  const backup = () => rowOf('ListBackups', {}, BACKUP);
  const group = (name: string) => () => rowOf('ListAllKeyGroups', { group: name }, COMPLIANCE);
  const ready = () => rowOf('ListKeys', {}, AUDITOR, { filter: ['state=READY'] });
  await manager.kma.ask('CreateKeyGroup', { group: 'nobody-has-it', policy: 'years' }, COMPLIANCE);
  const byId =
    (field: string, more: Thing = {}) =>
    (thing: Thing) => ({ [field]: thing[field], ...more });
  const comment = { comment: 'as a test' };
  const cases: readonly Case[] = [
    {
      id: 'unlockKma',
      person: OFFICER,
      quorum: QUORUM,
      look: shown('ShowLockStatus', OFFICER),
      input: none,
      why: WHY_NOT.unlockedAlready,
    },
    {
      id: 'deleteKma',
      person: OFFICER,
      look: () => rowOf('ListKmas', {}, OFFICER),
      input: byId('kma', { as: 'retired' }),
      why: WHY_NOT.ownKma,
    },
    {
      id: 'changeKeyGroup',
      person: COMPLIANCE,
      look: ready,
      input: byId('keyId', { group: 'group-b' }),
      why: WHY_NOT.notHandedOut,
    },
    {
      id: 'changeKeyGroup',
      person: COMPLIANCE,
      look: key,
      input: byId('keyId', { group: 'group-b' }),
      why: null,
    },
    { id: 'compromiseKey', person: COMPLIANCE, look: key, input: byId('keyId', comment), why: null },
    {
      id: 'compromiseKey',
      person: COMPLIANCE,
      look: key,
      input: byId('keyId', comment),
      why: WHY_NOT.compromisedAlready,
    },
    {
      id: 'destroyKeys',
      person: OPERATOR,
      look: unit,
      input: byId('dataUnitId', { compromised: true, ...comment }),
      why: null,
    },
    {
      id: 'destroyKeys',
      person: OPERATOR,
      look: unit,
      input: byId('dataUnitId', { compromised: true, ...comment }),
      why: WHY_NOT.shredded,
    },
    {
      id: 'deleteKeyGroup',
      person: COMPLIANCE,
      look: group('group-a'),
      input: byId('group'),
      why: WHY_NOT.hasAgents,
    },
    {
      id: 'deleteKeyGroup',
      person: COMPLIANCE,
      look: group('nobody-has-it'),
      input: byId('group'),
      why: null,
    },
    {
      id: 'confirmBackupDestroyed',
      person: BACKUP,
      look: backup,
      input: byId('backupId', comment),
      why: null,
    },
    {
      id: 'confirmBackupDestroyed',
      person: BACKUP,
      look: backup,
      input: byId('backupId', comment),
      why: WHY_NOT.backupDestroyed,
    },
    { id: 'revokeUserCertificate', person: AUDITOR, look: certificate, input: byId('key'), why: null },
    {
      id: 'enablePrimaryAdministrator',
      person: OFFICER,
      look: shown('ShowTechnicalSupport', OFFICER),
      input: none,
      why: WHY_NOT.supportOff,
    },
    {
      id: 'removeWebCertificate',
      person: OFFICER,
      look: shown('ShowWebCertificate', OFFICER),
      input: none,
      why: WHY_NOT.noWebCertificate,
    },
    {
      id: 'lookUpName',
      person: OFFICER,
      look: shown('ShowDns', OFFICER),
      input: () => ({ hostName: 'kma.example' }),
      why: WHY_NOT.noDns,
    },
    {
      id: 'adjustTime',
      person: OFFICER,
      look: shown('ShowTime', OFFICER),
      input: () => ({ seconds: 1 }),
      why: null,
    },
    {
      id: 'adjustTime',
      person: OFFICER,
      look: shown('ShowTime', OFFICER),
      input: () => ({ seconds: 1 }),
      why: WHY_NOT.adjustedToday,
    },
  ];
  for (const one of cases) await holds(one);
});

test('what would change nothing is off as well', async () => {
  const certificate = await rowOf('ListUserCertificates', { state: 'revoked' }, AUDITOR, { ended: true });
  assert.equal(await reasonNow('revokeUserCertificate', certificate), WHY_NOT.revoked);
  const membership = await rowOf('ListAgentKeyGroups', { agent: 'drive-1' }, COMPLIANCE);
  assert.equal(await reasonNow('setDefaultKeyGroup', membership), WHY_NOT.defaultAlready);
  assert.equal(await reasonNow('setDefaultKeyGroup', { ...membership, default: false }), null);
  const agent = await manager.kma.ask<Thing>('ShowHmp', {}, OFFICER);
  assert.equal(await reasonNow('disableHmp', agent), WHY_NOT.snmpAgentOff);
  assert.equal(await reasonNow('enableHmp', agent), null);
  const support = await manager.kma.ask<Thing>('ShowTechnicalSupport', {}, OFFICER);
  assert.equal(await reasonNow('disableTechnicalSupport', support), WHY_NOT.supportOff);
  assert.equal(await reasonNow('disablePrimaryAdministrator', support), WHY_NOT.notRoot);
  const time = await manager.kma.ask<Thing>('ShowTime', {}, OFFICER);
  assert.equal(await reasonNow('acceptClock', time), WHY_NOT.clockInOrder);
});

test('in the page a button that is off opens nothing and says why, and goes on when the state has changed', async () => {
  await using opened = await manager.at(OFFICER);
  const { page, complaints } = opened;
  const button = (id: string) => page.locator(`button[data-operation=${id}]`);
  const off = (id: string) => page.locator(`button[data-operation=${id}][aria-disabled=true]`);
  const on = (id: string) => page.locator(`button[data-operation=${id}]:not([aria-disabled=true])`);
  const saysWhy = async (id: string, why: string) => {
    await off(id).focus();
    await page.getByRole('tooltip', { name: why }).waitFor();
    await page.keyboard.press('Enter');
    assert.equal(await page.getByRole('dialog').count(), 0, id);
  };
  const submit = (id: string) =>
    page
      .getByRole('dialog')
      .locator('button[type=submit]')
      .click()
      .then(() => on(id).waitFor());
  await page.getByRole('link', { name: 'Lock', exact: true }).click();
  await on('lockKma').waitFor();
  await saysWhy('unlockKma', WHY_NOT.unlockedAlready);
  await button('lockKma').click();
  await page.getByLabel('Type kma-test to confirm').fill('kma-test');
  await submit('unlockKma');
  await saysWhy('lockKma', WHY_NOT.lockedAlready);
  await page.getByRole('link', { name: 'Autonomous unlock' }).click();
  await saysWhy('setAutonomousUnlock', WHY_NOT.kmaLocked);
  // A core that was replaced cannot open what is sealed to the one before it.
  await page.getByRole('link', { name: 'Lock', exact: true }).click();
  await button('unlockKma').click();
  await page.getByRole('button', { name: TEXTS.logInAnew }).click();
  await giveProof(opened, OFFICER.name, OFFICER.passphrase);
  await page.getByRole('heading', { name: 'Lock', exact: true }).waitFor();
  await button('unlockKma').click();
  await page.getByRole('button', { name: TEXTS.oneMore }).click();
  for (const [index, holder] of HOLDERS.slice(0, 2).entries()) {
    await page.getByLabel(TEXTS.credentialName(index + 1)).fill(holder.name);
    await page.getByLabel(TEXTS.credentialPassphrase(index + 1)).fill(holder.passphrase);
  }
  await submit('lockKma');
  await saysWhy('unlockKma', WHY_NOT.unlockedAlready);
  // While the core is replaced the KMA asks to try again.
  complaints.splice(0, Infinity, ...complaints.filter((text) => !/503/.test(text)));
});

test('a form in which nothing is changed cannot be sent', async () => {
  await using opened = await manager.at(OFFICER);
  const { page } = opened;
  await page.getByRole('link', { name: 'Sites' }).click();
  await page.getByRole('gridcell', { name: 'site-a' }).click();
  await page.locator('button[data-operation=modifySite]').click();
  const form = page.getByRole('dialog');
  const send = form.locator('button[type=submit]');
  await form.getByText(TEXTS.unchanged).waitFor();
  assert.ok(await send.isDisabled());
  await form.getByRole('textbox', { name: 'Description' }).fill('the cellar');
  assert.ok(await send.isEnabled());
  await form.getByRole('textbox', { name: 'Description' }).fill('');
  assert.ok(await send.isDisabled());
});
