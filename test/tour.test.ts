/** docs/tour.sh as a reader runs it: from an empty directory to a key read from a restored KMA. */
import assert from 'node:assert/strict';
import { randomInt } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type CommandResult, commandFed } from './support/kma-command.ts';

const TOUR = fileURLToPath(new URL('../docs/tour.sh', import.meta.url));
/** Below the ports that the system gives to outgoing connections. */
const OFFSETS = [7_000, 28_000] as const;

const ATTEMPTS = 5;

/** On ports that are free, which nobody knows beforehand. */
async function toured(folder: string): Promise<CommandResult & { readonly place: string }> {
  for (let attempt = 1; ; attempt++) {
    const place = join(folder, `place-${attempt}`);
    const environment = { TOUR_PORT_OFFSET: String(randomInt(...OFFSETS)) };
    const result = await commandFed('', environment, 'bash', TOUR, place);
    if (attempt === ATTEMPTS || !result.stderr.includes('PORT_TAKEN')) return { ...result, place };
  }
}

test('the tour ends well, says what it does, shows no passphrase, and wants an empty directory', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'openkma-tour-'));
  try {
    const { status, stdout, stderr, place } = await toured(folder);
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
    const again = await commandFed('', {}, 'bash', TOUR, place);
    assert.deepEqual([again.status, again.stdout], [2, '']);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
