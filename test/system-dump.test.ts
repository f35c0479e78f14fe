/** The system dump of a whole KMA: what it says, who gets it, and that nothing of any key, share, verifier or passphrase is in it, in whatever form. */
import assert from 'node:assert/strict';
import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { after, test } from 'node:test';
import { autonomousUnlockKeyPath, openAutonomously } from '../src/setup/autonomous-unlock-files.ts';
import { readLogSeed, readTlsKeyPem } from '../src/setup/local-identity.ts';
import { DataDirectory } from '../src/store/data-directory.ts';
import { AGENT_PASSPHRASE, AUDITOR, COMPLIANCE, HOLDERS, OFFICER, OPERATOR, TestKma } from './support/kma.ts';
import { KmaShell } from './support/kma-shell.ts';
import { RawAgent } from './support/raw-agent.ts';
import { withStore } from './support/restoring.ts';
import { secretsInText } from './support/text-runs.ts';

interface Dump {
  readonly format: string;
  readonly status: { readonly kma: string; readonly keysUnissued: number; readonly commits: number };
  readonly software: { readonly version: string };
  readonly memory: { readonly rss: number };
  readonly store: { readonly tables: { table: string; rows: number }[]; readonly schema: string[] };
  readonly systemMessages: { readonly message: string }[];
  readonly auditRecords: { readonly row: number; readonly operation: string }[];
  readonly metrics: { readonly sample: string }[];
}

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
const agent = await RawAgent.create(kma, 'drive-1');
const { kwk } = await agent.registerKwk();
const keys: Uint8Array[] = [];
for (let i = 0; i < 5; i++) keys.push(Buffer.from((await agent.createKey()).key));

/** Of an object that is written as text only the values: its words and identifiers are no secret. */
function bytesOf(object: Buffer): Buffer[] {
  if (!object.toString('latin1').startsWith('{"format":')) return [object];
  const texts: string[] = [];
  JSON.parse(object.toString(), (_, value: unknown) => {
    if (typeof value === 'string') texts.push(value);
    return value;
  });
  const values = texts.filter((text) => /^[A-Za-z0-9+/]{22,}={0,2}$/.test(text) && !/^[0-9A-F]+$/.test(text));
  assert.ok(values.length > 3);
  return values.map((text) => Buffer.from(text, 'base64'));
}

/** Everything that must not get out, by bytes. */
function secrets(): Uint8Array[] {
  const directory = DataDirectory.open(kma.data);
  const root = openAutonomously(directory);
  assert.ok(root !== null);
  const tls = createPrivateKey(readTlsKeyPem(directory)).export({ type: 'pkcs8', format: 'der' });
  const local = [readLogSeed(directory).reveal(), readFileSync(autonomousUnlockKeyPath(kma.data)), tls];
  // Sealed keys, verifiers, the key split with its encrypted shares: as they lie in the store.
  const stored = withStore(kma.data, ({ database }) =>
    database
      .prepare('SELECT bytes FROM object')
      .all()
      .flatMap(({ bytes }) => bytesOf(Buffer.from(bytes as Uint8Array))),
  );
  assert.ok(stored.length > 20);
  return [...keys, kwk, root.reveal(), ...local, ...stored];
}

const dump = () => kma.ask<Dump>('CreateSystemDump', {}, OPERATOR);
const text = async () => Buffer.from(JSON.stringify(await dump()));

test('the search finds 16 bytes of a secret, as they are, in hexadecimal and in base64, wherever they begin', async () => {
  const clean = await text();
  const all = secrets();
  const [first, last] = [all[0] ?? Buffer.of(), Buffer.from(all.at(-1) ?? Buffer.of())];
  const run = Buffer.from(first).subarray(7, 23);
  const planted = [
    run,
    Buffer.from(run.toString('hex')),
    Buffer.from(`"7${run.toString('hex').toUpperCase()}"`),
    ...[0, 1, 2].map((before) =>
      Buffer.from(
        `"n${Buffer.from(first)
          .subarray(7 - before, 23)
          .toString('base64')}"`,
      ),
    ),
    Buffer.from(run.toString('base64url')),
  ];
  for (const form of planted)
    assert.deepEqual([...secretsInText(Buffer.concat([clean, form]), all)], [0], form.toString('latin1'));
  const sealed = Buffer.concat([clean, Buffer.from(last.toString('base64'))]);
  assert.deepEqual([...secretsInText(sealed, all)], [all.length - 1]);
});

test('nothing of a key, a share, a verifier or a sealed object is in the dump', async () => {
  assert.deepEqual([...secretsInText(await text(), secrets())], []);
});

test('no passphrase is in the dump', async () => {
  const dumped = (await text()).toString();
  assert.ok(dumped.includes(OFFICER.name), 'who did what is');
  for (const { passphrase } of [...HOLDERS, OFFICER, COMPLIANCE, OPERATOR, { passphrase: AGENT_PASSPHRASE }])
    assert.equal(dumped.includes(passphrase), false);
});

test('it says what is needed to look for a fault', async () => {
  const found = await dump();
  assert.equal(found.format, 'openkma system dump 1');
  assert.equal(found.status.kma, 'kma-test');
  assert.ok(found.status.commits > 0 && found.memory.rss > 10_000_000);
  assert.match(found.software.version, /^\d+\.\d+\.\d+/);
  const made = withStore(kma.data, ({ database }) => database.prepare('SELECT count(*) AS n FROM key').get());
  assert.equal(found.store.tables.find(({ table }) => table === 'key')?.rows, made?.['n']);
  assert.ok(found.store.schema.some((sql) => sql.startsWith('CREATE TABLE')));
  assert.ok(found.systemMessages.some(({ message }) => message.startsWith('started: OpenKMA')));
  assert.ok(found.auditRecords.some(({ operation }) => operation === 'CreateKey'));
  assert.ok(found.metrics.some(({ sample }) => sample === 'openkma_core_operations_total'));
});

test('at the appliance it is printed as JSON, without being asked for', async () => {
  const printed = await new KmaShell(kma.data, kma.folder).text('system dump', { user: OPERATOR });
  assert.equal((JSON.parse(printed) as Dump).format, 'openkma system dump 1');
});

test('who does not run the machine gets none, and who gets one is in the audit', async () => {
  const answer = await kma.answer('CreateSystemDump', {}, AUDITOR);
  assert.equal('refused' in answer && answer.refused, 'ACCESS_DENIED');
  const filter = ['operation=CreateSystemDump', 'severity=success', `entityId=${OPERATOR.name}`];
  assert.ok((await kma.rows('ListAuditEvents', { filter }, AUDITOR)).length > 0);
});
