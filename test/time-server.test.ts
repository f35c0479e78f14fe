/** A whole KMA with an NTP server: asked before it is set, followed and served on by a real chronyd, told to people and monitoring, and no way to lead the KMA astray. The clock of the machine is never set. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { findChronyUser } from '../src/platform/time/chrony-user.ts';
import { whyNotServed } from '../src/platform/time/may-serve.ts';
import { OddTimeServer } from '../src/platform/time/odd-time-server.fixture.ts';
import { probeServer } from '../src/platform/time/probe.ts';
import { chronydOf } from '../src/platform/time/tools.fixture.ts';
import { freePort } from './support/free-port.ts';
import { killProcess } from './support/kill-process.ts';
import { AUDITOR, OFFICER, OPERATOR, TestKma } from './support/kma.ts';
import { isAlive } from './support/served-kma.ts';
import { until } from './support/until.ts';

const user = findChronyUser() ?? assert.fail('a user for chronyd');
const HOST = '127.0.0.30';
const ntp = await freePort();
const server = await OddTimeServer.start('127.0.0.31');
const kma = await TestKma.start({ host: HOST, platformPorts: { ntp } });
after(async () => {
  await kma[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});
const agent = await kma.agent('drive-1');

interface Time {
  readonly offsetSeconds: number;
  readonly server: string;
  readonly following: string;
  readonly aheadSeconds: number | null;
  readonly stratum: number | null;
  readonly notServing: string;
}
/** Polls are some seconds apart, and a loaded machine takes its time. */
const LONG_MS = 240_000;

const timeOf = () => kma.ask<Time>('ShowTime', {}, AUDITOR);
const set = (changes: object = {}, user = OFFICER) =>
  kma.answer('SetNtpServer', { server: server.address, port: server.port, ...changes }, user);
const codeOf = (answer: Awaited<ReturnType<typeof set>>) => ('refused' in answer ? answer.refused : 'done');
const follows = (words: string) =>
  until(words, async () => (await timeOf()).following.includes(words), LONG_MS);
const noted = async (condition: string) =>
  (await kma.rows<{ message: string }>('ListAuditEvents', { filter: [`condition=${condition}`] }, AUDITOR))
    .length;
const chronyd = () => chronydOf(join(kma.data, 'platform', 'time')) ?? 0;
const metric = async (sample: string) =>
  (await kma.ask<{ sample: string; value: number }[]>('ShowMetrics', {}, AUDITOR)).find(
    (row) => row.sample === sample,
  )?.value;

test('without a server nothing is served, and time is what the machine says', async () => {
  const { server: none, following, notServing } = await timeOf();
  assert.deepEqual([none, following, notServing], ['', '', 'no NTP server is set']);
  assert.equal(await metric('openkma_time_followed'), undefined);
  assert.equal(await whyNotServed(HOST, ntp), '', 'nobody has the port');
});

test('a server that does not answer, is not synchronised or is far off is refused, and nobody but an officer sets one', async () => {
  assert.equal(codeOf(await set({}, OPERATOR)), 'ACCESS_DENIED');
  assert.equal(codeOf(await set({ server: 'no blanks please' })), 'INVALID_PARAMETERS');
  assert.equal(codeOf(await set({ server: 'ntp.example.com' })), 'DNS_NOT_CONFIGURED');
  server.answers = 'silent';
  assert.equal(codeOf(await set()), 'NTP_SERVER_UNREACHABLE');
  server.answers = 'unsynchronised';
  assert.equal(codeOf(await set()), 'NTP_SERVER_UNREACHABLE');
  server.answers = 'sound';
  for (const aheadSeconds of [-400, 400]) {
    server.aheadSeconds = aheadSeconds;
    assert.equal(codeOf(await set()), 'NTP_OFFSET_TOO_GREAT');
  }
  assert.equal((await timeOf()).server, '');
});

test('a sound server is set, followed and told of; what was adjusted by hand ends, and is not possible meanwhile', async () => {
  server.aheadSeconds = 0;
  await kma.ask('AdjustTime', { seconds: 20 }, OFFICER);
  assert.equal(codeOf(await set()), 'done');
  assert.equal((await timeOf()).offsetSeconds, 0);
  assert.equal(codeOf(await kma.answer('AdjustTime', { seconds: 1 }, OFFICER)), 'TIME_FOLLOWS_SERVER');
  await follows('follows the server');
  const { aheadSeconds, stratum } = await timeOf();
  assert.ok(Math.abs(aheadSeconds ?? Number.NaN) < 1);
  assert.equal(stratum, 3);
  assert.equal(await metric('openkma_time_followed'), 1);
  assert.equal(await metric('openkma_time_stratum'), 3);
  await until('the record', async () => (await noted('Time is followed')) === 1);
  const { platform } = await kma.ask<{ platform: { part: string; summary: string }[] }>('ShowStatus', {});
  assert.match(
    platform.find(({ part }) => part === 'time')?.summary ?? '',
    /^127\.0\.0\.31: follows the server/,
  );
});

test('an ordinary client gets the time from the KMA once it says that it serves', async () => {
  await until('it serves', async () => (await timeOf()).notServing === '', LONG_MS);
  assert.ok(Math.abs(await probeServer(HOST, ntp, user)) < 1);
});

test('a server that goes wild is not followed: it is told, agents get keys, and changes go on', async () => {
  server.aheadSeconds = 3600;
  await follows('too far off');
  assert.equal(await metric('openkma_time_followed'), 0);
  assert.equal(Math.round((await metric('openkma_time_ahead_seconds')) ?? 0), -3600);
  await until('the records', async () => (await noted('Clock is off')) === 1);
  const { keyId } = await agent.createKey();
  assert.equal((await agent.retrieveKey(keyId)).key.reveal().length, 32);
  await kma.ask('CreateSite', { site: 'while-wild' }, OFFICER);
  const { warnings, clockOdd } = await kma.ask<{ warnings: string[]; clockOdd: string }>('ShowStatus', {});
  assert.equal(clockOdd, '');
  assert.match(warnings.join('\n'), /of the NTP server 127\.0\.0\.31, which is therefore not followed/);
  server.aheadSeconds = 0;
});

test('a platform process that is killed leaves no chronyd behind, and the next one follows again', async () => {
  const before = chronyd();
  await killProcess(kma.kma, 'platform');
  await until('another chronyd', () => chronyd() !== 0 && chronyd() !== before);
  assert.equal(isAlive(before), false);
  await follows('follows the server');
});

test('the setting outlives a restart, and is gone when it is removed', async () => {
  const before = chronyd();
  // Nothing is left either by a process that is killed while the KMA stops.
  await killProcess(kma.kma, 'platform');
  await kma.stop();
  assert.equal(isAlive(before), false);
  await kma.resume();
  await follows('follows the server');
  const last = chronyd();
  assert.equal(codeOf(await kma.answer('SetNtpServer', { server: 'none' }, OFFICER)), 'done');
  await until('chronyd has ended', () => !isAlive(last));
  assert.equal((await timeOf()).server, '');
  assert.equal(await whyNotServed(HOST, ntp), '', 'nobody has the port');
});
