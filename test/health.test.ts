/** /livez and /readyz of a whole KMA over its local socket, as curl asks them: true when all is well, and with the reason while the KMA is locked, has no keys, loses a process or hangs. */
import assert from 'node:assert/strict';
import { statSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { OFFICER, QUORUM, TestKma } from './support/kma.ts';
import { until } from './support/until.ts';

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());

interface Health {
  readonly status: number;
  readonly body: {
    readonly live?: boolean;
    readonly problems?: readonly string[];
    readonly ready?: boolean;
    readonly reasons?: readonly { readonly reason: string; readonly detail: string }[];
  };
}

function get(path: string, method = 'GET', data = kma.data): Promise<Health> {
  const { promise, resolve, reject } = Promise.withResolvers<Health>();
  request({ socketPath: join(data, 'health.sock'), path, method }, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    response.on('end', () =>
      resolve({ status: response.statusCode ?? 0, body: text === '' ? {} : JSON.parse(text) }),
    );
  })
    .on('error', reject)
    .end();
  return promise;
}
const reasons = async () => (await get('/readyz')).body.reasons?.map(({ reason }) => reason) ?? [];
const LIVE: Health = { status: 200, body: { live: true, problems: [] } };
const READY: Health = { status: 200, body: { ready: true, reasons: [] } };
const pidOf = (name: string) => kma.kma.pids().get(name) ?? 0;

test('a KMA that serves is live and ready, and says so to this user alone', async () => {
  assert.deepEqual(await get('/livez'), LIVE);
  assert.deepEqual(await get('/readyz'), READY);
  assert.equal(statSync(join(kma.data, 'health.sock')).mode & 0o777, 0o600);
  assert.equal((await get('/readyz', 'HEAD')).status, 200);
});

test('nothing else is asked there', async () => {
  assert.deepEqual(
    [(await get('/metrics')).status, (await get('/')).status, (await get('/livez', 'POST')).status],
    [404, 404, 405],
  );
});

test('a core that hangs does not answer: neither live nor ready, and told in time', async () => {
  process.kill(pidOf('core'), 'SIGSTOP');
  try {
    assert.deepEqual(await get('/livez'), {
      status: 503,
      body: { live: false, problems: ['the core does not answer'] },
    });
    assert.deepEqual(await reasons(), ['no-answer']);
  } finally {
    process.kill(pidOf('core'), 'SIGCONT');
  }
  assert.deepEqual(await get('/readyz'), READY);
});

test('a process that agents need and that is gone is named until it is back', async () => {
  const missed = await until('it is missed', async () => {
    // It is away for a moment only: where that was not seen, once more.
    const running = kma.kma.pids().get('front 1');
    if (running !== undefined) process.kill(running, 'SIGKILL');
    const { status, body } = await get('/livez');
    return status === 503 ? body : false;
  });
  assert.deepEqual(missed, { live: false, problems: ['the front 1 process does not run'] });
  await until('it is back', async () => (await get('/livez')).status === 200);
});

test('a locked KMA lives, and is not ready', async () => {
  await kma.ask('LockKma', {}, OFFICER);
  await until('the locked core is there', () => kma.kma.locked());
  assert.deepEqual(await get('/livez'), LIVE);
  const { status, body } = await get('/readyz');
  assert.deepEqual(
    [status, body],
    [
      503,
      {
        ready: false,
        reasons: [{ reason: 'locked', detail: 'agents get no keys until a quorum unlocks it' }],
      },
    ],
  );
  await kma.ask('UnlockKma', {}, OFFICER, QUORUM);
  await until('it serves', async () => (await get('/readyz')).status === 200);
});

test('a KMA without Ready keys is not ready, and a stopped one leaves no socket that answers', async () => {
  await using bare = await TestKma.start({ bare: true });
  const { status, body } = await get('/readyz', 'GET', bare.data);
  assert.deepEqual([status, body.reasons?.map(({ reason }) => reason)], [503, ['no-keys-ready']]);
  assert.deepEqual(await get('/livez', 'GET', bare.data), LIVE);
  await bare.stop();
  await assert.rejects(get('/livez', 'GET', bare.data), { code: /ENOENT|ECONNREFUSED/ });
});
