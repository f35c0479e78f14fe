/** The error state: a core that cannot trust its own primitives serves nobody, says why, and only a start that passes ends it. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { AgentError, KmaClient, loadProfile, SoapFault } from '@openkma/agent';
import { isRefusal } from '../src/core/refusal.ts';
import { ERRORS } from '../src/errors.ts';
import { openCore, type RunningCore } from '../src/processes/core/open-core.ts';
import { ReaderLink } from '../src/processes/core/reader-link.ts';
import type { startKma } from '../src/processes/supervisor.ts';
import { DataDirectory } from '../src/store/data-directory.ts';
import { AUDITOR, HOLDERS, OFFICER, OPERATOR, QUORUM, TestKma } from './support/kma.ts';
import { type Ports, RawAgent, unitOf } from './support/raw-agent.ts';
import { returningAgent } from './support/restoring.ts';

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
await kma.agent('drive-1', { settings: { failoverLimit: 0 } });
const agent = (): Promise<KmaClient> => returningAgent(kma, kma.profile('drive-1'));
const key = await (await agent()).createKey();
const rawAgent = await RawAgent.create(kma, 'drive-2');
await kma.stop();

async function withCore(
  selfTest: () => Promise<readonly string[]>,
  work: (running: RunningCore, stopped: readonly string[]) => Promise<void>,
): Promise<void> {
  const stopped: string[] = [];
  const reader: ReaderLink = new ReaderLink('/nowhere', () => running.core.parts.self);
  const events = {
    locked: () => undefined,
    servingChanged: () => undefined,
    restored: () => undefined,
    ended: () => undefined,
    livedElsewhere: () => undefined,
    clustered: () => undefined,
    platformWanted: () => undefined,
    stopped: (reason: string) => stopped.push(reason),
  };
  const running: RunningCore = await openCore(DataDirectory.open(kma.data), reader, events, selfTest);
  try {
    await work(running, stopped);
  } finally {
    await running.close();
  }
}
const passing = async () => [];
/** The text by which agents of the family go to another KMA (protocol 9). */
function saysServerError(error: unknown): boolean {
  const fault = error instanceof AgentError ? error.cause : error;
  return fault instanceof SoapFault && /^Server Error/.test(fault.text);
}

test('a core whose self-test fails runs nothing but the status, and has no key material', async () => {
  await withCore(
    async () => ['AES-256-GCM'],
    async ({ core }, stopped) => {
      assert.deepEqual(stopped, ['the self-test failed: AES-256-GCM']);
      assert.equal(core.parts.memory.unlocked, false, 'autonomous unlocking is on, and was not done');
      assert.throws(() => core.parts.memory.kwks);
      for (const [operation, input] of [
        ['FillKeyPool', { count: 1 }],
        ['RenewKmaCertificate', {}],
        ['NoteLowKeyPool', { ready: 1, size: 2 }],
      ] as const) {
        const answer = await core.callLocal(operation, input);
        assert.ok(isRefusal(answer));
        assert.equal(answer.refused, 'ERROR_STATE');
        assert.match(answer.detail ?? '', /AES-256-GCM/);
      }
      const status = await core.callLocal('ShowStatus', {});
      assert.ok(!isRefusal(status));
      assert.match((status.output as { errorState: string }).errorState, /AES-256-GCM/);
    },
  );
});

test('new key pairs that are bad again and again stop a core that served', async () => {
  await withCore(passing, async ({ core }, stopped) => {
    assert.equal(core.parts.memory.unlocked, true);
    core.parts.health.enterErrorState('new RSA key pairs are bad');
    assert.deepEqual(stopped, ['new RSA key pairs are bad']);
    assert.equal(core.parts.memory.unlocked, false, 'the keys are wiped');
    const answer = await core.callLocal('FillKeyPool', { count: 1 });
    assert.ok(isRefusal(answer) && answer.refused === 'ERROR_STATE');
    core.parts.health.enterErrorState('another reason');
    assert.equal(stopped.length, 1, 'the first reason stays');
  });
});

test('a start that passes ends it, and both error states are in the audit', async () => {
  await kma.resume();
  assert.equal(kma.kma.errorState(), null);
  const again = await (await agent()).retrieveKey(key.keyId);
  assert.deepEqual(Buffer.from(again.key.reveal()), Buffer.from(key.key.reveal()));
  const events = await kma.rows<{ condition: string; message: string; severity: string }>(
    'ListAuditEvents',
    { filter: ['operation=NoteTrouble'], limit: 10 },
    AUDITOR,
  );
  assert.deepEqual(
    events.map(({ condition, message, severity }) => [condition, message, severity]),
    [
      ['Error state', 'new RSA key pairs are bad', 'error'],
      ['Error state', 'the self-test failed: AES-256-GCM', 'error'],
    ],
  );
  const chains = await kma.ask<{ verdict: string }[]>('VerifyAudit', {}, AUDITOR);
  assert.ok(chains.every(({ verdict }) => verdict === 'intact'));
  await kma.stop();
});

