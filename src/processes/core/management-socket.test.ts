/** The core's socket for the management front, with a front that is no longer ours: it gets operations of people, and only in the name of keys that are logged in. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { withCore } from '../../../test/support/core-alone.ts';
import { OFFICER, TestKma } from '../../../test/support/kma.ts';
import type { Fingerprint, UserId } from '../../core/ids.ts';
import { byName } from '../../core/live.ts';
import { enabledStampOf } from '../../core/user-session.ts';
import { FrameSocket } from '../frame.ts';
import type { CoreToManagement } from '../management-messages.ts';
import { listenForManagers } from './management-socket.ts';
import type { RunningCore } from './open-core.ts';

const KEY = 'C'.repeat(64) as Fingerprint;
const OTHER = 'D'.repeat(64);

const kma = await TestKma.start({ bare: true });
await kma.stop();
const folder = mkdtempSync(join(tmpdir(), 'kma-managers-'));
after(async () => {
  rmSync(folder, { recursive: true, force: true });
  await kma[Symbol.asyncDispose]();
});

/** A log-in of the officer. */
function logIn({ core }: RunningCore, fingerprint = KEY): void {
  const { store } = core.parts;
  const user = byName(store.state, 'user', OFFICER.name);
  assert.ok(user !== undefined && user.verifierObjectId !== null);
  const { id, verifierObjectId } = user;
  const createdAtMs = Date.now();
  store.transaction(() =>
    store.userSessions.put({
      fingerprint,
      userId: id as UserId,
      verifierObjectId,
      enabledStamp: enabledStampOf(user),
      createdAtMs,
      expiresAtMs: createdAtMs + 60_000,
    }),
  );
}

/** What the core says to one message; null where it ends the connection instead. */
async function told(path: string, message: object): Promise<CoreToManagement | null> {
  const socket = connect(path);
  await once(socket, 'connect');
  const { promise, resolve } = Promise.withResolvers<CoreToManagement | null>();
  const frames = new FrameSocket(socket, {
    onMessage: (raw) => resolve(raw as CoreToManagement),
    onClose: () => resolve(null),
  });
  frames.send(message);
  const answer = await promise;
  socket.destroy();
  return answer;
}

const call = (operation: string, keySha256: string | null, input: object = {}) => ({
  t: 'call',
  id: 1,
  operation,
  input,
  origin: { address: '192.0.2.7', localAddress: '192.0.2.1', keySha256 },
});

async function atTheSocket(
  work: (path: string, running: RunningCore) => Promise<void>,
  frameBytesMax?: number,
): Promise<void> {
  await withCore(kma.data, async (running) => {
    logIn(running);
    const path = join(folder, 'management.sock');
    const server = await listenForManagers(running, {
      path,
      groupId: null,
      ...(frameBytesMax === undefined ? {} : { frameBytesMax }),
    });
    try {
      await work(path, running);
    } finally {
      // What was sent and not yet read would ask a core that is closed.
      await new Promise((closed) => server.close(closed));
    }
  });
}

test('operations of agents, strangers and the appliance itself do not exist for it, nor what people do there alone', () =>
  atTheSocket(async (path) => {
    for (const operation of [
      'CreateKey',
      'LogInUser',
      'BeginProof',
      'MakeKeys',
      'NoteTrouble',
      'QuickStart',
      'RebootKma',
      'ResetKma',
    ]) {
      const answer = await told(path, call(operation, KEY));
      assert.deepEqual(answer, { t: 'problem', id: 1, code: 'NOT_SUPPORTED', known: true }, operation);
    }
  }));

