/** An alarm stays small whatever a record says, and no record is one that cannot be told. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AlarmRecord, alarmVarbinds } from './alarm-varbinds.ts';
import { BerReader, TYPE } from './ber.ts';

const LONG = '\u{1f511}'.repeat(2_000);
const RECORD: AlarmRecord = {
  kmaName: LONG,
  createdAt: Date.UTC(2026, 0, 1),
  class: 'System',
  operation: LONG,
  condition: LONG,
  severity: 'error',
  entityId: LONG,
  entityAddress: LONG,
  message: LONG,
  solution: LONG,
};
const texts = (record: AlarmRecord) =>
  alarmVarbinds(record, 0)
    .slice(2)
    .map(({ value }) => new BerReader(Buffer.from(value)).octets(2_000).toString());

test('the longest record is cut at the end of a character and fits one datagram of an Ethernet', () => {
  const cut = texts(RECORD);
  assert.deepEqual(
    cut.map((text) => Buffer.byteLength(text)),
    [24, 6, 64, 64, 5, 128, 64, 512, 256, 128],
  );
  assert.equal(cut.join('').includes('\ufffd'), false);
  assert.ok(alarmVarbinds(RECORD, 0).reduce((sum, { value }) => sum + value.length, 0) < 1_400);
});

test('a record of no time is told all the same', () => {
  for (const createdAt of [Number.NaN, 1e300]) assert.equal(texts({ ...RECORD, createdAt })[0], '');
});

test('the time since the start goes round in 32 bits', () => {
  const [upTime] = alarmVarbinds(RECORD, 2 ** 32 * 10 + 70);
  const { type, content } = new BerReader(Buffer.from(upTime?.value ?? [])).value();
  assert.deepEqual([type, content.toString('hex')], [TYPE.timeTicks, '07']);
});
