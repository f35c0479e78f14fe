/** What is in deploy/ for monitoring: alert rules that Prometheus' own tool takes and that fire, a dashboard, and no metric in either that a KMA does not give. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { OddTimeServer } from '../src/platform/time/odd-time-server.fixture.ts';
import { freePort } from './support/free-port.ts';
import { AUDITOR, OFFICER, TestKma } from './support/kma.ts';
import { makeMember } from './support/second-member.ts';
import { until } from './support/until.ts';

const deploy = fileURLToPath(new URL('../deploy/', import.meta.url));
const read = (path: string) => readFileSync(join(deploy, path), 'utf8');
/** Fails with what it printed. */
const promtool = (...given: readonly string[]) =>
  execFileSync('promtool', given, { cwd: join(deploy, 'prometheus'), encoding: 'utf8' });

const panel = z.object({
  title: z.string(),
  type: z.string(),
  gridPos: z.object({ x: z.int(), y: z.int(), w: z.int(), h: z.int() }),
  targets: z.array(z.object({ expr: z.string().min(1), refId: z.string() })).optional(),
});
const dashboard = z
  .object({ title: z.string(), uid: z.string(), panels: z.array(panel) })
  .parse(JSON.parse(read('grafana/openkma.json')));
const rules = read('prometheus/openkma.rules.yml');
const alerts = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);

test('Prometheus takes the example of its configuration and the rules', () => {
  promtool('check', 'config', '--syntax-only', 'prometheus.yml');
  assert.match(promtool('check', 'rules', 'openkma.rules.yml'), new RegExp(`${alerts.length} rules found`));
});

test('each alert fires where it should, and none for a sound KMA', () => {
  promtool('test', 'rules', 'openkma.rules.test.yml');
  const tested = read('prometheus/openkma.rules.test.yml');
  assert.ok(alerts.length >= 15);
  for (const alert of alerts) {
    assert.ok(tested.includes(`alertname: ${alert} }`), `${alert} is silent`);
    assert.ok(tested.includes(`alertname="${alert}", alertstate="firing"`), `${alert} fires`);
  }
});

test('every alert says what it is and what to do', () => {
  const described = rules.split('- alert:').slice(1);
  for (const text of described)
    assert.match(text, /severity: (critical|warning)[\s\S]*summary: "[^"]+"[\s\S]*description: "[^"]+"/);
});

test('the panels of the dashboard have places of their own, and ask something', () => {
  const asking = dashboard.panels.filter(({ type }) => type !== 'row');
  for (const { title, targets = [] } of asking) assert.ok(targets.length > 0, title);
  const cells = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
    Array.from({ length: w * h }, (_, i) => `${x + (i % w)},${y + Math.floor(i / w)}`),
  );
  assert.equal(new Set(cells).size, cells.length);
});

test('dashboard and rules use only metrics that KMAs give, each as an expression that Prometheus can read', async () => {
  await using given = await measuredMetrics();
  const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
  const used = new Set([rules, ...expressions].flatMap((text) => text.match(/\bopenkma_[a-z_]+/g) ?? []));
  assert.ok(used.size > 40);
  assert.deepEqual([...used].filter((name) => !given.names.has(name)).sort(), []);
  const rulesOf = expressions.map((expr, i) => ({
    record: `checked_${i}`,
    expr: expr.replaceAll('$instance', '.*'),
  }));
  const path = join(given.folder, 'expressions.yml');
  writeFileSync(path, JSON.stringify({ groups: [{ name: 'expressions', rules: rulesOf }] }));
  assert.match(promtool('check', 'rules', path), new RegExp(`${expressions.length} rules found`));
});

/** Of two KMAs, with an NTP server and receivers, of which agents take keys. */
async function measuredMetrics() {
  await using begun = new AsyncDisposableStack();
  const server = begun.use(await OddTimeServer.start('127.0.0.33'));
  const replicationPort = await freePort();
  const options = { host: '127.0.0.34', replicationPort, platformPorts: { ntp: await freePort() } };
  const kma = begun.use(await TestKma.start(options));
  await kma.stop();
  const data = await makeMember(kma, { name: 'kma-second', host: '127.0.0.35' });
  await kma.resume();
  begun.use(await TestKma.on(data, dirname(data), { host: '127.0.0.35', replicationPort }));
  await kma.ask('SetNtpServer', { server: server.address, port: server.port }, OFFICER);
  const nobody = { address: '127.0.0.36', port: await freePort() };
  await kma.ask('CreateSyslogServer', { server: 'logs', transport: 'tcp', ...nobody }, OFFICER);
  const manager = { manager: 'noc', protocol: 'v2c', passphrase: 'public-for-tests-1', ...nobody };
  // Refused until the second KMA has said what it reads.
  await until('the manager', async () => {
    await kma.ask('CreateSnmpManager', manager, OFFICER);
    return true;
  });
  const agent = await kma.agent('drive-1');
  const names = await until('all is measured', async () => {
    await agent.createKey();
    const rows = await kma.ask<{ sample: string }[]>('ShowMetrics', {}, AUDITOR);
    const found = new Set(rows.map(({ sample }) => sample));
    const all = [
      'openkma_syslog_connected',
      'openkma_snmp_manager_reached',
      'openkma_key_pool_lasts_seconds',
      'openkma_time_ahead_seconds',
      'openkma_member_response_seconds',
    ];
    return all.every((name) => found.has(name)) ? found : false;
  });
  const { folder } = kma;
  const all = begun.move();
  return { names, folder, [Symbol.asyncDispose]: () => all.disposeAsync() };
}
