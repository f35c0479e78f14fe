/** docs/tour.sh as a reader runs it: from an empty directory to a key read from a restored KMA. */
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { commandFed } from './support/kma-command.ts';
import { toured, tourPath } from './support/tour.ts';

test('the tour ends well, says what it does, shows no passphrase, and wants an empty directory', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'openkma-tour-'));
  try {
    const { status, stdout, stderr, place } = await toured('tour.sh', folder);
    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout, /== Done/);
    assert.match(stderr, /50 agents of /);
    assert.match(stderr, /^Sound: 100 keys opened/m);
    assert.equal(
      readFileSync(join(place, 'first.txt'), 'utf8'),
      readFileSync(join(place, 'plain.txt'), 'utf8'),
    );
    const secrets = readdirSync(place)
      .filter((name) => /^(officer|holder-1|operator|drive-01)\.txt$/.test(name))
      .map((name) => readFileSync(join(place, name), 'utf8').trim());
    assert.equal(secrets.length, 4);
    for (const secret of secrets) assert.ok(!(stdout + stderr).includes(secret));
    assert.ok(existsSync(join(place, 'restored')));
    const again = await commandFed('', {}, 'bash', tourPath('tour.sh'), place);
    assert.deepEqual([again.status, again.stdout], [2, '']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
