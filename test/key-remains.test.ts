/** What is left of keys and passphrases after they were used: in the memory of a KMA's processes, and in what they print at their most verbose. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { unwrapKey } from '@openkma/protocol';
import type { Listen } from '../src/processes/messages.ts';
import { openMasterKey } from '../src/security/master-key.ts';
import { openAutonomously } from '../src/setup/autonomous-unlock-files.ts';
import { DataDirectory } from '../src/store/data-directory.ts';
import { AGENT_PASSPHRASE, HOLDERS, OFFICER, QUORUM, TestKma } from './support/kma.ts';
import { formsOf, remainsIn } from './support/process-memory.ts';
import { type Ports, RawAgent, unitOf } from './support/raw-agent.ts';
import { withStore } from './support/restoring.ts';
import { ServedKma } from './support/served-kma.ts';
import { until } from './support/until.ts';

const KEYS = 6;
const CREATE = { dataUnit: unitOf(''), keyGroupId: '' };
const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
const plain = await RawAgent.create(kma, 'drive-plain');
const wrapping = await RawAgent.create(kma, 'drive-wrapping');
const { id: agentKwkId, kwk } = await wrapping.registerKwk();
const plainKeys: Buffer[] = [];
const wrappedKeys: Buffer[] = [];
for (let i = 0; i < KEYS; i++) {
  plainKeys.push(Buffer.from((await plain.createKey()).key));
  const { key } = await wrapping.call('CreateKey2', { ...CREATE, agentKwkId });
  wrappedKeys.push(unwrapKey(kwk, key.key));
}
const passphrases = [...HOLDERS, OFFICER, { passphrase: AGENT_PASSPHRASE }].map(({ passphrase }) =>
  Buffer.from(passphrase),
);
const coreSecurity = rootAndMasterKeys();
const pid = (name: string) => kma.kma.pids().get(name) ?? 0;
const skip =
  remainsIn(pid('core'), []) === null ? 'the memory of other processes may not be read here' : false;

/** Root key material, and each master key under it, as the files of autonomous unlocking open them. */
function rootAndMasterKeys(): Buffer[] {
  const root = openAutonomously(DataDirectory.open(kma.data));
  assert.ok(root !== null);
  const masterKeys = withStore(kma.data, (store) =>
    store.state.page('master_wrap', '', 100).map(({ masterEpochId, objectId }) => {
      const name = { epochId: masterEpochId ?? '', objectId: objectId ?? '' };
      return openMasterKey(root, name, store.getObject(name.objectId)?.bytes ?? new Uint8Array());
    }),
  );
  assert.ok(masterKeys.length > 0);
  return [root, ...masterKeys].map((key) => Buffer.from(key.reveal()));
}

test('the search finds what is there, and nothing that is not', { skip }, () => {
  assert.equal(remainsIn(process.pid, wrappedKeys), KEYS, 'this process holds them');
  assert.equal(remainsIn(pid('core'), [kwk]), 1, 'an unlocked core holds the key wrapping key');
  assert.equal(remainsIn(pid('core'), coreSecurity), coreSecurity.length, 'and all of core security');
  assert.equal(remainsIn(pid('core'), [randomBytes(32)]), 0);
});

test('of keys given wrapped, nothing is left in the unlocked core or in a front', { skip }, (t) => {
  assert.equal(remainsIn(pid('core'), wrappedKeys), 0);
  assert.equal(remainsIn(pid('front 1'), wrappedKeys), 0);
  assert.equal(remainsIn(pid('reader'), [...wrappedKeys, ...plainKeys]), 0);
  // Texts that carried them, which the runtime clears when it likes: the reason to give keys wrapped.
  for (const name of ['core', 'front 1'])
    t.diagnostic(`${remainsIn(pid(name), plainKeys)} of ${KEYS} keys given plain are left in the ${name}`);
});

test('no passphrase of a person comes near a front or the reader', { skip }, async (t) => {
  await kma.ask('SetAutonomousUnlock', { enabled: true }, OFFICER, QUORUM);
  t.diagnostic(
    `${remainsIn(pid('core'), passphrases)} of ${passphrases.length} passphrases are left in the core`,
  );
  assert.equal(remainsIn(pid('front 1'), passphrases), 0);
  assert.equal(remainsIn(pid('reader'), passphrases), 0);
});

test('a locked core has nothing of any key, in whatever form it was given', { skip }, async () => {
  const before = pid('core');
  await kma.ask('LockKma', {}, OFFICER);
  await until('another core runs', () => ![0, before].includes(pid('core')));
  await until('it is locked', async () => (await kma.ask<{ locked: boolean }>('ShowStatus', {})).locked);
  assert.equal(remainsIn(pid('core'), [...plainKeys, ...wrappedKeys, kwk]), 0);
  assert.equal(remainsIn(pid('core'), passphrases), 0);
  for (const [name, id] of kma.kma.pids()) assert.equal(remainsIn(id, coreSecurity), 0, name);
});

test('at its most verbose a KMA prints no key and no passphrase', async () => {
  await kma.stop();
  // Into a file: so much through a pipe that six processes share may never end.
  const log = join(kma.folder, 'verbose.log');
  process.env['NODE_DEBUG'] = '*';
  const starting = ServedKma.startLoggingTo(log, kma);
  delete process.env['NODE_DEBUG'];
  await using served = await starting;
  await until('it is ready', () => served.stdout.includes('"event": "ready"'));
  const { listens } = JSON.parse(served.stdout) as { readonly listens: readonly Listen[] };
  const ports = Object.fromEntries(listens.map(({ service, port }) => [service, port])) as Ports;
  await kma.answer('UnlockKma', {}, OFFICER, QUORUM);
  const agent = new RawAgent(plain.name, ports, plain.identity);
  const keys = [...plainKeys];
  for (let i = 0; i < KEYS; i++) keys.push(Buffer.from((await agent.createKey()).key));
  const refused = await kma.answer('ListUsers', {}, { ...OFFICER, passphrase: 'Wrong-passphrase-1' });
  assert.ok('refused' in refused);
  assert.equal(await served.end('SIGTERM'), 0);
  const printed = Buffer.concat([Buffer.from(served.stdout), readFileSync(log)]);
  assert.ok(printed.length > 100_000, 'it is verbose');
  const secrets = [...keys, ...passphrases, Buffer.from('Wrong-passphrase-1')];
  const found = secrets.filter((secret) => formsOf(secret).some((form) => printed.includes(form)));
  assert.equal(found.length, 0);
});
