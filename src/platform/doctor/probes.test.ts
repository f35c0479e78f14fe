/** The doctor's questions over UDP to servers that answer, answer oddly, or are not there: each ends in time, and says what it heard. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { freeUdpPort, Snmptrapd } from '../../../test/support/snmptrapd.ts';
import { OddDns } from '../names/odd-dns.fixture.ts';
import { OddTimeServer } from '../time/odd-time-server.fixture.ts';
import { dnsProbe } from './dns-probe.ts';
import { ntpProbe } from './ntp-probe.ts';
import { snmpProbe } from './snmp-probe.ts';

const HOST = '127.0.0.1';
const WAIT_MS = 400;
/** Of a real server that is slow because the machine is. */
const LONG_MS = 20_000;

test('an NTP server is asked for its time, and what is no answer to this question is not taken', async () => {
  await using server = await OddTimeServer.start(HOST);
  const probe = ntpProbe(() => Date.now());
  server.aheadSeconds = 600;
  const sound = await probe(HOST, server.port, LONG_MS);
  assert.equal(sound.outcome, 'ok', sound.detail);
  assert.match(sound.detail, /^answers at stratum \d+, (599|600)\.\d{3} s of the time here$/);
  for (const answers of ['kiss of death', 'unsynchronised'] as const) {
    server.answers = answers;
    assert.equal((await probe(HOST, server.port, LONG_MS)).cause, 'no-time-given', answers);
  }
  for (const answers of ['silent', 'other origin', 'garbage'] as const) {
    server.answers = answers;
    const { outcome, cause } = await probe(HOST, server.port, WAIT_MS);
    assert.deepEqual([outcome, cause], ['failed', 'udp-silent'], answers);
  }
});

test('where nobody listens that is said at once', async () => {
  const port = await freeUdpPort();
  const ntp = await ntpProbe(() => Date.now())(HOST, port, LONG_MS);
  assert.deepEqual([ntp.cause, ntp.detail], ['udp-silent', 'nobody listens there']);
  const snmp = await snmpProbe(HOST, port, LONG_MS);
  assert.deepEqual([snmp.cause, snmp.detail], ['udp-silent', 'nobody listens there']);
});

test('an SNMP manager of version 3 answers who it is, and takes no event for it', async (t) => {
  const manager = await Snmptrapd.start(t, ['disableAuthorization yes']);
  const { outcome, detail } = await snmpProbe(HOST, manager.port, LONG_MS);
  assert.equal(outcome, 'ok', detail);
  assert.deepEqual(manager.received, []);
});

test('a DNS server that knows nothing answers still; one that is silent does not', async () => {
  await using dns = await OddDns.start(({ bytes }) => {
    const answer = Buffer.from(bytes);
    // An answer that refuses.
    answer[2] = 0x81;
    answer[3] = 0x85;
    return [answer];
  });
  const port = Number(dns.server.split(':')[1]);
  const { outcome, detail } = await dnsProbe('example.com')(HOST, port, LONG_MS);
  assert.equal(outcome, 'ok', detail);
  dns.answer = () => [];
  assert.equal((await dnsProbe('')(HOST, port, WAIT_MS)).cause, 'udp-silent');
});
