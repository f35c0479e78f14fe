/** What the okm-agent command says where no KMA could serve: each KMA's answer, and never an old list as a new one. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { runAgent } from '../../test/agent-command.ts';
import { enrolledProfile } from '../../test/enrolled-agent.ts';
import { TestCluster, TestFault } from '../../test/test-cluster.ts';

let cluster: TestCluster;
let profile: string;
const ends: (() => unknown)[] = [];
before(async () => {
  cluster = await TestCluster.start(2);
  profile = (await enrolledProfile({ after: (end) => void ends.push(end as () => unknown) }, cluster))
    .directory;
});
after(async () => {
  for (const end of ends) await end();
  await cluster.stop();
});

test('says of each KMA why it could not serve, on a line of its own and as JSON', async (t) => {
  t.after(() => {
    for (const kma of cluster.kmas) kma.fault = null;
  });
  cluster.kma(1).fault = new TestFault(1018, 'Locked');
  cluster.kma(2).fault = new TestFault(1021, 'No ready\u009bkeys');
  const text = await runAgent(profile, ['--failover-limit', '1', 'groups']);
  assert.equal(text.code, 6);
  assert.match(text.err, /^okm-agent: no KMA could serve the call \(2 attempts\)\n/);
  assert.match(text.err, /^ {2}127\.0\.0\.1: 1018 Locked$/m);
  assert.match(text.err, /^ {2}127\.0\.0\.2: 1021 No ready\ufffdkeys$/m);
  assert.equal(text.err.match(/what to do: /g)?.length, 2);
  const { error } = JSON.parse((await runAgent(profile, ['--json', '--failover-limit', '1', 'groups'])).err);
  assert.equal(error.exitCode, 6);
  assert.deepEqual(
    error.answers.toSorted((a: { address: string }, b: { address: string }) =>
      a.address < b.address ? -1 : 1,
    ),
    [
      { address: '127.0.0.1', fault: 1018, message: '1018 Locked' },
      { address: '127.0.0.2', fault: 1021, message: '1021 No ready\u009bkeys' },
    ],
  );
});

test('lists KMAs that nobody has confirmed only when asked for them, and never as responding', async (t) => {
  assert.equal((await runAgent(profile, ['discover'])).code, 0);
  t.after(() => {
    for (const kma of cluster.kmas) kma.behaviour = 'serve';
  });
  for (const kma of cluster.kmas) kma.behaviour = 'hang-up';
  for (const args of [['discover'], ['--json', 'discover']]) {
    const { code, text, err } = await runAgent(profile, args);
    assert.deepEqual([code, text], [6, '']);
    assert.match(err, /127\.0\.0\.1:.*socket hang up/);
    assert.match(err, /127\.0\.0\.2:.*socket hang up/);
  }
  const cached = await runAgent(profile, ['discover', '--cached']);
  assert.equal(cached.code, 0, cached.err);
  assert.match(cached.text, /^name +site +address +enabled +version\nKMA1 .*\nKMA2 /);
  assert.match(cached.err, /none was asked now/);
  const { text } = await runAgent(profile, ['--json', 'discover', '--cached']);
  const members: Record<string, unknown>[] = JSON.parse(text);
  assert.deepEqual(
    members.map(({ name, cached: old, responding }) => [name, old, responding]),
    [
      ['KMA1', true, undefined],
      ['KMA2', true, undefined],
    ],
  );
  const nobody = await runAgent(profile, [
    '--profile',
    (await enrolledProfile(t, cluster)).directory,
    'discover',
    '--cached',
  ]);
  assert.equal(nobody.code, 6);
});
