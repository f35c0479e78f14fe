/** What counts as received: what the other machine has had for a while, never what is still on the way, and in order. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { bytesIn } from './bytes-on-the-way.ts';
import { Unsettled } from './unsettled.ts';

const SETTLE_MS = 100;

test('what has arrived counts as received after a while, and not before', () => {
  const sent = new Unsettled(5, SETTLE_MS);
  sent.sent(8, 3, 300);
  sent.arrived(300, 0);
  sent.arrived(300, SETTLE_MS - 1);
  assert.deepEqual([sent.row, sent.records], [5, 3]);
  sent.arrived(300, SETTLE_MS);
  assert.deepEqual([sent.row, sent.records, sent.isEmpty], [8, 0, true]);
});

test('what is on the way never counts, however long it takes, and holds up nothing that came before it', () => {
  const sent = new Unsettled(0, SETTLE_MS);
  sent.sent(1, 1, 100);
  sent.sent(2, 1, 100);
  sent.arrived(199, 0);
  assert.equal(sent.arrived(199, 1_000_000), false, 'nothing moves');
  assert.deepEqual([sent.row, sent.records], [1, 1]);
});

test('a server that closed in order has all of it', () => {
  const sent = new Unsettled(0, SETTLE_MS);
  sent.sent(1, 1, 100);
  sent.sent(9, 0, 0);
  sent.allReceived();
  assert.deepEqual([sent.row, sent.records], [9, 0]);
});

test('under load no more than some thousand records wait to count as received', () => {
  const sent = new Unsettled(0, SETTLE_MS);
  for (let row = 1; row <= 20_000; row += 10) sent.sent(row + 9, 10, 10);
  sent.arrived(20_000, 0);
  assert.ok(sent.records <= 5_000 && sent.row >= 15_000, `${sent.records} ${sent.row}`);
});

test('whatever happens, it moves forwards alone, and never past what has arrived', () => {
  const step = fc.record({
    rows: fc.nat(20),
    bytes: fc.nat(500),
    arrives: fc.nat(3_000),
    elapsesMs: fc.nat(200),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const sent = new Unsettled(0, SETTLE_MS);
      const ends: [number, number][] = [];
      let [row, bytes, arrived, nowMs, last] = [0, 0, 0, 0, 0];
      for (const { rows, bytes: more, arrives, elapsesMs } of steps) {
        row += rows;
        bytes += more;
        ends.push([row, bytes]);
        sent.sent(row, rows, more);
        arrived = Math.max(arrived, Math.min(bytes, arrives));
        nowMs += elapsesMs;
        sent.arrived(Math.min(bytes, arrives), nowMs);
        const proven = Math.max(0, ...ends.filter(([, end]) => end <= arrived).map(([through]) => through));
        assert.ok(sent.row >= last && sent.row <= proven, `${sent.row}`);
        last = sent.row;
      }
    }),
  );
});

const TABLE = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:9C40 0100007F:0202 01 00000A00:00000000 01:00000014 00000000     0        0 640 1 0
   1: 0100007F:0202 0100007F:9C40 01 00000000:00000A00 00:00000000 00000000     0        0 641 1 0
`;

test('the table of the system tells what a connection has on the way, and which connections there are', () => {
  assert.equal(bytesIn(TABLE, 40_000, 514), 2_560);
  assert.equal(bytesIn(TABLE, 514, 40_000), 0);
  assert.equal(bytesIn(TABLE, 40_001, 514), null);
});
