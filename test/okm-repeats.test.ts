/** What okm sends once more where a KMA is busy, gives no answer or gives an odd one, and what it must not. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Connection } from '../src/cli/okm/connection.ts';
import { operationNamed } from '../src/cli/okm/operation-named.ts';
import { type CallOptions, Manager } from '../src/client/manager.ts';
import { ERRORS } from '../src/errors.ts';
import { logInAt, type OddAnswer, oddKma, sessionFileOf } from './support/odd-kma.ts';
import { OkmShell } from './support/okm-shell.ts';

const folder = mkdtempSync(join(tmpdir(), 'openkma-repeats-'));
after(() => rmSync(folder, { recursive: true, force: true }));

type Input = Readonly<Record<string, unknown>>;
const VERSION = '0123456789abcdef';
const refusal = (code: 'SERVER_BUSY' | 'TOO_MANY_CONNECTIONS'): OddAnswer => ({
  status: ERRORS[code].httpStatus,
  body: JSON.stringify({ code }),
});

/** How often a call was sent that is answered at the third attempt, and how it ended. */
async function sent(failing: OddAnswer | null, name: string, input: Input, options: CallOptions = {}) {
  await using kma = await oddKma(({ number }) => (number < 2 ? failing : { status: 204 }));
  const manager = new Manager(kma.session, { timeoutMs: 60_000, retries: 5, waitMs: 1 });
  try {
    const outcome = await manager.call(operationNamed(name), input, options).then(
      ({ became }) => became,
      (error: { code: string }) => error.code,
    );
    return [kma.asked.length, outcome];
  } finally {
    manager.close();
  }
}

test('after "busy" only that is sent again whose repetition changes nothing or would be noticed', async () => {
  const busy = refusal('SERVER_BUSY');
  const change = { site: 'berlin', description: 'hall 2' };
  const done = [3, 'done'];
  const once = [1, 'SERVER_BUSY'];
  assert.deepEqual(await sent(busy, 'ListSites', {}), done);
  assert.deepEqual(await sent(busy, 'CreateSite', change), done);
  assert.deepEqual(await sent(busy, 'ModifySite', change, { ifMatch: VERSION }), done);
  assert.deepEqual(await sent(busy, 'DeleteSite', { site: 'berlin' }, { ifMatch: VERSION }), done);
  assert.deepEqual(await sent(busy, 'SetDefaultKeyGroup', { agent: 'a', group: 'b' }), done);
  assert.deepEqual(await sent(busy, 'ModifySite', change), once);
  assert.deepEqual(await sent(busy, 'DeleteSite', { site: 'berlin' }), once);
});

test('who finds no place among the connections comes again with whatever it is', async () => {
  const full = refusal('TOO_MANY_CONNECTIONS');
  assert.deepEqual(await sent(full, 'DeleteSite', { site: 'berlin' }), [3, 'done']);
});

test('what got no answer may have been done: no change without an Idempotency-Key is sent again', async () => {
  const change = { site: 'berlin', description: 'hall 2' };
  assert.deepEqual(await sent(null, 'CreateSite', change), [3, 'done']);
  assert.deepEqual(await sent(null, 'ModifySite', change, { ifMatch: VERSION }), [1, 'KMA_UNREACHABLE']);
  assert.deepEqual(await sent(null, 'SetDefaultKeyGroup', { agent: 'a', group: 'b' }), [
    1,
    'KMA_UNREACHABLE',
  ]);
  assert.deepEqual(await sent(null, 'LogOut', {}), [1, 'KMA_UNREACHABLE']);
});

test('a redirection is no answer and is not followed', async () => {
  const away = { status: 302, headers: { Location: '/v1/elsewhere' }, body: '{}' };
  assert.deepEqual(await sent(away, 'DeleteSite', { site: 'berlin' }), [1, 'SERVER_ERROR']);
});

test('a version where none counts is refused before anything is asked', async () => {
  for (const name of ['CreateSite', 'ShowSite', 'LogOut'])
    assert.deepEqual(await sent(null, name, { site: 'berlin' }, { ifMatch: VERSION }), [0, 'USAGE']);
});

test('--if-match takes a version and nothing else', async () => {
  await using kma = await oddKma(() => ({ status: 204 }));
  const okm = new OkmShell(folder);
  await logInAt(kma, okm);
  for (const version of ['*', VERSION.slice(1), `"${VERSION}"`, ''])
    assert.match((await okm.run('site', 'delete', 'berlin', '--if-match', version)).stderr, /16 hex digits/);
  assert.deepEqual(kma.asked, []);
  assert.equal((await okm.run('site', 'delete', 'berlin', '--if-match', VERSION)).status, 0);
});

test('a result that could not be written is noticed before anything is asked', async () => {
  await using kma = await oddKma(() => ({ status: 204 }));
  const okm = new OkmShell(folder);
  await logInAt(kma, okm);
  const link = join(folder, 'link');
  symlinkSync('/dev/null', link);
  for (const path of [join(folder, 'no', 'such', 'file'), folder, link]) {
    const { status, stderr } = await okm.run('site', 'create', 'berlin', '--output', path);
    assert.equal(status, 2, stderr);
    assert.match(stderr, /--output/);
  }
  assert.deepEqual(kma.asked, []);
  const old = join(folder, 'old');
  writeFileSync(old, 'before');
  assert.equal((await okm.run('site', 'create', 'berlin', '--output', old)).status, 0);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.part')),
    [],
  );
});

test('a log-in counts at its own address and ports alone', async () => {
  await using kma = await oddKma(() => ({ status: 204 }));
  const okm = new OkmShell(folder);
  await logInAt(kma, okm);
  const elsewhere = ['--port-offset', String(kma.session.place.portOffset - 1)];
  for (const command of [['session', 'show'], ['session', 'log-out'], ['logout'], ['whoami']])
    assert.match((await okm.run(...command, ...elsewhere)).stderr, /NOT_LOGGED_IN/, command.join(' '));
  assert.deepEqual(kma.asked, []);
  assert.ok(existsSync(sessionFileOf(okm)), 'a log-in elsewhere is not forgotten');
  assert.equal((await okm.run('logout')).status, 0);
  assert.deepEqual(kma.asked, ['DELETE /v1/session']);
  assert.ok(!existsSync(sessionFileOf(okm)));
});

test('the log-in of one command is ended with it, except where the KMA has just not answered', async () => {
  const asked = async (answer: OddAnswer | null) => {
    await using kma = await oddKma(({ number }) => (number === 0 ? answer : { status: 204 }));
    class LoggedIn extends Connection {
      override logIn() {
        return Promise.resolve(kma.session);
      }
    }
    const show = (manager: Manager) => manager.call(operationNamed('ShowSession'), {});
    await new LoggedIn({ timeout: 60, retries: 0 })
      .use({ name: 'olga', passphrase: '' }, show)
      .catch(() => undefined);
    return kma.asked;
  };
  const both = ['GET /v1/session', 'DELETE /v1/session'];
  assert.deepEqual(await asked({ status: 200, body: '{}' }), both);
  assert.deepEqual(await asked({ status: 403, body: '{"code":"ACCESS_DENIED"}' }), both);
  assert.deepEqual(await asked(null), both.slice(0, 1));
});
