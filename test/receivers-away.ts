/** SNMP managers and syslog servers, real ones of each kind, are away for minutes while agents and people work, and what each received is counted against the audit: npm run receivers -- --minutes 10. It believes nothing that the KMA says of it. */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { isAlarmEvent } from '../src/core/alarm-events.ts';
import { tally } from './receivers/tally.ts';
import { auditRecords, type StoredAuditRecord } from './support/audit-rows.ts';
import { AUDITOR, OFFICER, TestKma } from './support/kma.ts';
import { type Received, Rsyslogd } from './support/rsyslogd.ts';
import { Snmptrapd, type Received as Trap } from './support/snmptrapd.ts';
import { TestAuthority } from './support/test-authority.ts';
import { until } from './support/until.ts';

const PASSPHRASE = 'Rings-the-bell-11';
const COMMUNITY = 'far-from-public-12';
const CALL_PAUSE_MS = 50;
const ALARM_PAUSE_MS = 1_000;
const LONG_MS = 300_000;
const AUDIT_ELEMENT = 'audit@32473';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    /** Beside others that do the same. */
    'any-ports': { type: 'boolean', default: false },
  },
});
const awayMs = Number(values.minutes) * 60_000;
// The ports of the table need root.
const [plainPort, tlsPort] =
  process.getuid?.() === 0 && !values['any-ports'] ? [514, 6_514] : [undefined, undefined];

await using kma = await TestKma.start();
await using ending = new AsyncDisposableStack();
const afterwards = { after: (work: () => Promise<void>) => ending.defer(work) };
const folder = (name: string) => join(kma.folder, name);
const authority = new TestAuthority(folder('ca'));
const server = authority.issue('localhost', ['IP:127.0.0.1']);
const client = authority.issue('kma-test', ['DNS:kma-test']);
const tls = { authority, server, client: 'kma-test' };
const plain = ending.use(await Rsyslogd.start(folder('plain'), null, plainPort));
const secure = ending.use(await Rsyslogd.start(folder('secure'), tls, tlsPort));
const v3 = await Snmptrapd.start(afterwards, [
  `createUser okm SHA-256 ${PASSPHRASE} AES ${PASSPHRASE}`,
  'authUser log okm priv',
]);
const v2c = await Snmptrapd.start(afterwards, [`authCommunity log ${COMMUNITY}`]);

const set = (operation: string, input: object) =>
  kma.ask(operation, { address: '127.0.0.1', ...input }, OFFICER);
await set('CreateSyslogServer', { server: 'plain', port: plain.port, transport: 'tcp' });
await set('CreateSyslogServer', {
  ...{ server: 'secure', port: secure.port, caCertificate: authority.pem },
  ...{ clientCertificate: client.certificatePem, clientKey: client.keyPem },
});
await set('CreateSnmpManager', { manager: 'v3', port: v3.port, userName: 'okm', passphrase: PASSPHRASE });
await set('CreateSnmpManager', { manager: 'v2c', port: v2c.port, protocol: 'v2c', passphrase: COMMUNITY });

interface Status {
  readonly platform: readonly { readonly part: string; readonly summary: string }[];
}
await until(
  'all are served',
  async () => {
    const { platform } = await kma.ask<Status>('ShowStatus', {});
    const summaryOf = (part: string) => platform.find((one) => one.part === part)?.summary;
    return summaryOf('syslog') === '2 connected' && summaryOf('snmp') === '2 managers';
  },
  LONG_MS,
);

let going = true;
let [calls, failed] = [0, 0];
async function agentWorks(): Promise<void> {
  const agent = await kma.agent('drive-1');
  const { keyId } = await agent.createKey();
  for (; going; await pause(CALL_PAUSE_MS)) {
    calls += 1;
    await agent.retrieveKey(keyId).catch(() => {
      failed += 1;
    });
  }
}
/** Refused, which is an alarm. */
async function peopleErr(): Promise<void> {
  for (; going; await pause(ALARM_PAUSE_MS)) await kma.answer('CreateSite', { site: 'rome' }, AUDITOR);
}
const recordsFrom = (row: number): readonly StoredAuditRecord[] => auditRecords(kma.data, row);
const startRow = recordsFrom(0).at(-1)?.row ?? 0;
const works = Promise.all([agentWorks(), peopleErr()]);

const calmMs = Math.min(10_000, awayMs);
await pause(calmMs);
await Promise.all([plain, secure, v3, v2c].map((receiver) => receiver.stop()));
console.log(`${new Date().toISOString()} all four receivers are stopped`);
await pause(awayMs);
await Promise.all([plain.resume(), secure.resume(), v3.begin(), v2c.begin()]);
console.log(`${new Date().toISOString()} they run again`);
await pause(calmMs);
going = false;
await works;

const records = recordsFrom(startRow);
const rows = records.map(({ row }) => String(row));
const alarms = records.filter(isAlarmEvent).map(alarmKey);
const rowOf = ({ fields }: Received) => fields?.[AUDIT_ELEMENT]?.['row'] ?? '';
const receivers = [
  { name: `rsyslogd, TCP ${plain.port}`, sent: rows, got: () => plain.received().map(rowOf) },
  { name: `rsyslogd, mutual TLS ${secure.port}`, sent: rows, got: () => secure.received().map(rowOf) },
  { name: 'snmptrapd, v3 INFORM', sent: alarms, got: () => v3.received.map(trapKey) },
  { name: 'snmptrapd, v2c INFORM', sent: alarms, got: () => v2c.received.map(trapKey) },
];
/** What comes before the first and behind the last of those that are counted is nobody's loss. */
await until(
  'all have everything, or will not',
  () => receivers.every(({ sent, got }) => tally(sent, got()).lost === 0),
  LONG_MS,
).catch(() => undefined);
const counted = receivers.map(({ name, sent, got }) => ({ name, ...tally(sent, got()) }));
console.table(Object.fromEntries(counted.map(({ name, ...counts }) => [name, counts])));
console.log(`away for ${values.minutes} minutes; agents: ${calls} calls, ${failed} failed`);
process.exitCode = failed === 0 && counted.every(({ lost, outOfOrder }) => lost + outOfOrder === 0) ? 0 : 1;

function alarmKey({ createdAt, operation, condition, severity }: StoredAuditRecord): string {
  return [new Date(createdAt).toISOString(), operation, condition, severity].join();
}
function trapKey(trap: Trap): string {
  return [trap[1], trap[3], trap[4], trap[5]].join();
}
