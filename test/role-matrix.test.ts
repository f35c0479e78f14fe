/** Every operation of people over port 3333, tried as each role and as everybody who has none, beside the matrix. What is tried carries a value that no schema takes, so that rights are judged and nothing is done. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { makeRequestedKey } from '../src/client/own-certificate.ts';
import { operations } from '../src/operations/catalogue.ts';
import { type InputField, inputFieldsOf } from '../src/operations/input-fields.ts';
import { MATRIX, OWN_ROWS } from '../src/operations/matrix.ts';
import { ROLES, type Role } from '../src/operations/operation.ts';
import { isRouted, type RoutedOperation, segmentsOf } from '../src/services/management/routes.ts';
import { openStore } from '../src/store/store.ts';
import { AGENT_PASSPHRASE, OFFICER, type Person, QUORUM, TestKma } from './support/kma.ts';
import { logIn, ManagerConnection, type ManagerKey, newManagerKey } from './support/manager.ts';
import { exchange, identityAfter, keyFingerprint } from './support/modern-proof.ts';
import { until } from './support/until.ts';

const ROWS = [...MATRIX, ...OWN_ROWS];
/** Beside other work a process starts when it can. */
const START_MS = 180_000;
const SESSION_AGE_MS = 13 * 60 * 60 * 1000;
/** A control character, which no name, text or ID may hold. */
const BAD_TEXT = '%01';
/** Of nothing: an operation that has no field to spoil is stopped by the version it would have to have. */
const NO_VERSION = '"0000000000000000"';

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());
// The first question starts the platform process. A question waits for it some seconds, then its caller is told to come again
// (503 with Retry-After), so that no operation hangs on a process that cannot start: a cell of the matrix must not be that one.
await until('the platform process answers', () => kma.ask('ShowPorts', {}), START_MS);

const routed = operations.filter(isRouted);
const cellsOf = (name: string) =>
  ROWS.find(({ is }) => 'operations' in is && is.operations.includes(name))?.cells;

