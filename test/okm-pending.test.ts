/** Pending operations with okm alone, as three administrators run it on their own computers. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { HOLDERS, OFFICER, OPERATOR, type Person, QUORUM, TestKma } from './support/kma.ts';
import { asUser } from './support/kma-command.ts';
import { OkmShell } from './support/okm-shell.ts';
import { ServedKma } from './support/served-kma.ts';

const MEMBERS = ['quentin', 'quincy'].map((name) => ({ name, passphrase: 'Signs-with-others-9' }));
const [QUENTIN, QUINCY] = MEMBERS as [Person, Person];
let kma: TestKma;
let served: ServedKma;
let place: string[];
before(async () => {
  kma = await TestKma.start();
  for (const { name, passphrase } of MEMBERS)
    await kma.ask('CreateUser', { user: name, roles: ['QUORUM_MEMBER'], passphrase }, OFFICER, QUORUM);
  const { publicKeySha256 } = await kma.ask<{ publicKeySha256: string }>('ShowRootCa', {}, OFFICER);
  await kma.stop();
  served = await ServedKma.start(kma);
  place = ['--kma', '127.0.0.1', '--port-offset', String(served.portOffset), '--ca-key', publicKeySha256];
});
after(async () => {
  await served[Symbol.asyncDispose]();
  await kma[Symbol.asyncDispose]();
});

async function loggedIn(person: Person): Promise<OkmShell> {
  const okm = new OkmShell(kma.folder);
  await okm.text('profile', 'create', 'berlin', ...place);
  await okm.text('login', person.name, ...asUser(kma.folder, person).slice(2));
  return okm;
}
function quorumFile(name: string, credentials: readonly Person[]): string {
  const path = join(kma.folder, name);
  writeFileSync(path, credentials.map((one) => `${one.name} ${one.passphrase}\n`).join(''), { mode: 0o600 });
  return path;
}

test('an officer submits, two members compare the code and approve, and it is done', async () => {
  const officer = await loggedIn(OFFICER);
  const change = ['user', 'modify', OPERATOR.name, '--roles', 'OPERATOR,AUDITOR', '--submit'];
  const waits = await officer.run(...change, '--json');
  assert.equal(waits.status, 8, waits.stderr);
  const { pendingId, code } = JSON.parse(waits.stdout) as { pendingId: string; code: string };
  const [first, second] = [await loggedIn(QUENTIN), await loggedIn(QUINCY)];
  const mine = quorumFile('mine.txt', HOLDERS.slice(0, 1));
  const wrong = await first.run('pending', 'review', pendingId, '--code', 'AAAA-AAAA', '--quorum-file', mine);
  assert.equal(wrong.status, 5, wrong.stderr);
  const seen = await first.run('pending', 'review', pendingId, '--code', code, '--quorum-file', mine);
  assert.equal(seen.status, 0, seen.stderr);
  assert.match(seen.stderr, /Roles: OPERATOR -> OPERATOR, AUDITOR/);
  assert.ok(seen.stderr.includes(`Code of this text: ${code}`));
  const again = await first.run('pending', 'review', pendingId, '--code', code, '--quorum-file', mine);
  assert.equal(again.status, 5, again.stderr);
  assert.match(again.stderr, /PENDING_APPROVED_ALREADY/);
  assert.ok(again.stderr.includes(`${HOLDERS[0]?.name} had approved already`), again.stderr);
  const yours = quorumFile('yours.txt', HOLDERS.slice(1, 2));
  const review = ['pending', 'review', pendingId, '--code', code, '--quorum-file', yours];
  assert.equal((await second.json<{ executed: boolean }>(...review)).executed, true);
  assert.match(await officer.text('user', 'list'), new RegExp(`${OPERATOR.name} +OPERATOR, AUDITOR`));
});
