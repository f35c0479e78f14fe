/** SSH public keys as OpenSSH's own program makes them are taken, and nothing else that looks like one. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { isSshPublicKey } from './ssh-public-key.ts';

const folder = mkdtempSync(join(tmpdir(), 'openkma-keys-'));
after(() => rmSync(folder, { recursive: true, force: true }));

function made(type: string, bits: number, comment = 'ann'): string {
  const path = join(folder, `${type}-${bits}`);
  execFileSync('ssh-keygen', ['-q', '-t', type, '-b', String(bits), '-N', '', '-C', comment, '-f', path]);
  const line = readFileSync(`${path}.pub`, 'utf8').trim();
  for (const name of [path, `${path}.pub`]) rmSync(name);
  return line;
}

for (const [type, bits] of [
  ['ed25519', 256],
  ['rsa', 3072],
  ['ecdsa', 256],
  ['ecdsa', 384],
  ['ecdsa', 521],
] as const)
  test(`takes ${type} of ${bits} bits, with a name and without`, () => {
    assert.ok(isSshPublicKey(made(type, bits)));
    assert.ok(isSshPublicKey(made(type, bits, '')));
  });

test('refuses RSA of 2048 bits, which sshd would refuse at the log-in', () => {
  assert.ok(!isSshPublicKey(made('rsa', 2048)));
});

test('refuses options, several lines, another type, what is cut short or goes on, and a name with commas or blanks', () => {
  const key = made('ed25519', 256);
  const [type = '', base64 = ''] = key.split(' ');
  for (const line of [
    `command="sh" ${key}`,
    `restrict ${key}`,
    `${key}\n${key}`,
    `ssh-rsa ${base64}`,
    `ssh-dss ${base64}`,
    `${type} ${base64.slice(0, -8)}`,
    `${type} ${Buffer.concat([Buffer.from(base64, 'base64'), Buffer.alloc(4)]).toString('base64')}`,
    `${type} ${'A'.repeat(68)}`,
    `${type} ${base64} ann,bob`,
    `${type} ${base64} ann bob`,
    `${type}  ${base64}`,
    ` ${key}`,
    base64,
    '',
  ])
    assert.ok(!isSshPublicKey(line), JSON.stringify(line));
});