test('without a hash that can be trusted nothing is written into the audit chain', async () => {
  await withCore(
    async () => ['SHA-256'],
    async () => undefined,
  );
  await kma.resume();
  const events = await kma.rows<{ message: string }>(
    'ListAuditEvents',
    { filter: ['operation=NoteTrouble'], limit: 10 },
    AUDITOR,
  );
  assert.ok(!events.some(({ message }) => message.includes('SHA-256')));
  await kma.stop();
});

/** The program once more, with one digit of a published answer altered: what a damaged disk or hand would leave. */
function damagedInstallation(folder: string): string {
  const root = fileURLToPath(new URL('..', import.meta.url));
  const copy = join(folder, 'installation');
  mkdirSync(copy);
  for (const part of ['src', 'protocol', 'agent', 'bin', 'scripts', 'node_modules', 'package.json'])
    cpSync(join(root, part), join(copy, part), { recursive: true, verbatimSymlinks: true });
  cpSync(join(root, 'package-lock.json'), join(copy, 'package-lock.json'));
  const vectors = join(copy, 'src', 'security', 'self-test-vectors.ts');
  const text = readFileSync(vectors, 'utf8');
  const altered = text.replace("wrapped: '28C9", "wrapped: '28CA");
  assert.notEqual(altered, text);
  writeFileSync(vectors, altered);
  return copy;
}

test('a damaged installation', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'openkma-damaged-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const copy = damagedInstallation(folder);
  const kmaCommand = (...args: string[]) =>
    spawnSync(join(copy, 'bin', 'kma'), args, { encoding: 'utf8', cwd: folder });

  await t.test('founds no cluster: "kma init" says what failed and leaves nothing', () => {
    const answers = join(folder, 'answers.json');
    writeFileSync(
      answers,
      JSON.stringify({ kmaName: 'kma-x', threshold: 1, credentials: [HOLDERS[0]], securityOfficer: OFFICER }),
    );
    const run = kmaCommand('--json', '--data', join(folder, 'data'), 'init', '--answers', answers);
    assert.notEqual(run.status, 0);
    const { error } = JSON.parse(run.stdout);
    assert.equal(error.number, ERRORS.SELF_TEST_FAILED.number);
    assert.match(JSON.stringify(error), /AES-256 key wrap/);
    assert.ok(!existsSync(join(folder, 'data')));
  });

  await t.test('starts, serves nobody, says why, and does not start over and over', async () => {
    const { startKma: start } = (await import(join(copy, 'src/processes/supervisor.ts'))) as {
      startKma: typeof startKma;
    };
    const lines: string[] = [];
    const running = await start({
      dataDirectory: kma.data,
      addresses: { management: '127.0.0.1', service: '127.0.0.1' },
      ports: { ca: 0, certificate: 0, management: 0, agent: 0, discovery: 0, replication: 0 },
      fronts: 1,
      onEvent: (line) => lines.push(line),
    });
    try {
      const core = running.pids().get('core');
      assert.match(running.errorState() ?? '', /AES-256 key wrap/);
      const profile = await loadProfile(kma.profile('drive-1'));
      const ports = Object.fromEntries(running.listens.map(({ service, port }) => [service, port]));
      const drive = new KmaClient({ ...profile, ports: { ...profile.ports, ...ports } });
      await assert.rejects(drive.retrieveKey(key.keyId), saysServerError);
      const raw = new RawAgent(rawAgent.name, ports as Ports, rawAgent.identity);
      assert.equal(await raw.refusal('DiscoverCluster', {}), 'Server Error');
      assert.equal(await raw.refusal('CreateKey', { dataUnit: unitOf(''), keyGroupId: '' }), 'Server Error');
      assert.equal(await raw.refusal('GetAgentKWKPublicKey', {}), 'Server Error');
      const status = kmaCommand('--data', kma.data, 'status');
      assert.match(status.stdout, /STOPPED: the self-test failed: AES-256 key wrap/);
      for (const [operation, input, user, quorum] of [
        ['ListUsers', {}, OFFICER, []],
        ['UnlockKma', {}, OFFICER, QUORUM],
        ['CreateAgent', { agent: 'drive-9', passphrase: 'Enrol-me-once-6' }, OPERATOR, []],
        ['CreateDatabaseBackup', {}, null, []],
      ] as const) {
        const answer = await kma.answer(operation, input, user, quorum);
        assert.ok(isRefusal(answer));
        assert.equal(answer.refused, 'ERROR_STATE', operation);
      }
      assert.equal(running.pids().get('core'), core, 'it is the same process all the time');
      assert.ok(!lines.some((line) => line.includes('starting it again')));
    } finally {
      await running.stop();
    }
  });

  await t.test('the sound installation goes on with the same data', async () => {
    await kma.resume();
    const again = await (await agent()).retrieveKey(key.keyId);
    assert.deepEqual(Buffer.from(again.key.reveal()), Buffer.from(key.key.reveal()));
  });
});
