/** A KMA joins a cluster as a whole: two KMAs with all their processes on one machine, over real ports. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { askOrThrow } from '../src/cli/admin-client.ts';
import { initialise } from '../src/cli/init-command.ts';
import { joinAnswersSchema } from '../src/cli/join-answers.ts';
import { joinCluster } from '../src/cli/join-command.ts';
import { ERRORS, type OpenKmaError } from '../src/errors.ts';
import { PORTS, type ServiceName } from '../src/ports.ts';
import type { RunningKma } from '../src/processes/kma-options.ts';
import { startKma } from '../src/processes/supervisor.ts';
import { openStore } from '../src/store/store.ts';
import { accepts } from './support/accepts.ts';
import { HOLDERS, OFFICER, QUORUM } from './support/kma.ts';
import { kmaCommand } from './support/kma-command.ts';
import { until } from './support/until.ts';

const folder = mkdtempSync(join(tmpdir(), 'openkma-join-'));
const OFFSET = 21_000;
const running: RunningKma[] = [];
after(async () => {
  await Promise.all(running.map((kma) => kma.stop()));
  rmSync(folder, { recursive: true, force: true });
});

const ports = Object.fromEntries(PORTS.map(({ service, port }) => [service, port + OFFSET])) as Record<
  ServiceName,
  number
>;
async function serve(dataDirectory: string, address: string): Promise<RunningKma> {
  const kma = await startKma({
    dataDirectory,
    addresses: { management: address, service: address },
    ports,
    fronts: 1,
    onEvent: () => undefined,
  });
  running.push(kma);
  return kma;
}

const [A, B] = ['127.0.7.1', '127.0.7.2'];
const [dataA, dataB] = [join(folder, 'a'), join(folder, 'b')];
const PASSPHRASE = 'Joins-the-others-1';
const rows = <T extends 'kma' | 'incarnation' | 'site'>(data: string, table: T) => {
  const store = openStore({ path: join(data, 'kma.db'), mode: 'read' });
  try {
    return store.state.page(table, '', 100);
  } finally {
    store.close();
  }
};

const joining = (change: object = {}, address = A, dataDirectory = dataB) =>
  joinCluster(
    joinAnswersSchema.parse({
      kmaName: 'kma-b',
      passphrase: PASSPHRASE,
      managementAddress: B,
      serviceAddress: B,
      quorum: QUORUM,
      autonomousUnlock: true,
      ...change,
    }),
    {
      dataDirectory,
      ...{ address, portOffset: OFFSET, caKeySha256 },
      keepLocked: false,
      step: () => undefined,
      progress: () => undefined,
    },
  );

const { caPublicKeySha256: caKeySha256 } = await initialise(dataA, {
  kmaName: 'kma-a',
  managementAddress: A,
  serviceAddress: A,
  threshold: 2,
  credentials: HOLDERS,
  securityOfficer: OFFICER,
  autonomousUnlock: true,
});
const a = await serve(dataA, A);
const askA = (operation: string, input: object, quorum: typeof QUORUM = []) =>
  askOrThrow(dataA, { operation, input, user: OFFICER, quorum });

test('addresses at which KMAs do not reach each other are refused before anything is asked of the member', async () => {
  const refused = (change: object, address: string, detail: RegExp) =>
    assert.rejects(joining(change, address), { code: 'INVALID_PARAMETERS', message: detail });
  await refused(
    {},
    '192.0.2.10',
    /managementAddress is 127\.0\.7\.2, which is reached from no other machine/,
  );
  const networks = { managementAddress: '192.0.2.11', serviceAddress: '127.0.0.1' };
  await refused(networks, '192.0.2.10', /serviceAddress is 127\.0\.0\.1, which is reached from no other/);
  await refused(
    { managementAddress: '0.0.0.0' },
    A,
    /managementAddress is 0\.0\.0\.0, .* no address to call/,
  );
  assert.deepEqual(readdirSync(folder).sort(), ['a', 'a.unlock-key']);
});

test('a member that does not answer is told with the ports that a join needs, and no option that there is not', async () => {
  await assert.rejects(joining({}, '127.0.7.200'), { code: 'MEMBER_UNREACHABLE' });
  const { advice } = ERRORS.MEMBER_UNREACHABLE;
  assert.match(advice, /3331, 3332 and 3336/);
  assert.doesNotMatch(advice, /--kma/);
});

test('a KMA joins: not with a wrong passphrase, not with a wrong quorum, and then with what a member has', async () => {
  await askA('CreateKma', { kma: 'kma-b', passphrase: PASSPHRASE, managementAddress: B }, QUORUM);
  await until('3336 is open, now that there is an entry', () => accepts(A, ports.replication));
  await assert.rejects(joining({ passphrase: 'Joins-nobody-11' }));
  await assert.rejects(joining({ quorum: QUORUM.slice(1) }), { code: 'QUORUM_NOT_MET' });
  const elsewhere = { managementAddress: '192.0.2.11', serviceAddress: '192.0.2.11' };
  await assert.rejects(joining(elsewhere), {
    code: 'JOIN_FAILED',
    message: /the member kma-a .* is 127\.0\.7\.1, which is reached from no other machine/,
  });
  assert.deepEqual(readdirSync(folder).sort(), ['a', 'a.unlock-key', 'b.joining']);
  const { stateHash } = await joining();
  assert.match(stateHash, /^[0-9A-F]{64}$/);
  assert.ok(!existsSync(`${dataB}.joining`));
  await serve(dataB, B);
  await until('the member has the beginning of the log of the newcomer', () =>
    rows(dataA, 'incarnation').some(({ reason }) => reason === 'join'),
  );
  await askA('CreateSite', { site: 'berlin' });
  await until('what is made at the member is at the newcomer', () => rows(dataB, 'site').length === 1);
});

test('a KMA with other addresses than its entry has does not join, until the entry is changed at a member', async () => {
  const [E, ELSEWHERE, dataE] = ['127.0.7.5', '127.0.7.6', join(folder, 'e')];
  const entry = { kma: 'kma-e', passphrase: PASSPHRASE, managementAddress: E, serviceAddress: E };
  await askA('CreateKma', entry, QUORUM);
  const answers = { kmaName: 'kma-e', managementAddress: ELSEWHERE, serviceAddress: E };
  await assert.rejects(joining(answers, A, dataE), {
    code: 'JOIN_FAILED',
    message:
      /management address 127\.0\.7\.6, where its entry has 127\.0\.7\.5: answer as the entry has it, or .*kma member modify kma-e --management-address 127\.0\.7\.6/,
  });
  assert.ok(!existsSync(dataE));
  await askA('ModifyKma', { kma: 'kma-e', managementAddress: ELSEWHERE }, QUORUM);
  const file = join(folder, 'e.json');
  const whole = { ...answers, passphrase: PASSPHRASE, quorum: QUORUM, autonomousUnlock: false };
  writeFileSync(file, JSON.stringify(whole), { mode: 0o600 });
  const command = `--json --data ${dataE} init --join ${A} --port-offset ${OFFSET} --ca-key ${caKeySha256} --answers ${file}`;
  const joined = await kmaCommand(...command.split(' '));
  assert.equal(joined.status, 0, joined.stderr);
  const kma = `bin/kma --data ${dataE}`;
  const serve = `${kma} serve --management-address ${ELSEWHERE} --service-address ${E}`;
  assert.equal(JSON.parse(joined.stdout).next, `${serve}, then ${kma} unlock --user NAME`);
});

/** Who asks in that name, with a directory of its own, sees this. */
const refusedTo = (kmaName: string, passphrase: string): Promise<string> =>
  joining({ kmaName, passphrase }, A, join(folder, `as-${kmaName}`)).then(
    () => assert.fail(`${kmaName} joins`),
    (error: OpenKmaError) => `${error.code} ${error.message}`,
  );

