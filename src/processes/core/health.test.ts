/** Holds the core's health to what each trouble stops, who is told, and what passes by itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Operation } from '../../operations/operation.ts';
import { SealError } from '../../security/sealing.ts';
import { asAuditError, Health } from './health.ts';

const CHANGE = { name: 'Change', changes: true } as Operation;
const RETRIEVAL = { name: 'Retrieve', changes: false } as Operation;
const STATUS = { name: 'Status', changes: false, answersAlways: true } as Operation;
const sqlite = (errcode: number) => Object.assign(new Error(`code ${errcode}`), { errcode });
const FULL = sqlite(13);
const CORRUPT = sqlite(11);

function watched() {
  const told: string[] = [];
  const health = new Health(
    {
      errorState: (reason) => told.push(`stopped: ${reason}`),
      damaged: (detail) => told.push(`damaged: ${detail}`),
      unwritable: (detail) => told.push(`unwritable: ${detail}`),
      writableAgain: ({ refused }) => told.push(`writable, refused ${refused}`),
    },
    () => 0,
  );
  const stops = () => [CHANGE, RETRIEVAL, STATUS].map((it) => health.refusalOf(it)?.refused ?? null);
  return { health, told, stops };
}

test('a sound core stops nothing', () => {
  const { health, stops } = watched();
  assert.deepEqual(stops(), [null, null, null]);
  assert.deepEqual(health.report(), { errorState: '', store: [] });
});

test('a full disk stops changes until there is space, and says how many', () => {
  const { health, told, stops } = watched();
  health.noteFailure(FULL);
  health.noteFailure(FULL);
  assert.deepEqual(stops(), ['STORE_UNWRITABLE', null, null]);
  assert.deepEqual(health.report().store, ['code 13']);
  assert.equal(health.obstacle(CHANGE)?.refused, 'STORE_UNWRITABLE', 'who only asks is not refused');
  health.noteWritable();
  health.noteWritable();
  assert.deepEqual(stops(), [null, null, null]);
  assert.deepEqual(told, ['unwritable: code 13', 'writable, refused 3']);
});

test('damage stops changes for good', () => {
  const { health, told, stops } = watched();
  health.noteFailure(CORRUPT);
  health.noteDamage(['table key: malformed', 'code 11']);
  health.noteWritable();
  assert.deepEqual(stops(), ['STORE_DAMAGED', null, null]);
  assert.deepEqual(told, ['damaged: code 11'], 'told once');
  assert.deepEqual(health.report().store, ['code 11', 'table key: malformed']);
});

test('damage where the audit is continued stops everything but the status', () => {
  const { health, told, stops } = watched();
  assert.equal(asAuditError(FULL), FULL);
  health.noteFailure(asAuditError(CORRUPT));
  assert.equal(health.stopped, true);
  assert.deepEqual(stops(), ['ERROR_STATE', 'ERROR_STATE', null]);
  assert.match(told.join(), /stopped: .*the audit cannot be continued: code 11/);
});

test('an object that does not open stops nothing else, and is told once', () => {
  const { health, told, stops } = watched();
  health.noteFailure(new SealError('A1'));
  health.noteFailure(new SealError('A1'));
  health.noteFailure(new SealError('B2'));
  assert.deepEqual(stops(), [null, null, null]);
  assert.deepEqual(told, ['damaged: object A1 does not open', 'damaged: object B2 does not open']);
});

test('other failures are none of its business', () => {
  const { health, told } = watched();
  for (const error of [new Error('broken invariant'), sqlite(19), 'text', null]) health.noteFailure(error);
  assert.deepEqual(told, []);
});
