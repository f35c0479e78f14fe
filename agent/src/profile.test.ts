/** Profiles on disk: where they are, and which are refused. */
import assert from 'node:assert/strict';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { type TestContext, test } from 'node:test';
import { temporaryDirectory } from '../test/temporary-directory.ts';
import { TestAuthority } from '../test/test-authority.ts';
import { loadCluster, saveCluster } from './cluster-file.ts';
import { DEFAULT_PORTS } from './enrolment.ts';
import { kindOf } from './faults.ts';
import { DEFAULT_SETTINGS, loadProfile, type Profile, profileDirectory, stageProfile } from './profile.ts';

const authority = await TestAuthority.create();

async function savedProfile(t: TestContext): Promise<Profile> {
  const staged = await stageProfile(join(await temporaryDirectory(t), 'profile'));
  return await staged.save(
    { agentId: 'agent1', address: '192.0.2.10', ports: DEFAULT_PORTS, settings: DEFAULT_SETTINGS },
    { caPem: authority.certificatePem, certificatePem: 'certificate', privateKeyPem: 'key' },
  );
}

test('takes a name as a directory below home, and a path as it is', (t) => {
  const { XDG_CONFIG_HOME } = process.env;
  delete process.env['XDG_CONFIG_HOME'];
  t.after(() => {
    if (XDG_CONFIG_HOME !== undefined) process.env['XDG_CONFIG_HOME'] = XDG_CONFIG_HOME;
  });
  assert.equal(profileDirectory('tape-1'), join(homedir(), '.okm-agent', 'tape-1'));
  assert.equal(profileDirectory('./tape-1'), resolve('tape-1'));
  assert.equal(profileDirectory('/srv/agent'), '/srv/agent');
  for (const name of ['', 'a b', '-x', '.hidden', 'a'.repeat(65)])
    assert.throws(() => profileDirectory(name), /profile name/);
});

test('a name is below XDG_CONFIG_HOME where that is set, and a profile that was made at home stays there', async (t) => {
  const { HOME, XDG_CONFIG_HOME } = process.env;
  t.after(() => Object.assign(process.env, { HOME }));
  t.after(() => {
    if (XDG_CONFIG_HOME === undefined) delete process.env['XDG_CONFIG_HOME'];
    else process.env['XDG_CONFIG_HOME'] = XDG_CONFIG_HOME;
  });
  const home = await temporaryDirectory(t);
  process.env['HOME'] = home;
  process.env['XDG_CONFIG_HOME'] = '/etc/settings';
  await mkdir(join(home, '.okm-agent', 'old'), { recursive: true });
  assert.equal(profileDirectory('new'), '/etc/settings/okm-agent/new');
  assert.equal(profileDirectory('old'), join(home, '.okm-agent', 'old'));
  process.env['XDG_CONFIG_HOME'] = '';
  assert.equal(profileDirectory('new'), join(home, '.okm-agent', 'new'));
});

test('reads back what it wrote', async (t) => {
  const profile = await savedProfile(t);
  assert.deepEqual(await loadProfile(profile.directory), profile);
});

test('refuses files and directories that others may use, and says how to mend it', async (t) => {
  const { directory } = await savedProfile(t);
  for (const [path, mode, mended] of [
    [join(directory, 'agent.key'), 0o640, 0o600],
    [join(directory, 'profile.json'), 0o602, 0o600],
    [directory, 0o750, 0o700],
  ] as const) {
    await chmod(path, mode);
    await assert.rejects(
      loadProfile(directory),
      (error) => kindOf(error) === 'denied' && /chmod/.test(String(error)),
    );
    await chmod(path, mended);
  }
  await loadProfile(directory);
});

test('refuses a damaged profile, and names the command where there is none', async (t) => {
  const { directory } = await savedProfile(t);
  const path = join(directory, 'profile.json');
  const text = await readFile(path, 'utf8');
  for (const damaged of [
    '',
    '{}',
    text.replace('"format": 1', '"format": 2'),
    text.replace('3334', '333400'),
  ]) {
    await writeFile(path, damaged);
    await assert.rejects(loadProfile(directory), /is damaged/);
  }
  await rm(path);
  await assert.rejects(loadProfile(directory), /okm-agent enroll/);
});

test('keeps what it knows of the cluster, and takes unreadable knowledge for none', async (t) => {
  const { directory } = await savedProfile(t);
  assert.equal(await loadCluster(directory, '192.0.2.10'), null);
  const member = {
    kmaId: 9_007_199_254_740_993n,
    kmaName: 'KMA1',
    kmaSiteId: 'A',
    kmaHostName: 'kma1',
    kmaNetworkAddress: '192.0.2.11',
    enabled: true,
    load: 3,
    responding: false,
    kmaVersion: 'Build700',
  };
  const cluster = { givenAddress: '192.0.2.10', startAddress: '192.0.2.11', siteId: 'A', members: [member] };
  await saveCluster(directory, cluster);
  const loaded = await loadCluster(directory, '192.0.2.10');
  assert.deepEqual(loaded?.members[0], { ...member, load: 0, responding: true, locked: false });
  assert.equal((await loadCluster(directory, '192.0.2.11'))?.startAddress, '192.0.2.11');
  assert.equal(await loadCluster(directory, '192.0.2.99'), null);
  await writeFile(join(directory, 'cluster.json'), '{"format":1', { mode: 0o600 });
  assert.equal(await loadCluster(directory, '192.0.2.10'), null);
});