test('who has no right to join sees one refusal, whatever stands in the way', async () => {
  const [C, WRONG, LIMIT] = ['127.0.7.3', 'Joins-nobody-11', 5];
  await askA('CreateKma', { kma: 'kma-c', passphrase: PASSPHRASE, managementAddress: C }, QUORUM);
  const toStranger = await refusedTo('kma-nobody', PASSPHRASE);
  assert.match(toStranger, /^AUTHENTICATION_FAILED /);
  for (let wrong = 0; wrong < LIMIT; wrong += 1)
    assert.equal(await refusedTo('kma-c', WRONG), toStranger, 'a wrong passphrase');
  // Nobody waits for that, or the time would tell who exists.
  await until('the passphrase is disabled', () =>
    rows(dataA, 'kma').some(({ name, proofDisabled }) => name === 'kma-c' && proofDisabled === 1),
  );
  assert.equal(await refusedTo('kma-c', PASSPHRASE), toStranger, 'disabled after too many');
  assert.equal(await refusedTo('kma-b', PASSPHRASE), toStranger, 'spent, since it has joined');
});

test('what was wrong at the newcomer the people of the member read in its audit', async () => {
  // What was refused is written together, at the latest now.
  await a.stop();
  await serve(dataA, A);
  const audit = JSON.stringify(
    await askA('ListAuditEvents', { filter: ['severity<>success'], limit: 1_000 }),
  );
  for (const code of ['QUORUM_NOT_MET', 'JOIN_FAILED'])
    assert.match(audit, new RegExp(`join: it failed at the KMA that joins: ${code}`));
  assert.match(audit, /JOIN_FAILED[^"]*127\.0\.7\.6, where its entry has 127\.0\.7\.5/);
  for (const why of [
    'kma=kma-b: wrong proof count=1',
    'kma=kma-b: the passphrase is spent: it was good for one enrolment count=1',
    'kma=kma-c: wrong proof count=5',
    'kma=kma-c: passphrase is disabled after too many failures count=1',
  ])
    assert.ok(
      audit.includes(`service=certificate reason=AUTHENTICATION_FAILED ${why}`),
      `${why} in ${audit}`,
    );
  // A name that strangers may have made up is counted and not kept.
  assert.ok(audit.includes('service=certificate reason=AUTHENTICATION_FAILED count=1'), audit);
  assert.ok(!audit.includes('kma-nobody'), audit);
});
