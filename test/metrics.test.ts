/** GET /metrics with a certificate for monitoring: what Prometheus can read, true numbers, no names of data, and few audit records. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { makeRequestedKey } from '../src/client/own-certificate.ts';
import { auditRecords } from './support/audit-rows.ts';
import { OFFICER, OPERATOR, TestKma } from './support/kma.ts';
import { ManagerConnection } from './support/manager.ts';
import { readMetrics } from './support/metrics-form.ts';

const kma = await TestKma.start();
const { privateKeyPem: key, requestPem: request } = await makeRequestedKey(OFFICER.name);
const { certificatePem: cert } = await kma.ask<{ certificatePem: string }>(
  'IssueMonitoringCertificate',
  { request },
  OFFICER,
);
const connection = new ManagerConnection(() => kma.managementPort, { cert, key });
after(async () => {
  connection.close();
  await kma[Symbol.asyncDispose]();
});

/** As Prometheus asks. */
const ACCEPT = 'application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';
async function scraped() {
  const answer = await connection.send('GET', '/metrics', { headers: { Accept: ACCEPT } });
  assert.equal(answer.status, 200, answer.text);
  assert.equal(answer.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
  return { text: answer.text, metrics: readMetrics(answer.text) };
}
const numberOf = ({ metrics }: Awaited<ReturnType<typeof scraped>>, name: string, operation?: string) =>
  metrics
    .get(name)
    ?.samples.filter(({ labels }) => operation === undefined || labels['operation'] === operation)
    .reduce((sum, { value }) => sum + value, 0);

test('what is scraped is sound, and its numbers are those of the KMA', async () => {
  const status = await kma.ask<{ keysReady: number; keysUnissued: number; lastBackupAt: string }>(
    'ShowStatus',
    {},
  );
  const seen = await scraped();
  assert.equal(numberOf(seen, 'openkma_keys_ready'), status.keysReady);
  assert.equal(numberOf(seen, 'openkma_keys_unissued'), status.keysUnissued);
  const backupMs = (numberOf(seen, 'openkma_last_backup_timestamp_seconds') ?? 0) * 1000;
  assert.equal(new Date(Math.round(backupMs)).toISOString(), status.lastBackupAt);
  assert.equal(numberOf(seen, 'openkma_locked'), 0);
  assert.ok((numberOf(seen, 'openkma_core_resident_memory_bytes') ?? 0) > 10_000_000);
});

test('a call is counted once, where it belongs', async () => {
  const before = numberOf(await scraped(), 'openkma_calls_total', 'ListSites') ?? 0;
  await kma.ask('ListSites', {}, OPERATOR);
  const seen = await scraped();
  assert.equal(numberOf(seen, 'openkma_calls_total', 'ListSites'), before + 1);
  const [done] =
    seen.metrics
      .get('openkma_calls_total')
      ?.samples.filter(({ labels }) => labels['operation'] === 'ListSites') ?? [];
  assert.equal(done?.labels['outcome'], 'done');
});

test('no user, agent, group or key is named', async () => {
  await kma.createAgent('drive-17');
  const { text, metrics } = await scraped();
  for (const name of ['drive-17', OFFICER.name, OPERATOR.name, 'group-a', 'site-a'])
    assert.equal(text.includes(name), false, name);
  const labels = [...metrics.values()].flatMap(({ samples }) =>
    samples.flatMap((sample) => Object.values(sample.labels)),
  );
  assert.deepEqual(
    labels.filter((label) => /[0-9A-Fa-f]{16}/.test(label)),
    [],
  );
});

test('scraping leaves one audit record a minute, with how often it was', async () => {
  await scraped();
  const count = () => auditRecords(kma.data).filter(({ operation }) => operation === 'ShowMetrics').length;
  const before = count();
  for (let i = 0; i < 20; i++) await scraped();
  // A minute may have ended meanwhile, on a slow machine more than one.
  assert.ok(count() - before < 10, `${count() - before} of 20`);
});

test('JSON is given where it is asked for', async () => {
  const { status, body } = await connection.send('GET', '/metrics');
  assert.equal(status, 200);
  const rows = body as { sample: string; value: number }[];
  assert.equal(rows.find(({ sample }) => sample === 'openkma_locked')?.value, 0);
});
