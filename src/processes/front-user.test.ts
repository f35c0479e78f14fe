/** Who hears strangers: users without root's rights, and the SNMP agent is none whom the fronts' sockets are open to. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { resolveAgentUser, resolveFrontUser } from './front-user.ts';

function passwd(t: TestContext, ...users: readonly string[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'openkma-passwd-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'passwd');
  writeFileSync(path, ['root:x:0:0::/root:/bin/sh', ...users, ''].join('\n'));
  return path;
}
const asRoot = process.getuid?.() === 0;
const DAEMON = 'daemon:x:1:1::/:/bin/false';
const NOBODY = 'nobody:x:65534:65534::/:/bin/false';

test('the front is its own user, or nobody', { skip: !asRoot }, (t) => {
  assert.deepEqual(resolveFrontUser(undefined, passwd(t, NOBODY)), { uid: 65_534, gid: 65_534 });
  const own = passwd(t, NOBODY, 'openkma-front:x:900:901::/:/bin/false');
  assert.deepEqual(resolveFrontUser(undefined, own), { uid: 900, gid: 901 });
  assert.throws(() => resolveFrontUser('root', own), { code: 'USAGE' });
});

test('the SNMP agent is its own user, or daemon, and never of the fronts’ user or group', (t) => {
  const front = { uid: 65_534, gid: 65_534 };
  assert.deepEqual(resolveAgentUser(front, passwd(t, NOBODY, DAEMON)), { uid: 1, gid: 1 });
  const own = passwd(t, DAEMON, 'openkma-snmp:x:902:903::/:/bin/false');
  assert.deepEqual(resolveAgentUser(front, own), { uid: 902, gid: 903 });
  assert.deepEqual(resolveAgentUser({ uid: 1, gid: 903 }, own), { uid: 65_533, gid: 65_533 });
  assert.deepEqual(resolveAgentUser({ uid: 5, gid: 903 }, own), { uid: 1, gid: 1 });
  assert.equal(resolveAgentUser(null, own), null);
});
