/** Whose connection makes room for a newcomer. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Connection, ConnectionTable } from './connection-table.ts';

/** Admits `times` connections of the source, as a listener does. */
function fill(table: ConnectionTable, source: string, times: number): Connection[] {
  return Array.from({ length: times }, () => {
    const goes = table.roomFor(source);
    assert.notEqual(goes, 'refuse');
    if (goes !== null && goes !== 'refuse') table.remove(goes);
    return table.add(source);
  });
}

test('below the limits nobody has to go', () => {
  const table = new ConnectionTable({ connections: 4, connectionsPerSource: 2 });
  fill(table, 'a', 1);
  assert.equal(table.roomFor('a'), null);
  assert.equal(table.roomFor('b'), null);
});

test('a source at its own limit makes the room itself: its oldest without proof, then the one idle longest', () => {
  const table = new ConnectionTable({ connections: 100, connectionsPerSource: 3 });
  const [first, second, third] = fill(table, 'a', 3);
  assert.ok(first !== undefined && second !== undefined && third !== undefined);
  fill(table, 'b', 3);
  assert.equal(table.roomFor('a'), first);
  table.move(first, 'busy');
  table.move(second, 'idle');
  assert.equal(table.roomFor('a'), third);
  table.move(third, 'idle');
  assert.equal(table.roomFor('a'), second);
  table.move(first, 'idle');
  table.move(second, 'busy');
  table.move(second, 'idle');
  assert.equal(table.roomFor('a'), third);
});

test('what is busy never goes: then the newcomer is refused', () => {
  const table = new ConnectionTable({ connections: 2, connectionsPerSource: 2 });
  for (const connection of fill(table, 'a', 2)) table.move(connection, 'busy');
  assert.equal(table.roomFor('a'), 'refuse');
  assert.equal(table.roomFor('b'), 'refuse');
});

test('when all is taken the source with most connections without proof gives one', () => {
  const table = new ConnectionTable({ connections: 20, connectionsPerSource: 10 });
  for (const connection of fill(table, 'agents behind one address', 10)) table.move(connection, 'idle');
  const [oldest] = fill(table, 'stranger', 7);
  fill(table, 'another', 3);
  assert.equal(table.roomFor('agent'), oldest);
});

test('connections that answered one request do not protect a source which has most of them', () => {
  const table = new ConnectionTable({ connections: 10, connectionsPerSource: 9 });
  const [oldest, ...rest] = fill(table, 'stranger', 9);
  for (const connection of [oldest, ...rest]) if (connection !== undefined) table.move(connection, 'idle');
  fill(table, 'agent in its handshake', 1);
  assert.equal(table.roomFor('other agent'), oldest);
});

test('of sources with one connection each the oldest goes, so a newcomer has the longest time', () => {
  const table = new ConnectionTable({ connections: 3, connectionsPerSource: 3 });
  const [oldest] = fill(table, 'a', 1);
  fill(table, 'b', 1);
  fill(table, 'c', 1);
  assert.equal(table.roomFor('d'), oldest);
});

test('where a certificate proves who is idle, no stranger pushes him or his next handshake out', () => {
  const table = new ConnectionTable({ connections: 12, connectionsPerSource: 9 }, true);
  for (const connection of fill(table, 'host of agents', 6)) table.move(connection, 'idle');
  const strangers = Array.from({ length: 5 }, (_, i) => fill(table, `stranger ${i}`, 1)[0]);
  const [handshake] = fill(table, 'host of agents', 1);
  assert.ok(handshake !== undefined);
  for (const stranger of strangers) {
    assert.equal(table.roomFor('newcomer'), stranger);
    if (stranger !== undefined) table.remove(stranger);
    table.move(fill(table, 'newcomer', 1)[0] ?? handshake, 'busy');
  }
  assert.equal(table.roomFor('newcomer'), handshake, 'only then its own');
});

test('counts follow what comes and goes, and a removed connection moves nowhere', () => {
  const table = new ConnectionTable({ connections: 3, connectionsPerSource: 3 });
  const [one] = fill(table, 'a', 2);
  assert.ok(one !== undefined);
  assert.deepEqual([table.total, table.ofSource('a')], [2, 2]);
  table.remove(one);
  table.remove(one);
  table.move(one, 'busy');
  assert.deepEqual([table.total, table.ofSource('a'), table.ofSource('b')], [1, 1, 0]);
});
