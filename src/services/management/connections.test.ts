/** Ten managers at a time, and four connections of one. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { MANAGER_CONNECTIONS, ManagerConnections, USER_CONNECTIONS } from './connections.ts';

const closed = (socket: PassThrough) => new Promise((resolve) => socket.destroy().once('close', resolve));

test('ten connections are taken, the eleventh is not, and gets in when one of them has gone', async () => {
  const connections = new ManagerConnections();
  const ten = Array.from({ length: MANAGER_CONNECTIONS }, () => new PassThrough());
  for (const [n, socket] of ten.entries()) assert.equal(connections.admit(socket, `user-${n}`), null);
  const eleventh = new PassThrough();
  assert.equal(connections.admit(eleventh, 'user-11'), 'TOO_MANY_CONNECTIONS');
  assert.ok(!connections.has(eleventh));
  await closed(ten[0] ?? assert.fail());
  assert.equal(connections.admit(eleventh, 'user-11'), null);
});

test('one user takes four of them at most, whatever keys he has, and others get theirs', async () => {
  const connections = new ManagerConnections();
  const own = Array.from({ length: USER_CONNECTIONS }, () => new PassThrough());
  for (const socket of own) assert.equal(connections.admit(socket, 'greedy'), null);
  const fifth = new PassThrough();
  assert.equal(connections.admit(fifth, 'greedy'), 'TOO_MANY_OWN_CONNECTIONS');
  assert.ok(!connections.has(fifth));
  assert.equal(connections.admit(new PassThrough(), 'other'), null);
  await closed(own[0] ?? assert.fail());
  assert.equal(connections.admit(fifth, 'greedy'), null);
});
