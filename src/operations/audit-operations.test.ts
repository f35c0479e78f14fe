/** Reading the audit log: filters, histories that are bounded, and its upkeep. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MESSAGE_CHARACTERS_MAX } from '../core/audit-bounds.ts';
import { created, set } from '../core/facts.ts';
import type { KmaId } from '../core/ids.ts';
import { ERRORS } from '../errors.ts';
import {
  type auditEvent,
  listAgentHistory,
  listAuditEvents,
  listDataUnitHistory,
  listKeyHistory,
} from './audit-operations.ts';
import type { AuditRecord } from './audit-record.ts';
import {
  cutAuditLog,
  noteFailuresBeforeAuthentication,
  noteRepeatedEnrolment,
  signAuditHeads,
} from './audit-upkeep.ts';
import type { ListOutput } from './lists/list.ts';
import { showAuditEvent } from './show-audit-event.ts';
import { World } from './world.fixture.ts';

function record(row: number, cells: Partial<AuditRecord> = {}): AuditRecord {
  return {
    row,
    id: row.toString(16).padStart(32, '0'),
    createdAt: row,
    operation: 'CreateKey',
    severity: 'success',
    condition: 'Success',
    message: '',
    entityId: 'drive',
    entityAddress: '192.0.2.1',
    kmaId: '0'.repeat(32),
    kmaName: 'kma-1',
    class: 'Agent Access',
    term: 'medium',
    solution: '',
    ...cells,
  };
}
const FRAME_BYTES = 4 * 1024 * 1024;
const HASH = 'A'.repeat(64);

test('a page of a thousand long events is no larger than one message between processes, and none is left out', async () => {
  // Three bytes each.
  const message = '\u6f22'.repeat(MESSAGE_CHARACTERS_MAX);
  const audit = Array.from({ length: 200 }, (_, index) => record(index + 1, { message }));
  const world = new World();
  const shown: number[] = [];
  let input: { limit: number; after?: string } | null = { limit: 1_000 };
  while (input !== null) {
    const { output }: { output: ListOutput<typeof auditEvent.shape> } = await world.did(
      listAuditEvents,
      input,
      { audit },
    );
    assert.ok(Buffer.byteLength(JSON.stringify(output)) < FRAME_BYTES);
    shown.push(...output.rows.map(({ row }) => row));
    input = output.next === null ? null : { limit: 1_000, after: output.next };
  }
  assert.deepEqual(shown, audit.map(({ row }) => row).toReversed());
});

test('events are shown newest first with readable dates, and a list goes on before a row', async () => {
  const audit = [record(1), record(2, { severity: 'error' }), record(3)];
  const world = new World();
  const { output } = await world.did(listAuditEvents, { limit: 2 }, { audit });
  assert.deepEqual(
    output.rows.map(({ row }) => row),
    [3, 2],
  );
  assert.equal(output.rows[0]?.createdAt, '1970-01-01T00:00:00.003Z');
  const rest = await world.did(listAuditEvents, { after: output.next ?? '' }, { audit });
  assert.deepEqual(
    rest.output.rows.map(({ row }) => row),
    [1],
  );
  const errors = await world.did(listAuditEvents, { filter: ['severity=error'] }, { audit });
  assert.deepEqual(
    errors.output.rows.map(({ row }) => row),
    [2],
  );
});

test('the history of an agent leaves out a user of the same name', async () => {
  const audit = [
    record(1),
    record(2, { class: 'Operator', operation: 'CreateAgent' }),
    record(3, { entityId: 'b' }),
  ];
  const { output } = await new World().did(listAgentHistory, { agent: 'drive' }, { audit });
  assert.deepEqual(
    output.rows.map(({ row }) => row),
    [1],
  );
});

test('the histories of a key and a data unit find what names them, however far back', async () => {
  const keyId = 'AB'.repeat(30);
  const dataUnitId = 'CD'.repeat(16);
  const audit = Array.from({ length: 2500 }, (_, i) => record(i + 10));
  audit.unshift(record(1, { message: `key=${keyId}` }), record(2, { message: `dataUnit=${dataUnitId}` }));
  const world = new World();
  const key = await world.did(listKeyHistory, { keyId: keyId.toLowerCase() }, { audit });
  assert.deepEqual(
    key.output.rows.map(({ row }) => row),
    [1],
  );
  const unit = await world.did(listDataUnitHistory, { dataUnitId }, { audit });
  assert.deepEqual(
    unit.output.rows.map(({ row }) => row),
    [2],
  );
});

test('a history is cut to its limit and goes on before a row', async () => {
  const audit = Array.from({ length: 30 }, (_, i) => record(i + 1));
  const world = new World();
  const first = await world.did(listAgentHistory, { agent: 'drive', limit: 10 }, { audit });
  assert.deepEqual([first.output.rows.length, first.output.rows.at(-1)?.row], [10, 21]);
  const next = await world.did(
    listAgentHistory,
    { agent: 'drive', limit: 10, after: first.output.next ?? '' },
    { audit },
  );
  assert.equal(next.output.rows[0]?.row, 20);
});

test('a cut is recorded as a fact together with the hash of the last record cut', async () => {
  const world = new World();
  await world.did(cutAuditLog, { term: 'short', seq: 10, hash: HASH });
  const input = { term: 'short', seq: 25, hash: HASH };
  const { decision } = await world.did(cutAuditLog, input, { auditBegin: () => 11 });
  const cut = world.state.get('audit_cut', `${world.self.incarnationId}:short`);
  assert.deepEqual([cut?.seq, cut?.hash, cut?.recordsCut], [25, HASH, 15]);
  assert.deepEqual(decision?.cutAudit, { incarnationId: world.self.incarnationId, term: 'short', seq: 25 });
});

test('what has gone is not cut again, and a fact that another member wrote keeps nothing from being cut', async () => {
  const world = new World();
  const input = { term: 'short', seq: 10, hash: HASH };
  assert.equal(await world.refusal(cutAuditLog, input, { auditBegin: () => 11 }), 'INVALID_PARAMETERS');
  const id = `${world.self.incarnationId}:short`;
  world.commit([set('audit_cut', id, { seq: 2 ** 53 - 1, hash: HASH, cutAt: 1, recordsCut: 1 })]);
  await world.did(cutAuditLog, input, { auditBegin: () => 4 });
  assert.deepEqual(
    [world.state.get('audit_cut', id)?.seq, world.state.get('audit_cut', id)?.recordsCut],
    [10, 7],
  );
});

test('signed heads are facts, one for each term', async () => {
  const world = new World();
  const head = { seq: 3, hash: HASH, signature: 'B'.repeat(128) };
  await world.did(signAuditHeads, {
    heads: [
      { term: 'long', ...head },
      { term: 'short', ...head, seq: 9 },
    ],
  });
  assert.equal(world.state.get('audit_head', `${world.self.incarnationId}:long`)?.seq, 3);
  assert.equal(world.state.get('audit_head', `${world.self.incarnationId}:short`)?.signature, head.signature);
});

test('what strangers were refused is one record with count and sources', async () => {
  const input = { service: 'ca', reason: 'bad XML', count: 7, sources: ['192.0.2.1', '192.0.2.2'] };
  const { decision } = await new World().did(noteFailuresBeforeAuthentication, input);
  assert.equal(decision?.audit?.message, 'service=ca reason=bad XML count=7 sources=192.0.2.1,192.0.2.2');
  assert.deepEqual(decision?.facts, []);
});

test('a repeated enrolment is recorded with agent and address', async () => {
  const repeated = { kind: 'agent', name: 'drive', address: '192.0.2.1' };
  const { decision } = await new World().did(noteRepeatedEnrolment, repeated);
  assert.equal(decision?.audit?.message, 'agent=drive address=192.0.2.1');
});

test('the chain of an earlier life of this KMA is cut too, that of another KMA is not', async () => {
  const world = new World();
  const life = (id: string, kmaId: KmaId) =>
    created('incarnation', id, {
      kmaId,
      logPublicKey: '',
      replicationPublicKey: '',
      createdAt: world.nowMs,
      reason: 'copy',
      clusterEpochId: '',
      baseVectorJson: '{}',
    });
  world.commit([life('A'.repeat(16), world.self.kmaId), life('B'.repeat(16), 'E'.repeat(32) as KmaId)]);
  const cut = { term: 'short', seq: 10, hash: HASH };
  const { decision } = await world.did(cutAuditLog, { ...cut, incarnationId: 'A'.repeat(16) });
  assert.deepEqual(decision?.cutAudit, { incarnationId: 'A'.repeat(16), term: 'short', seq: 10 });
  assert.equal(world.state.get('audit_cut', `${'A'.repeat(16)}:short`)?.seq, 10);
  const others = { ...cut, incarnationId: 'B'.repeat(16) };
  assert.equal(await world.refusal(cutAuditLog, others), 'INVALID_PARAMETERS');
});

test('a list ends without a next page where it is over, also when the last page is full', async () => {
  const audit = Array.from({ length: 4 }, (_, i) => record(i + 1));
  const world = new World();
  const first = await world.did(listAuditEvents, { limit: 2 }, { audit });
  assert.notEqual(first.output.next, null);
  const last = await world.did(listAuditEvents, { limit: 2, after: first.output.next ?? '' }, { audit });
  assert.deepEqual([last.output.rows.length, last.output.next], [2, null]);
  assert.equal(await world.refusal(listAuditEvents, { after: 'A' }), 'CURSOR_INVALID');
});

test('an event is shown with its error and what the register says to do about it', async () => {
  const cells = {
    severity: 'error',
    message: 'code=1029 detail=drive-9',
    solution: 'of an older version',
  } as const;
  const audit = [record(1, cells), record(2)];
  const world = new World();
  const { output } = await world.did(showAuditEvent, { id: record(1).id.toLowerCase() }, { audit });
  assert.deepEqual(
    [output.errorNumber, output.errorCode, output.errorText, output.solution],
    [1029, 'AGENT_DOES_NOT_EXIST', ERRORS.AGENT_DOES_NOT_EXIST.text, ERRORS.AGENT_DOES_NOT_EXIST.advice],
  );
  const success = await world.did(showAuditEvent, { id: record(2).id }, { audit });
  assert.deepEqual([success.output.errorNumber, success.output.errorCode], [null, '']);
  assert.equal(
    await world.refusal(showAuditEvent, { id: record(3).id }, { audit }),
    'AUDIT_EVENT_DOES_NOT_EXIST',
  );
  const byRow = await world.did(showAuditEvent, { id: '1' }, { audit });
  assert.equal(byRow.output.id, record(1).id);
  assert.equal(await world.refusal(showAuditEvent, { id: '3' }, { audit }), 'AUDIT_EVENT_DOES_NOT_EXIST');
});

test('an error that the register has no more keeps the solution of its time', async () => {
  const audit = [record(1, { severity: 'error', message: 'code=99999', solution: 'of its time' })];
  const { output } = await new World().did(showAuditEvent, { id: record(1).id }, { audit });
  assert.deepEqual([output.errorNumber, output.errorCode, output.solution], [99999, '', 'of its time']);
});
