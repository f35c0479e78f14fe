/** Ten managers at a time. */
import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { MANAGER_CONNECTIONS, ManagerConnections } from './connections.ts';

test('ten connections are taken, the eleventh is not, and gets in when one of them has gone', async () => {
  const connections = new ManagerConnections();
  const ten = Array.from({ length: MANAGER_CONNECTIONS }, () => new PassThrough());
  for (const socket of ten) assert.ok(connections.admit(socket));
  const eleventh = new PassThrough();
  assert.ok(!connections.admit(eleventh));
  assert.ok(!connections.has(eleventh));
  const [first] = ten;
  await new Promise((resolve) => first?.destroy().once('close', resolve));
  assert.ok(connections.admit(eleventh));
});
