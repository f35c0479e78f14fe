/** The Debian programs that tests run beside the KMA, and their installation where something is missing: only as root, where there is apt-get. It starts no service and changes no configuration. */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, globSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program on PATH, or a file (with `*`), and the package that brings it. */
const PACKAGES: Readonly<Record<string, string>> = {
  chromium: 'chromium',
  // It does not begin without any font.
  '/usr/share/fonts/truetype/*/*.ttf': 'fonts-dejavu-core',
  openssl: 'openssl',
  ip: 'iproute2',
  snmpget: 'snmp',
  snmptrapd: 'snmptrapd',
  nft: 'nftables',
  rsyslogd: 'rsyslog',
  '/usr/lib/*/rsyslog/lmnsd_gtls.so': 'rsyslog-gnutls',
  ssh: 'openssh-client',
  sshd: 'openssh-server',
  'iptables-restore': 'iptables',
  'firewall-offline-cmd': 'firewalld',
  'dbus-daemon': 'dbus-daemon',
  nmap: 'nmap',
  chronyd: 'chrony',
  promtool: 'prometheus',
  dnsmasq: 'dnsmasq-base',
  tcpdump: 'tcpdump',
};

/** Daemons lie where ordinary users do not look. */
export const TEST_PATH = [process.env['PATH'] ?? '', '/usr/local/sbin', '/usr/sbin', '/sbin'].join(delimiter);

/** Asked by Debian's packages whether they may start their service; 101 says no. */
const POLICY = '/usr/sbin/policy-rc.d';

/** Whether tests find all they need; where not, it says what to do. */
export function haveTestPrograms(): boolean {
  const packages = missingPackages();
  if (packages.length === 0) return true;
  const command = `apt-get update && apt-get install --no-install-recommends ${packages.join(' ')}`;
  if (process.getuid?.() !== 0 || !isThere('apt-get')) {
    process.stderr.write(`Tests need programs that are missing. As root: ${command}\n`);
    return false;
  }
  process.stderr.write(`Installing what tests need: ${packages.join(' ')} ...\n`);
  install(packages);
  const left = missingPackages();
  if (left.length > 0) process.stderr.write(`Not installed: ${left.join(' ')}. By hand: ${command}\n`);
  return left.length === 0;
}

function missingPackages(): string[] {
  const missing = Object.entries(PACKAGES).flatMap(([program, name]) => (isThere(program) ? [] : [name]));
  return [...new Set(missing)];
}

function isThere(program: string): boolean {
  if (program.startsWith('/')) return globSync(program).length > 0;
  return TEST_PATH.split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function install(packages: readonly string[]): void {
  const ours = !existsSync(POLICY);
  if (ours) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    apt('update');
    apt('install', '-y', '--no-install-recommends', ...packages);
  } finally {
    if (ours) rmSync(POLICY, { force: true });
  }
}

function apt(...args: readonly string[]): void {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['-qq', ...args], { stdio: ['ignore', 2, 2], env });
}
