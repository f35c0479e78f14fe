/** Every operation of people over port 3333, given what its fields must not take: each is refused with a code, nothing changes, and the KMA goes on serving. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { ERRORS } from '../src/errors.ts';
import { operations } from '../src/operations/catalogue.ts';
import { ROLES } from '../src/operations/operation.ts';
import { isRouted } from '../src/services/management/routes.ts';
import { freePort } from './support/free-port.ts';
import { columnsShown, forgedCursors, hostileQuestions } from './support/hostile-lists.ts';
import { type HostileRequest, hostileRequests, type Sound, soundPath } from './support/hostile-requests.ts';
import { AUDITOR, OFFICER, QUORUM, TestKma } from './support/kma.ts';
import { logIn, ManagerConnection, type ManagerKey, newManagerKey } from './support/manager.ts';
import { withStore } from './support/restoring.ts';

/** Refusals are committed with their records, several at a time. */
const CONNECTIONS_EACH = 2;
const ANSWER_MS = 10_000;
const TRIES = 50;
const PAUSE_MS = 100;
const EVERYBODY = ['one', 'two', 'three'].map((name) => ({ name, passphrase: 'May-do-all-there-is-8' }));

// Technical support may be enabled by one of the requests.
const kma = await TestKma.start({ platformPorts: { ssh: await freePort() } });
after(() => kma[Symbol.asyncDispose]());
const agent = await kma.agent('drive-1');
const { dataUnitId } = await agent.createDataUnit();
const { keyId } = await agent.createKey({ dataUnitId });
const keys: ManagerKey[] = [];
for (const { name, passphrase } of EVERYBODY) {
  await kma.ask('CreateUser', { user: name, roles: ROLES, passphrase }, OFFICER, QUORUM);
  const key = await newManagerKey();
  await logIn(kma, { name, passphrase }, key);
  keys.push(key);
}
const NOC = { manager: 'noc', address: '127.0.0.1', userName: 'okm', passphrase: 'Sits-on-the-fence-9' };
await kma.ask('CreateSnmpManager', { ...NOC, enabled: false }, OFFICER);
const [somebody] = EVERYBODY;
const [backup] = await kma.rows<{ backupId: string }>('ListBackups', {}, somebody);
const [event] = await kma.rows<{ id: string }>('ListAuditEvents', { limit: 1 }, somebody);

/** About what there is, so that one that is not refused does something. */
const SOUND: Sound = {
  user: AUDITOR.name,
  site: 'site-a',
  policy: 'years',
  group: 'group-a',
  agent: 'drive-1',
  kma: 'kma-test',
  manager: 'noc',
  keyId,
  dataUnitId,
  backupId: backup?.backupId,
  id: event?.id,
  key: 'A'.repeat(64),
  fingerprint: 'A'.repeat(64),
  job: 'A'.repeat(32),
  pendingId: 'A'.repeat(32),
  conflict: 'name',
  keyIds: [keyId],
  roles: ['AUDITOR'],
  passphrase: 'Sits-on-the-fence-9',
  password: 'Tall-Ships-7-sail',
  authorizedKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA ann'],
  maximumAgeDays: 7,
  newHostKeys: false,
  as: 'retired',
  privacyPassphrase: 'Sits-on-the-fence-9',
  newPassphrase: 'Sits-on-the-fence-9',
  description: 'hostile',
  comment: 'hostile',
  externalTag: 'hostile',
  encryptionPeriod: '1y',
  cryptoperiod: '2y',
  request: '-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n',
  fileSha256: 'A'.repeat(64),
  keyFileSha256: 'A'.repeat(64),
  textSha256: 'A'.repeat(64),
  since: '2026-01-01T00:00:00Z',
  until: '2026-02-01T00:00:00Z',
  per: 'day',
  span: 'day',
  digest: 'SHA-256',
  minimum: '1.3',
  part: 'backup',
  bytes: 'AAAA',
  backupSha256: 'A'.repeat(64),
  keySha256: 'A'.repeat(64),
  coreSecuritySha256: 'A'.repeat(64),
  hostName: 'elsewhere',
  server: 'none',
  servers: ['192.0.2.53'],
  domain: 'example.com',
  transport: 'tls',
  format: 'rfc5424',
  framing: 'octet-counting',
  events: 'all',
  serverName: 'logs.example.com',
  certificate: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  names: ['kma-1.example.com'],
  caCertificate: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  clientCertificate: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n',
  clientKey: '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n',
  mutualTls: false,
  serviceAddress: '192.0.2.1',
  serviceIpv6Address: '2001:db8::1',
  managementAddress: '192.0.2.1',
  address: '127.0.0.1',
  port: 10_162,
  protocol: 'v2c',
  userName: 'okm',
  authentication: 'SHA-256',
  privacy: 'AES-128',
  days: 30,
  limit: 10,
  offset: 0,
  size: 2000,
  threshold: 2,
  longTermRecords: 5000,
  longTermDays: 100,
  mediumTermRecords: 5000,
  mediumTermDays: 100,
  shortTermRecords: 5000,
  shortTermDays: 100,
  loginAttemptLimit: 7,
  passphraseMinimumLength: 9,
  sessionInactivityMinutes: 7,
  pendingCredentialsHours: 7,
  rootCaDays: 1000,
  entityCertificateDays: 1000,
  everyHours: 24,
  seconds: 1,
  enabled: false,
  ended: true,
  finished: true,
  default: true,
  inUse: false,
  deactivated: true,
  compromised: true,
  allowExportFrom: true,
  allowImportTo: true,
  allowAgentsToRevoke: true,
  oneTimePassphrase: true,
  modernOnly: true,
  fipsModeOnly: true,
};

