/** Lists of port 3333 as reports: whole, in each format, and broken off where the caller is nobody any more. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { AUDITOR, OPERATOR, type Person, TestKma } from './support/kma.ts';
import { logIn, ManagerConnection, newManagerKey } from './support/manager.ts';

const kma = await TestKma.start();
after(() => kma[Symbol.asyncDispose]());

interface Event {
  readonly row: number;
  readonly operation: string;
}
type Context = { after(work: () => void): void };

async function connected(t: Context, person: Person, connections: number): Promise<ManagerConnection[]> {
  const key = await newManagerKey();
  await logIn(kma, person, key);
  return Array.from({ length: connections }, () => {
    const connection = ManagerConnection.of(kma, key);
    t.after(() => connection.close());
    return connection;
  });
}
async function auditor(t: Context): Promise<ManagerConnection> {
  const [connection] = await connected(t, AUDITOR, 1);
  assert.ok(connection !== undefined);
  return connection;
}
const accept = (type: string) => ({ headers: { Accept: type } });

/** What stood there when the report began; reading adds records of its own. */
async function eventsUpTo(connection: ManagerConnection, row: number): Promise<Event[]> {
  const { body } = await connection.send('GET', '/v1/audit-events?limit=1000');
  return (body as { rows: Event[] }).rows.filter((event) => event.row <= row);
}

test('a report has every row, in order, however small its pages are', async (t) => {
  const connection = await auditor(t);
  const report = await connection.send(
    'GET',
    '/v1/audit-events?limit=7',
    accept('application/x-ndjson, application/json;q=0.5'),
  );
  assert.equal(report.status, 200, report.text);
  assert.equal(report.headers['content-type'], 'application/x-ndjson; charset=utf-8');
  const rows = report.text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as Event);
  assert.ok(rows.length > 14, 'several pages');
  assert.deepEqual(rows, await eventsUpTo(connection, rows[0]?.row ?? 0));
});

test('a report is filtered as its list is', async (t) => {
  const connection = await auditor(t);
  const path = '/v1/audit-events?filter=operation%3DCreateUser';
  const report = await connection.send('GET', path, accept('application/x-ndjson'));
  const { body } = await connection.send('GET', path);
  const rows = (body as { rows: Event[] }).rows;
  assert.ok(rows.length > 0);
  assert.equal(report.text, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
});

test('tab-separated and plain text have one heading and a line for each row', async (t) => {
  const connection = await auditor(t);
  for (const type of ['text/tab-separated-values', 'text/plain']) {
    const report = await connection.send(
      'GET',
      '/v1/audit-events?limit=2&filter=operation%3DCreateUser',
      accept(type),
    );
    assert.equal(report.headers['content-type'], `${type}; charset=utf-8`);
    const [heading, ...lines] = report.text.trimEnd().split('\n');
    assert.deepEqual(
      heading?.split('\t').filter((name) => /^(row|operation)$/.test(name)),
      ['row', 'operation'],
    );
    assert.deepEqual(
      lines.filter((line) => !line.includes('\tCreateUser\t')),
      [],
      'no second heading',
    );
    assert.equal(lines.length, 4);
  }
});

test('who may not list gets no report but a problem, and so does a wrong filter', async (t) => {
  const [operator] = await connected(t, OPERATOR, 1);
  const type = accept('text/plain');
  const denied = await operator?.send('GET', '/v1/agents/drive-1/history', type);
  assert.deepEqual([denied?.status, denied?.headers['content-type']], [403, 'application/problem+json']);
  const wrong = await operator?.send('GET', '/v1/audit-events?filter=severity%3Dbad', type);
  assert.deepEqual([wrong?.status, wrong?.headers['content-type']], [400, 'application/problem+json']);
});

test('what is no list is answered as JSON, whatever is accepted', async (t) => {
  const connection = await auditor(t);
  const answer = await connection.send('GET', '/v1/session', accept('text/plain'));
  assert.equal(answer.headers['content-type'], 'application/json');
});

test('a log-in that ends while a report is written breaks it off, so that nobody takes it for whole', async (t) => {
  const [reporting, other] = await connected(t, AUDITOR, 2);
  assert.ok(reporting !== undefined && other !== undefined);
  for (let event = 0; event < 200; event += 1) await other.send('GET', '/v1/session');
  // Pages of one row: hundreds of calls, some of which come after the one that ends the log-in.
  const began = Promise.withResolvers<void>();
  const report = reporting.send('GET', '/v1/audit-events?limit=1', {
    ...accept('application/x-ndjson'),
    onAnswer: () => began.resolve(),
  });
  const broken = assert.rejects(report, { code: 'ECONNRESET' });
  await began.promise;
  assert.equal((await other.send('DELETE', '/v1/session')).status, 204);
  await broken;
});
