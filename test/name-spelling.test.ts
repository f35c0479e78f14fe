/** People whose names have more than one spelling in Unicode: whichever their keyboard gives, they are the same people, from QuickStart on. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { type Person, TestKma } from './support/kma.ts';
import { logIn, ManagerConnection, newManagerKey } from './support/manager.ts';

const OFFICER = { name: 'Mu\u0308ller', passphrase: 'Guards-the-gate-1' };
const HOLDER = { name: 'Jo\u0308rg', passphrase: 'Split-one-part-7' };
const composed = (person: Person) => ({ ...person, name: person.name.normalize('NFC') });

const kma = await TestKma.start({
  bare: true,
  answers: { threshold: 1, credentials: [HOLDER], securityOfficer: OFFICER },
});
after(() => kma[Symbol.asyncDispose]());

test('at the appliance user and key holder are known in either spelling', async () => {
  const create = (user: string, officer: Person, holder: Person) =>
    kma.ask('CreateUser', { user, roles: ['AUDITOR'], passphrase: 'Counts-the-beans-5' }, officer, [holder]);
  await create('first', OFFICER, HOLDER);
  await create('second', composed(OFFICER), composed(HOLDER));
  const users = await kma.rows<{ user: string }>('ListUsers', {}, OFFICER);
  assert.deepEqual(users.map(({ user }) => user).sort(), ['M\u00fcller', 'first', 'second'].sort());
});

test('over the network the user is known by the spelling that clients send', async () => {
  const key = await newManagerKey();
  await logIn(kma, composed(OFFICER), key);
  const connection = ManagerConnection.of(kma, key);
  const { body } = await connection.send('GET', '/v1/session');
  connection.close();
  assert.equal((body as { readonly user: string }).user, 'M\u00fcller');
});
