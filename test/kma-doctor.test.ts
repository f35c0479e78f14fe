/** "kma doctor" on a KMA of its own: what it says without another KMA and without servers, of servers that are not there, and of a KMA that does not run. Between KMAs it is tested behind firewalls. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { Examination } from '@openkma/agent/doctor';
import { EXIT } from '../src/cli/exit-codes.ts';
import { AUDITOR, OFFICER, QUORUM, TestKma } from './support/kma.ts';
import { KmaShell } from './support/kma-shell.ts';
import { until } from './support/until.ts';

const PROBLEMS = 10;
/** Of this machine, and nobody listens there. */
const NOBODY = '127.0.0.99';

const kma = await TestKma.start({ bare: true });
after(() => kma[Symbol.asyncDispose]());
const shell = new KmaShell(kma.data, kma.folder);

test('alone and without servers there is nothing to look at, and nothing is wrong', async () => {
  const { status, stdout, stderr } = await shell.run('doctor');
  assert.equal(status, EXIT.ok, stderr);
  assert.equal(stdout, 'there is no other KMA and no server that kma-test needs\n');
});

test('servers that are set and not there are told, with what does not work and what to change', async () => {
  const manager = {
    manager: 'monitoring',
    address: NOBODY,
    port: 10_162,
    userName: 'openkma',
    passphrase: 'Hears-alarms-1',
  };
  await kma.ask('SetDns', { servers: [NOBODY] }, OFFICER);
  await kma.ask('CreateSnmpManager', manager, OFFICER);
  const syslog = { server: 'logs', address: NOBODY, port: 10_514, transport: 'tcp' };
  await kma.ask('CreateSyslogServer', syslog, OFFICER);
  const { status, stdout } = await shell.run('doctor');
  assert.equal(status, PROBLEMS, stdout);
  assert.match(
    stdout,
    /^BROKEN {3}nothing answers at UDP 53 of DNS server \(127\.0\.0\.99\): .*: it would look up no names\n {9}to do: open UDP 53 there/m,
  );
  assert.match(
    stdout,
    /^BROKEN {3}nothing answers at UDP 10162 of SNMP manager monitoring .*: this manager would hear of no alarm$/m,
  );
  assert.match(
    stdout,
    /^BROKEN {3}the host of syslog server logs \(127\.0\.0\.99\) is up, and nobody listens at 10514: this server would get no records/m,
  );
  await until(
    'the status says what was found, at a time as its other lines have it',
    async () =>
      /^ {2}Doctor {5}problems at \d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ$/m.test(await shell.text('status')),
    30_000,
  );
  const verbose = await shell.run('doctor --verbose');
  assert.match(verbose.stdout, /53 dns +answer +failed/);
});

test('once the parts that send to them have noticed it too, each of them is still named once', async () => {
  interface Status {
    readonly warnings: readonly string[];
  }
  await until(
    'both are noticed',
    async () => {
      const warnings = (await kma.ask<Status>('ShowStatus', {})).warnings.join('\n');
      return warnings.includes('syslog server logs gets') && warnings.includes('SNMP manager monitoring (');
    },
    120_000,
  );
  const { stdout } = await shell.run('doctor');
  for (const name of ['syslog server logs', 'SNMP manager monitoring'])
    assert.equal(stdout.split(name).length - 1, 1, stdout);
});

test('who is logged in elsewhere gets the same view, of any role', async () => {
  await kma.ask(
    'CreateUser',
    { user: AUDITOR.name, roles: ['AUDITOR'], passphrase: AUDITOR.passphrase },
    OFFICER,
    QUORUM,
  );
  const { from, result, advice } = await kma.ask<Examination>('RunDoctor', {}, AUDITOR);
  assert.deepEqual([from, result], ['kma-test', 'problems']);
  assert.deepEqual(
    advice.filter(({ severity }) => severity === 'failed').map(({ ports }) => ports),
    [[53], [10_514], [10_162]],
  );
});

test('a KMA that does not run looks at nobody, which is another code than that something is broken', async () => {
  await kma.stop();
  const { status } = await shell.run('doctor');
  assert.equal(status, EXIT.unavailable);
});
