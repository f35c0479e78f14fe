/** "okm-agent doctor" as a process: exit codes that scripts rely on, text for people, JSON for programs. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { enrolledProfile } from '../../test/enrolled-agent.ts';
import { temporaryDirectory } from '../../test/temporary-directory.ts';
import { TestCluster } from '../../test/test-cluster.ts';

const COMMAND = fileURLToPath(new URL('okm-agent.ts', import.meta.url));

async function doctor(profile: string, ...args: readonly string[]) {
  const child = spawn(process.execPath, [COMMAND, '--profile', profile, ...args], { stdio: 'pipe' });
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { out, err, code };
}

async function clusterWith(t: TestContext, days: number): Promise<{ cluster: TestCluster; profile: string }> {
  const cluster = await TestCluster.start(1);
  t.after(() => cluster.stop());
  await cluster.kma(1).returnWith(await cluster.authority.issue('KMA1', 'server', days));
  return { cluster, profile: (await enrolledProfile(t, cluster)).directory };
}

test('ends with 0 where all is well, 9 for warnings alone, 10 where something is broken, 2 for wrong usage', async (t) => {
  const { cluster, profile } = await clusterWith(t, 365);
  const fine = await doctor(profile, 'doctor');
  assert.equal(fine.code, 0, fine.out + fine.err);
  assert.match(fine.out, /^fine {5}KMA1/);
  await cluster.kma(1).returnWith(await cluster.authority.issue('KMA1', 'server', 10));
  const soon = await doctor(profile, 'doctor');
  assert.equal(soon.code, 9, soon.out + soon.err);
  assert.match(soon.out, /^WARNING {2}the certificate expires on .*\n {9}to do: /);
  await cluster.kma(1).close();
  const down = await doctor(profile, '--json', 'doctor');
  assert.equal(down.code, 10, down.out + down.err);
  const { result, advice } = JSON.parse(down.out);
  assert.deepEqual([result, advice.length, advice[0].cause], ['problems', 1, 'refused']);
  const nobody = await doctor(join(await temporaryDirectory(t), 'none'), 'doctor');
  assert.equal(nobody.code, 2);
  assert.match(nobody.err, /no agent is enrolled .*give --kma/);
});
