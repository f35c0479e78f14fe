/** Dates in the time zone of a computer stay dates, whatever its distance from UTC. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { localDates } from './local-dates.ts';

const { TZ } = process.env;
after(() => {
  if (TZ === undefined) delete process.env['TZ'];
  else process.env['TZ'] = TZ;
});

test('a date has the local time and its distance from UTC, and is the same moment', () => {
  const createdAt = '2026-01-02T01:15:00.250Z';
  for (const [zone, local] of [
    ['America/St_Johns', '2026-01-01T21:45:00-03:30'],
    ['Asia/Kathmandu', '2026-01-02T07:00:00+05:45'],
    ['UTC', '2026-01-02T01:15:00+00:00'],
  ] as const) {
    process.env['TZ'] = zone;
    assert.deepEqual(localDates({ createdAt }), { createdAt: local });
    assert.equal(Date.parse(local), Date.parse('2026-01-02T01:15:00Z'));
  }
});

test('what is no date stays as it is, also a text that looks like one', () => {
  const row = { row: 7, endedAt: '', comment: '2026-01-02T01:15:00.000Z', names: ['a'] };
  assert.deepEqual(localDates(row), row);
});
