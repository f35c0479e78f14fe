/** Ten thousand wrong proofs over every agent ID that exists, and some that do not, from hundreds of addresses: who is inside notices nothing. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { connect, type TLSSocket } from 'node:tls';
import { CHALLENGE_BYTES, encodeRequest, PROOF_BYTES } from '@openkma/protocol';
import { residentMegabytes } from './support/attack.ts';
import { AGENT_PASSPHRASE, AUDITOR, OFFICER, OPERATOR, TestKma } from './support/kma.ts';
import { enrolRaw, faultOf, fieldsOf, RawAgent, retrieveRoot } from './support/raw-agent.ts';
import { until } from './support/until.ts';

const GUESSES = 10_000;
const SOURCES = 250;
const AT_ONCE = 8;
const GROWTH_MEGABYTES_MAX = 300;

const kma = await TestKma.start({ fronts: 2 });
after(() => kma[Symbol.asyncDispose]());
const drives = await Promise.all(['drive-1', 'drive-2', 'drive-3'].map((name) => RawAgent.create(kma, name)));
await kma.createAgent('waiting');
const first = await Promise.all(drives.map((drive) => drive.createKey()));
const NAMES = ['drive-1', 'drive-2', 'drive-3', 'waiting', 'officer', 'operator', 'holder-one', 'nobody', ''];

function guess(entityId: string): string {
  return encodeRequest('certificate', 'RetrieveEntityCertificate', {
    entityId,
    clientAuthenticationResponse: randomBytes(PROOF_BYTES),
    serverAuthenticationChallenge: randomBytes(CHALLENGE_BYTES),
  });
}

/** One guess on a connection that stays; the number of the fault. */
async function guessOn(socket: TLSSocket, body: string): Promise<string> {
  let answer = '';
  socket.write(`POST / HTTP/1.1\r\nHost: kma\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
  while (!answer.includes('</SOAP-ENV:Envelope>')) answer += (await once(socket, 'data'))[0];
  return /<faultstring>(\d+) /.exec(answer)?.[1] ?? answer;
}

async function guessFrom(
  localAddress: string,
  ca: string,
  guesses: number,
  seen: Map<string, number>,
): Promise<void> {
  const to = { host: '127.0.0.1', port: kma.ports.certificate, localAddress };
  const socket = connect({ ...to, ca, checkServerIdentity: () => undefined });
  await once(socket, 'secureConnect');
  for (let i = 0; i < guesses; i++) {
    const fault = await guessOn(socket, guess(NAMES[i % NAMES.length] ?? ''));
    seen.set(fault, (seen.get(fault) ?? 0) + 1);
  }
  socket.destroy();
}

/** From all sources, some side by side. */
async function guessAll(ca: string): Promise<ReadonlyMap<string, number>> {
  const seen = new Map<string, number>();
  const sources = Array.from({ length: SOURCES }, (_, i) => `127.2.0.${i + 1}`);
  const worker = async () => {
    for (let source = sources.shift(); source !== undefined; source = sources.shift())
      await guessFrom(source, ca, GUESSES / SOURCES, seen);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return seen;
}

test('ten thousand wrong enrolments stop neither an enrolled agent nor the last Security Officer', {
  timeout: 300_000,
}, async (t) => {
  const { caPem } = await retrieveRoot(kma.ports, 'nobody');
  const before = new Map([...kma.kma.pids()].map(([name, pid]) => [name, residentMegabytes(pid)]));
  const pids = new Map(kma.kma.pids());
  let over = false;
  const guessing = guessAll(caPem).finally(() => {
    over = true;
  });
  const figures: number[] = [];
  do {
    for (const [index, drive] of drives.entries()) {
      const startMs = performance.now();
      const { key } = await drive.call('RetrieveKey', {
        keyId: first[index]?.keyId ?? '',
        dataUnit: {
          dataUnitId: '',
          externalUniqueId: '',
          externalTag: '',
          description: '',
          state: 'DATA-UNIT-STATE-NO-KEY',
        },
        keyGroupId: '',
      });
      figures.push(performance.now() - startMs);
      assert.deepEqual(Buffer.from(key.key), Buffer.from(first[index]?.key ?? []));
    }
    await kma.ask('ListUsers', {}, OFFICER);
  } while (!over);
  const seen = await guessing;
  t.diagnostic(`faults: ${[...seen].map(([fault, count]) => `${count} x ${fault}`).join(', ')}`);
  figures.sort((a, b) => a - b);
  t.diagnostic(
    `agents meanwhile: median ${Math.round(figures[figures.length >> 1] ?? 0)} ms, longest ${Math.round(figures.at(-1) ?? 0)} ms`,
  );
  assert.equal(
    [...seen.values()].reduce((sum, count) => sum + count, 0),
    GUESSES,
  );
  assert.deepEqual(
    [...seen.keys()].sort().filter((fault) => !['1001', '1002'].includes(fault)),
    [],
  );
  assert.deepEqual(new Map(kma.kma.pids()), pids, 'no process has ended');
  for (const [name, pid] of pids) {
    const grown = residentMegabytes(pid) - (before.get(name) ?? 0);
    assert.ok(grown < GROWTH_MEGABYTES_MAX, `${name} grew by ${grown} MB`);
  }
});

test('afterwards: the last Security Officer logs in, and an agent whose passphrase was disabled enrols with a new one', async () => {
  await kma.ask('ListUsers', {}, OFFICER);
  const name = 'waiting';
  assert.equal(
    faultOf((await enrolRaw(kma.ports, name)).answer),
    1002,
    'the guesses have used its passphrase up',
  );
  const agents = await kma.rows<{ agent: string; enabled: boolean }>('ListAgents', {}, OPERATOR);
  const enabled = agents.find(({ agent }) => agent === name)?.enabled;
  assert.equal(enabled, true, 'only the proof is disabled');
  const passphrase = `${AGENT_PASSPHRASE}-again`;
  await kma.ask('SetAgentPassphrase', { agent: name, passphrase }, OPERATOR);
  fieldsOf((await enrolRaw(kma.ports, name, passphrase)).answer);
  for (const drive of drives) await drive.createKey();
});

test('wrong passphrases slow the last Security Officer down and never shut him out', {
  timeout: 300_000,
}, async () => {
  const wrong = { name: OFFICER.name, passphrase: 'Not-the-passphrase-9' };
  const refused: string[] = [];
  for (let i = 0; i < 7; i++) {
    const answer = await kma.answer('ListUsers', {}, wrong);
    assert.ok('refused' in answer);
    refused.push(answer.refused);
  }
  assert.ok(refused.includes('SERVER_BUSY'), 'further guesses wait');
  await until('the officer is let in after the wait', () => kma.ask('ListUsers', {}, OFFICER), 120_000);
});

test('the guesses are in the audit as counts, and the chains are intact', async () => {
  const chains = await kma.ask<{ verdict: string }[]>('VerifyAudit', {}, AUDITOR);
  assert.deepEqual([...new Set(chains.map(({ verdict }) => verdict))], ['intact']);
  const records = await kma.rows<unknown>(
    'ListAuditEvents',
    { filter: ['operation=RetrieveEntityCertificate'], limit: 1000 },
    AUDITOR,
  );
  assert.ok(records.length < 20, `${records.length} records of ten thousand guesses`);
});