interface Probe {
  readonly path: string;
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

function probeOf(operation: RoutedOperation): Probe {
  const { method } = operation.http;
  const segments = segmentsOf(operation.http);
  const path = `/${segments.map((part) => ('literal' in part ? part.literal : BAD_TEXT)).join('/')}`;
  if (segments.some((part) => 'field' in part)) return { path, ...(hasBody(method) ? { body: {} } : {}) };
  const fields = inputFieldsOf(operation).filter(({ kind }) => kind !== 'flag');
  const [first] = fields;
  if (first === undefined)
    return { path, ...(method === 'GET' ? {} : { headers: { 'If-Match': NO_VERSION } }) };
  return hasBody(method) ? { path, body: { [first.name]: {} } } : { path: `${path}?${badQuery(first)}` };
}
const hasBody = (method: string) => method !== 'GET' && method !== 'DELETE';
const badQuery = ({ name, kind }: InputField) => `${name}=${kind === 'integer' ? '-1' : BAD_TEXT}`;

async function send(connection: ManagerConnection, operation: RoutedOperation): Promise<string> {
  const { path, ...rest } = probeOf(operation);
  const { status, body } = await connection.send(operation.http.method, path, rest);
  return `${status} ${(body as { readonly code?: string } | null)?.code ?? ''}`.trim();
}

async function person(name: string, role: Role): Promise<Person> {
  const passphrase = `Sits-on-chair-${name.length}!`;
  await kma.ask('CreateUser', { user: name, roles: [role], passphrase }, OFFICER, QUORUM);
  return { name, passphrase };
}

async function session(who: Person): Promise<ManagerKey> {
  const key = await newManagerKey();
  await logIn(kma, who, key);
  return key;
}

/** What an allowed try ends with: the value is refused, or where nothing can be spoiled a view is given. */
const ALLOWED = new Set([
  '200',
  '202',
  '400 INVALID_PARAMETERS',
  '400 FILTER_INVALID',
  '412 PRECONDITION_FAILED',
]);
/** The role may ask; the key holders are missing. */
const NO_QUORUM = '403 QUORUM_NOT_MET';
const DENIED = '403 ACCESS_DENIED';
const NOBODY = '401 SESSION_UNKNOWN';

test('each operation of people has a route, but those at the appliance alone, and a row of the matrix', () => {
  const people = operations.filter(({ callers, atAppliance }) => Array.isArray(callers) && !atAppliance);
  assert.deepEqual(
    people.filter((operation) => !isRouted(operation)).map(({ name }) => name),
    [],
  );
  assert.deepEqual(
    routed.filter(({ name }) => cellsOf(name) === undefined).map(({ name }) => name),
    [],
  );
});

for (const role of ROLES)
  test(`as ${role} every operation is served or refused as the matrix says`, async (t) => {
    const connection = ManagerConnection.of(
      kma,
      await session(await person(`only-${role.toLowerCase()}`, role)),
    );
    t.after(() => connection.close());
    const differences: string[] = [];
    for (const operation of routed) {
      const cell = cellsOf(operation.name)?.[role];
      const answer = await send(connection, operation);
      const served = ALLOWED.has(answer) || (cell === 'quorum' && answer === NO_QUORUM);
      const right = cell === 'no' ? answer === DENIED : served;
      if (!right) differences.push(`${operation.name}: ${cell}, answered ${answer}`);
    }
    t.diagnostic(`${routed.length} cells, ${differences.length} differences`);
    assert.deepEqual(differences, []);
  });

/** With a new connection for each operation, because that of nobody ends. */
async function differencesOfNobody(connect: () => ManagerConnection): Promise<string[]> {
  const differences: string[] = [];
  for (const operation of routed) {
    const connection = connect();
    const answer = await send(connection, operation).finally(() => connection.close());
    if (answer !== NOBODY) differences.push(`${operation.name}: answered ${answer}`);
  }
  return differences;
}

test('without a certificate every operation is refused', async () => {
  const connect = () => new ManagerConnection(() => kma.managementPort, null);
  assert.deepEqual(await differencesOfNobody(connect), []);
});

test('with a key that nobody has logged in with every operation is refused', async () => {
  const key = await newManagerKey();
  assert.deepEqual(await differencesOfNobody(() => ManagerConnection.of(kma, key)), []);
});

test('with the certificate of an agent every operation is refused', async () => {
  await kma.createAgent('drive-9');
  const enrolled = await exchange(kma.ports, 'agent', 'drive-9', AGENT_PASSPHRASE);
  const identity = identityAfter(enrolled, enrolled.answer2);
  const connect = () => new ManagerConnection(() => kma.managementPort, identity);
  assert.deepEqual(await differencesOfNobody(connect), []);
});

test('with a certificate for monitoring every operation is refused but those that are for it', async (t) => {
  const { privateKeyPem, requestPem: request } = await makeRequestedKey(OFFICER.name);
  const { certificatePem: cert } = await kma.ask<{ certificatePem: string }>(
    'IssueMonitoringCertificate',
    { request },
    OFFICER,
  );
  const identity = { cert, key: privateKeyPem };
  const connection = new ManagerConnection(() => kma.managementPort, identity);
  t.after(() => connection.close());
  const served: string[] = [];
  for (const operation of routed) {
    const answer = await send(connection, operation);
    if (answer !== DENIED) served.push(`${operation.name}: ${answer}`);
  }
  assert.deepEqual(served, ['ShowMetrics: 200']);
});

test('with the session of a disabled user every operation is refused', async () => {
  const who = await person('disabled', 'SECURITY_OFFICER');
  const key = await session(who);
  await kma.ask('ModifyUser', { user: who.name, enabled: false }, OFFICER, QUORUM);
  assert.deepEqual(await differencesOfNobody(() => ManagerConnection.of(kma, key)), []);
});

test('with an expired session every operation is refused', async () => {
  const key = await session(OFFICER);
  await kma.stop();
  const store = openStore({ path: `${kma.data}/kma.db`, mode: 'write' });
  const row = store.userSessions.get(keyFingerprint(key));
  assert.ok(row !== undefined);
  const { createdAtMs, expiresAtMs } = row;
  store.transaction(() =>
    store.userSessions.put({
      ...row,
      createdAtMs: createdAtMs - SESSION_AGE_MS,
      expiresAtMs: expiresAtMs - SESSION_AGE_MS,
    }),
  );
  store.close();
  await kma.resume();
  assert.deepEqual(await differencesOfNobody(() => ManagerConnection.of(kma, key)), []);
});
