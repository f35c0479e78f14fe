/** docs/cluster-tour.sh as a reader runs it: three KMAs join, leave, come back, are replaced and restored, and an agent reads after each. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { toured } from './support/tour.ts';

test('the tour of a cluster ends well, says what it does, shows no passphrase, and leaves nothing running', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'openkma-cluster-tour-'));
  try {
    const { status, stdout, stderr, place } = await toured('cluster-tour.sh', folder, {
      TOUR_NETWORK: '127.0.3',
    });
    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout, /== Done/);
    for (const part of ['joins?', 'logged out', 'logs back in', 'retired', 'lost', 'restored'])
      assert.match(stdout, new RegExp(`^== .*${part}`, 'm'));
    assert.match(stderr, /NOT_A_MEMBER/);
    assert.equal(
      readFileSync(join(place, 'read.txt'), 'utf8'),
      readFileSync(join(place, 'secret.txt'), 'utf8'),
    );
    const secrets = readdirSync(place)
      .filter((name) => /^(officer|holder-\d|kma-\d|drive-01)\.txt$/.test(name))
      .map((name) => readFileSync(join(place, name), 'utf8').trim());
    assert.equal(secrets.length, 7);
    for (const secret of secrets) assert.ok(!(stdout + stderr).includes(secret));
    assert.ok(!existsSync(join(place, 'kma-1', 'admin.sock')), 'the KMA was stopped');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
