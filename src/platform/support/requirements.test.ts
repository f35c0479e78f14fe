/** What technical support needs: each thing that is missing is refused with what to do, by a process for which it is missing. As root. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { checkRequirements } from './requirements.ts';

/** Only after it is loaded does it become another user, who may have no way into the folder of the sources. */
const PROGRAM = `
const { checkRequirements } = await import(${JSON.stringify(fileURLToPath(new URL('./requirements.ts', import.meta.url)))});
if (process.env.AS_NOBODY === 'yes') {
  process.setgroups([]);
  process.setgid(65534);
  process.setuid(65534);
}
await checkRequirements().then(() => console.log('all there'), (error) => console.log(error.code + ': ' + error.message));
`;
const node = [process.execPath, '--input-type=module', '-e', PROGRAM];
const within = (...command: readonly string[]) =>
  execFileSync(command[0] ?? '', command.slice(1))
    .toString()
    .trim();

test('here all is there', async () => {
  assert.equal(await checkRequirements(), undefined);
});

test('without root it is refused', () => {
  assert.equal(
    within('env', 'AS_NOBODY=yes', ...node),
    'SUPPORT_NEEDS_ROOT: this KMA was not started as root',
  );
});

test('root that may make no namespaces, as in many containers, is told so', () => {
  assert.match(
    within('setpriv', '--bounding-set=-sys_admin', '--inh-caps=-all', ...node),
    /^SUPPORT_NEEDS_ROOT: this root may make no namespaces, as in a container without CAP_SYS_ADMIN: /,
  );
});

test('without OpenSSH the missing program is named', () => {
  const without = (place: string) =>
    within('unshare', '--mount', '/bin/sh', '-c', `mount -n -t tmpfs x ${place} && exec "$@"`, 'sh', ...node);
  assert.equal(without('/usr/sbin'), 'SUPPORT_NOT_INSTALLED: /usr/sbin/sshd is missing');
});
