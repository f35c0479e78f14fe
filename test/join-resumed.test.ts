/** A join that is killed, on either side, goes on with the same command, with the life that the member has admitted already. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { JOIN_PASSPHRASE, TestCluster } from './support/cluster.ts';
import { QUORUM } from './support/kma.ts';
import { KMA_PROGRAM, kmaCommand } from './support/kma-command.ts';
import { until } from './support/until.ts';

const OFFSET = 22_500;
const cluster = new TestCluster(OFFSET);
after(() => cluster[Symbol.asyncDispose]());
const a = await cluster.first('kma-a', '127.0.3.15');
const admitted = () =>
  a.read(({ state }) => state.page('incarnation', '', 100).filter((life) => life.admittedStamp !== null));

test('the command is killed while it fetches; the next one goes on with the life that was admitted', async () => {
  const b = await cluster.entry(a, 'kma-b', '127.0.3.16');
  const answers = join(cluster.folder, 'join.json');
  const { host } = b;
  const given = { kmaName: 'kma-b', passphrase: JOIN_PASSPHRASE, quorum: QUORUM };
  const places = { managementAddress: host, serviceAddress: host };
  writeFileSync(answers, JSON.stringify({ ...given, ...places }), { mode: 0o600 });
  const command = ['--data', b.data, 'init', '--join', a.host, '--answers', answers];
  const argv = [...command, '--port-offset', String(OFFSET), '--ca-key', cluster.caKeySha256];
  const killed = spawn(process.execPath, [KMA_PROGRAM, ...argv], { stdio: 'ignore' });
  await until('the member has admitted its life', () => admitted().length === 1);
  killed.kill('SIGKILL');
  await once(killed, 'close');
  const [life] = admitted();
  const { incarnationId } = JSON.parse(readFileSync(`${b.data}.joining/local/join.json`, 'utf8'));
  assert.equal(incarnationId, life?.id);
  const { status, stderr } = await kmaCommand(...argv);
  assert.equal(status, 0, stderr);
  assert.ok(!existsSync(`${b.data}.joining`));
  assert.equal(admitted().length, 1, 'it has one life');
  await b.serve();
  await until('its log has begun', () => admitted().every(({ createdStamp }) => createdStamp !== null));
});

test("the member's replicator is killed while it gives the copy, and the join goes on", async () => {
  const c = await cluster.entry(a, 'kma-c', '127.0.3.17');
  let pieces = 0;
  let killed = false;
  const kill = () => {
    pieces += 1;
    const pid = a.kma.pids().get('replicator');
    if (killed || pid === undefined) return;
    process.kill(pid, 'SIGKILL');
    killed = true;
  };
  await cluster.join(c, a, {}, kill);
  assert.ok(killed && pieces > 1);
  await c.serve();
  await a.ask('CreateSite', { site: 'berlin' });
  await until('it follows the member', () => c.sites().includes('berlin'));
});
