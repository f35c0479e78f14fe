/** Every name that a KMA looks up goes to the DNS servers that are set for it and to nobody else; without servers no question leaves. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { TEST_PATH } from '../scripts/test-programs.ts';

const WORLD = fileURLToPath(new URL('support/dns-world-process.ts', import.meta.url));

test('KMAs call each other by name through their own DNS servers alone, and without servers ask nobody', async (t) => {
  const argv = ['--net', '--', process.execPath, WORLD];
  const env = { ...process.env, PATH: TEST_PATH };
  const { stdout } = await promisify(execFile)('unshare', argv, { env, timeout: 600_000 });
  t.diagnostic(stdout.trim());
  const saw = JSON.parse(stdout) as { withoutServers: number; asked: number; elsewhere: number };
  assert.deepEqual([saw.withoutServers, saw.elsewhere], [0, 0]);
  assert.ok(saw.asked > 0);
});