/** One more, of somebody. */
function connect(): ManagerConnection {
  const [key] = keys;
  assert.ok(key !== undefined);
  return ManagerConnection.of(kma, key);
}

const ROUTED = operations.filter(isRouted);
const PEOPLE = new Set(ROUTED.map(({ name }) => name));

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly rows: number | null;
}

/** More than a thousand a second are too many for one KMA, and a quick machine sends them: who is told so asks again. */
async function sendUntilTaken(connection: ManagerConnection, request: HostileRequest): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    const answer = await send(connection, request);
    if (answer.code !== 'SERVER_BUSY' || tries === TRIES) return answer;
    await pause(PAUSE_MS);
  }
}

async function send(connection: ManagerConnection, request: HostileRequest): Promise<Answer> {
  const { method, path, headers, body } = request;
  const timeout = AbortSignal.timeout(ANSWER_MS);
  const late = new Promise<never>((_, reject) => {
    timeout.onabort = () => reject(new Error('no answer'));
  });
  const answer = await Promise.race([
    connection.send(method, path, { headers, ...(body === undefined ? {} : { body }) }),
    late,
  ]);
  const { code = '', rows } = (answer.body ?? {}) as { readonly code?: string; readonly rows?: unknown };
  const isProblem = answer.headers['content-type'] === 'application/problem+json';
  return {
    status: answer.status,
    code: isProblem ? code : '',
    rows: Array.isArray(rows) ? rows.length : null,
  };
}

function isRight({ codes, allowed }: HostileRequest, { status, code, rows }: Answer): boolean {
  if (status === 200) return allowed === 'page' ? rows !== null : allowed === 'empty page' && rows === 0;
  return (
    codes.includes(code) &&
    Object.entries(ERRORS).some(([name, row]) => name === code && row.httpStatus === status)
  );
}

/** What came that should not have. */
async function differencesOf(requests: readonly HostileRequest[]): Promise<string[]> {
  const differences: string[] = [];
  const waiting = requests.values();
  const work = async (key: ManagerKey) => {
    const connection = ManagerConnection.of(kma, key);
    for (const request of waiting) {
      const told = await sendUntilTaken(connection, request).catch((error: unknown) => String(error));
      if (typeof told === 'string') differences.push(`${request.what}: ${told}`);
      else if (!isRight(request, told))
        differences.push(`${request.what}: ${told.status} ${told.code}, not ${request.codes.slice(0, 3)}`);
    }
    connection.close();
  };
  await Promise.all(keys.flatMap((key) => Array.from({ length: CONNECTIONS_EACH }, () => work(key))));
  return differences;
}

/** What people have changed so far, and what is kept of them beside the state. */
function traces() {
  return withStore(kma.data, ({ database }) => {
    const all = (sql: string) => database.prepare(sql).all();
    const operationOf = ({ bytes }: { readonly bytes?: unknown }) =>
      logEntry.parse(JSON.parse(Buffer.from(bytes as Uint8Array).toString())).operation;
    return {
      changes: all('SELECT bytes FROM log ORDER BY incarnation, seq')
        .map(operationOf)
        .filter((operation) => PEOPLE.has(operation)),
      kept: all('SELECT * FROM idempotency'),
      sessions: all('SELECT fingerprint, user_id, verifier, expires_at FROM user_session'),
    };
  });
}
const logEntry = z.object({ operation: z.string() });

const before = traces();
const lists = ROUTED.filter((operation) => columnsShown(operation).length > 0);

test('each input field of every operation refuses what it must not take', async (t) => {
  const requests = ROUTED.flatMap((operation) => hostileRequests(operation, SOUND));
  const differences = await differencesOf(requests);
  t.diagnostic(
    `${requests.length} requests to ${ROUTED.length} operations, ${differences.length} differences`,
  );
  assert.deepEqual(differences, []);
});

test('no filter, order or cursor of a list is more than a value', async (t) => {
  const connection = connect();
  t.after(() => connection.close());
  const requests: HostileRequest[] = [];
  for (const operation of lists) {
    const path = soundPath(operation, SOUND);
    const { body } = await connection.send('GET', `${path}?limit=1`);
    const { next } = page.parse(body);
    requests.push(
      ...hostileQuestions(operation, path),
      ...(next === null ? [] : forgedCursors(operation, path, next)),
    );
  }
  const differences = await differencesOf(requests);
  t.diagnostic(`${requests.length} questions to ${lists.length} lists, ${differences.length} differences`);
  assert.deepEqual(differences, []);
});
const page = z.object({ rows: z.array(z.unknown()), next: z.string().nullable() });

test('after all that nothing has changed, nothing broke down, and people and agents are served', async () => {
  assert.deepEqual(traces(), before);
  assert.deepEqual(kma.lines, []);
  assert.equal((await agent.retrieveKey(keyId)).keyId, keyId);
  await kma.ask('CreateSite', { site: 'afterwards' }, OFFICER);
  assert.notDeepEqual(traces(), before);
});

test('a name in another spelling of Unicode is the same name', async (t) => {
  const connection = connect();
  t.after(() => connection.close());
  const create = (site: string) => connection.send('POST', '/v1/sites', { body: { site } });
  assert.equal((await create('Z\u00fcrich')).status, 201);
  assert.match((await create('Zu\u0308rich')).text, /"SITE_EXISTS"/);
  assert.equal((await connection.send('GET', '/v1/sites/Zu%CC%88rich')).status, 200);
});
