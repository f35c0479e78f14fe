/** The private file system of the support sshd, seen from inside by a program that stands in sshd's place: what is there, and what its rights are. As root. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { supportSetting } from '../../platform-settings/support.ts';
import { accountFiles, SUPPORT_ID } from './account-files.ts';

const HERE = fileURLToPath(new URL('.', import.meta.url));
const HASH = `$7$C6..../....${'a'.repeat(22)}$${'b'.repeat(43)}`;

/** Runs a shell script in there; `asSupport`: with the account's number and groups. */
function inside(script: string, asSupport: boolean, primary = 'no'): string {
  const folder = mkdtempSync(join('/var/lib', 'openkma-sandbox-'));
  try {
    chmodSync(folder, 0o755);
    const data = join(folder, 'data');
    const etc = join(data, 'platform/support/etc');
    mkdirSync(etc, { recursive: true });
    mkdirSync(join(folder, 'socket'));
    writeFileSync(join(data, 'kma.db'), 'keys');
    const files = accountFiles(supportSetting.parse({ passwordHash: HASH, expiresAtMs: 1 }));
    for (const [name, text] of Object.entries({ ...files, 'host-key-rsa': 'private', 'support-shell': '' }))
      writeFileSync(join(etc, name), text, { mode: 0o600 });
    const probe = join(etc, 'probe');
    writeFileSync(probe, `${script}\ntrue\n`);
    // In sshd's place, with sshd's arguments.
    const stand = join(folder, 'stand');
    const become = asSupport
      ? `exec setpriv --reuid ${SUPPORT_ID} --regid ${SUPPORT_ID} --clear-groups`
      : 'exec';
    writeFileSync(stand, `#!/bin/sh\n${become} /bin/sh /run/openkma-support/etc/probe\n`, { mode: 0o755 });
    const [socket, shell] = [join(folder, 'socket'), join(HERE, 'support-shell.ts')];
    const words = [
      '--mount',
      '--pid',
      '--fork',
      '--kill-child=KILL',
      '/bin/sh',
      join(HERE, 'enter-sandbox.sh'),
    ];
    return execFileSync('unshare', [...words, etc, socket, process.execPath, shell, data, stand, primary], {
      stdio: ['ignore', 'pipe', 'pipe'],
    }).toString();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

test('the account sees neither the data directory, homes, logs nor sockets of the machine, and no process but those in there', () => {
  const seen = inside(
    'ls -A /home /root /var/log /tmp /mnt 2>&1; ls /run; ls /proc | grep -c "^[0-9]"; ls /var/lib/openkma-sandbox-*/data',
    true,
  );
  assert.deepEqual(
    seen
      .trim()
      .split('\n')
      .filter((line) => !/^(\/\w+(\/\w+)*:)?$/.test(line)),
    [
      'openkma-support',
      'sshd',
      // The shell, ls and grep; what became of the first process is the shell.
      ...(seen.match(/^\d+$/m) ?? []),
    ],
  );
  assert.ok(Number(seen.match(/^\d+$/m)?.[0]) <= 4, seen);
});

test('accounts of the machine do not exist in there, and the hash and the private host keys are not the account’s to read', () => {
  const seen = inside(
    'cut -d: -f1 /etc/passwd; cat /etc/shadow /run/openkma-support/etc/host-key-rsa 2>&1; touch /etc/x /run/x /tmp/x /run/openkma-support/home/x 2>&1',
    true,
  );
  assert.match(seen, /^root\nokmsupport\nsshd\nnobody\n/);
  assert.equal(seen.match(/Permission denied|Read-only file system/g)?.length, 6, seen);
});

test('sshd itself has no right to mount, to trace or to load, and nothing gains rights by a program', () => {
  const seen = inside(
    'grep -E "^(NoNewPrivs|CapBnd|CapEff)" /proc/self/status; mount -t tmpfs x /mnt 2>&1 || true',
    false,
  );
  assert.match(seen, /NoNewPrivs:\s1/);
  const bits = BigInt(`0x${/CapBnd:\s([0-9a-f]+)/.exec(seen)?.[1]}`);
  // chown 0, dac_override 1, fowner 3, kill 5, setgid 6, setuid 7, net_bind_service 10, sys_chroot 18, audit_write 29
  assert.deepEqual(
    Array.from({ length: 41 }, (_, bit) => bit).filter((bit) => (bits >> BigInt(bit)) & 1n),
    [0, 1, 3, 5, 6, 7, 10, 18, 29],
  );
  assert.match(seen, /permission denied|must be superuser/);
});

test('nothing outside is another after it', () => {
  // Other tests have small disks meanwhile.
  const mounts = () =>
    readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => !line.includes('/openkma-disk-'));
  const before = mounts();
  inside('true', false);
  assert.deepEqual(mounts(), before);
});