test('a key of nobody gets a code and no detail, whatever it asks, and leaves no record of its own', () =>
  atTheSocket(async (path, { core }) => {
    const records = () =>
      core.parts.store.database
        .prepare(
          `SELECT count(*) AS n FROM audit WHERE operation IN ('ShowSession', 'ListSessions', 'ModifySite')`,
        )
        .get()?.['n'];
    const before = records();
    for (const key of [OTHER, null])
      for (const operation of ['ShowSession', 'ListSessions', 'ModifySite'])
        assert.deepEqual(await told(path, call(operation, key, { site: 7 })), {
          t: 'problem',
          id: 1,
          code: 'SESSION_UNKNOWN',
          known: false,
        });
    assert.equal(records(), before);
  }));

test('whose key it is, is said; what else is wrong with a request is told to who is known', () =>
  atTheSocket(async (path, { core }) => {
    const userId = byName(core.parts.store.state, 'user', OFFICER.name)?.id;
    assert.deepEqual(await told(path, { t: 'who', id: 5, keySha256: KEY }), { t: 'who', id: 5, userId });
    const unknown = await told(path, { t: 'who', id: 5, keySha256: OTHER });
    assert.deepEqual(unknown, { t: 'who', id: 5, userId: null });
    const wrong = await told(path, call('CreateSite', KEY, { site: '' }));
    assert.ok(wrong?.t === 'problem');
    assert.deepEqual([wrong.code, wrong.known], ['INVALID_PARAMETERS', true]);
    assert.match(wrong.detail ?? '', /^site: /);
    const denied = await told(path, call('ListKeyPolicies', KEY));
    assert.deepEqual(denied, { t: 'problem', id: 1, code: 'ACCESS_DENIED', known: true });
  }));

test('an answer that is too long for the socket is said to be', () =>
  atTheSocket(async (path, running) => {
    for (const digit of '0123456789') logIn(running, digit.repeat(64) as Fingerprint);
    const answer = await told(path, call('ListSessions', KEY));
    assert.deepEqual(answer, { t: 'problem', id: 1, code: 'ANSWER_TOO_LONG', known: true });
    assert.equal((await told(path, call('ShowSession', KEY)))?.t, 'reply');
  }, 1024));

test('a front that sends far more than managers could is answered that the core is busy, and counted', () =>
  atTheSocket(async (path, { refused }) => {
    const socket = connect(path);
    await once(socket, 'connect');
    const { promise, resolve } = Promise.withResolvers<void>();
    const frames = new FrameSocket(socket, {
      onMessage: (raw) => {
        const answer = raw as CoreToManagement;
        if (answer.t === 'problem' && answer.code === 'SERVER_BUSY') resolve();
      },
      onClose: () => undefined,
    });
    for (let sent = 0; sent < 3000; sent++) frames.send(call('ShowSession', OTHER));
    await promise;
    socket.destroy();
    assert.ok(refused.take().some((summary) => JSON.stringify(summary).includes('beyond its rate')));
  }));

test('nobody who is known is called a stranger because the core is busy', () =>
  atTheSocket(async (path) => {
    const socket = connect(path);
    await once(socket, 'connect');
    const answers: CoreToManagement[] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const frames = new FrameSocket(socket, {
      onMessage: (raw) => {
        const answer = raw as CoreToManagement;
        answers.push(answer);
        if (answer.t !== 'who' || answer.userId === null) resolve();
      },
      onClose: () => undefined,
    });
    // More than the rate lets through in ten seconds: the first refusal ends it.
    for (let id = 0; id < 12_000; id++) frames.send({ t: 'who', id, keySha256: KEY });
    await promise;
    socket.destroy();
    assert.ok(answers.every((answer) => answer.t !== 'who' || answer.userId !== null));
    assert.ok(answers.some((answer) => answer.t === 'problem' && answer.code === 'SERVER_BUSY'));
  }));

test('what is no message of a management front ends the connection', () =>
  atTheSocket(async (path) => {
    const claimed = { ...call('ShowSession', KEY), claim: { claim: 'appliance' } };
    assert.equal(await told(path, claimed), null);
    assert.equal(await told(path, { ...call('ShowSession', KEY), idempotencyKey: 'short' }), null);
  }));
