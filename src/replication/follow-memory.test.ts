/** Who follows a long log more slowly than it comes keeps it in files, not in memory. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const fixture = fileURLToPath(new URL('./follow-memory.fixture.ts', import.meta.url));
/** The engine's own buffers for two KMAs take some 10 MB, however long the log is. */
const HELD_BYTES_MAX = 20 * 1024 * 1024;

test('following a log that is longer than what may be held takes no more memory for it', () => {
  const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', fixture], {
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  const { entriesBytes, heldBytes } = JSON.parse(stdout) as { entriesBytes: number; heldBytes: number };
  assert.ok(entriesBytes > 1.5 * HELD_BYTES_MAX);
  assert.ok(heldBytes < HELD_BYTES_MAX, `${heldBytes} bytes held`);
});
