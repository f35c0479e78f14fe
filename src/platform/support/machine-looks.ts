/** Looks at the machine for the support shell: what listens, what runs, disks, network, memory, versions. It reads what Linux tells and changes nothing. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { loadavg, networkInterfaces, release, uptime } from 'node:os';
import { promisify } from 'node:util';
import { addressOf, readSockets } from '../ports/proc-net.ts';
import type { Look } from './diagnostics.ts';
import { sshdVersion } from './requirements.ts';
import { DAEMON_ENVIRONMENT } from './sshd.ts';

const run = promisify(execFile);
const PROCESSES_MAX = 200;
const PAGE_BYTES = 4_096;
const TICKS_PER_SECOND = 100;

export const MACHINE_LOOKS: Readonly<Record<string, Look>> = {
  ports: { summary: 'what listens on this machine', show: () => listening() },
  processes: { summary: 'the processes of this KMA', show: () => processes(process.ppid) },
  disk: { summary: 'file systems and what is free', show: () => disk() },
  network: { summary: 'interfaces, addresses and routes', show: () => network() },
  memory: { summary: 'memory and load', show: () => memory() },
};

function listening(): string {
  const rows = ['tcp', 'tcp6', 'udp', 'udp6'].flatMap((protocol) =>
    listenersIn(readFileSync(`/proc/net/${protocol}`, 'utf8'), protocol),
  );
  return rows.length === 0 ? 'Nothing listens.\n' : [...new Set(rows)].map((row) => `${row}\n`).join('');
}

/** `protocol`: of the kernel's table, "tcp6" for one. */
export function listenersIn(table: string, protocol: string): string[] {
  return readSockets(table, protocol.startsWith('tcp') ? 'tcp' : 'udp')
    .filter(({ state }) => state === 'listening')
    .map(({ local }) => `${protocol.padEnd(5)}${placeText(local)}`);
}

function placeText({ address, port }: { readonly address: string; readonly port: number }): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}

interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  readonly text: string;
}

/** Names of programs, never their arguments. */
function processes(root: number): string {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => processRow(name));
  const wanted = new Set([root]);
  // Children are younger, though their numbers may be lower.
  for (let before = 0; before !== wanted.size; ) {
    before = wanted.size;
    for (const { pid, parent } of all) if (wanted.has(parent)) wanted.add(pid);
  }
  const rows = all.filter(({ pid }) => wanted.has(pid)).slice(0, PROCESSES_MAX);
  return `    PID  PARENT  STATE     MB  CPU s  PROGRAM\n${rows.map(({ text }) => `${text}\n`).join('')}`;
}

function processRow(pid: string): ProcessRow[] {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return []; // It has ended.
  }
  const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const parent = Number(fields[1]);
  const cpuSeconds = (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  const megabytes = (Number(fields[21]) * PAGE_BYTES) / 2 ** 20;
  const columns = [pid.padStart(7), String(parent).padStart(8), `${fields[0]}`.padStart(7)];
  return [
    {
      pid: Number(pid),
      parent,
      text: [
        ...columns,
        megabytes.toFixed(0).padStart(7),
        cpuSeconds.toFixed(1).padStart(7),
        `  ${name}`,
      ].join(''),
    },
  ];
}

async function disk(): Promise<string> {
  const { stdout } = await run('df', ['-P', '-h', '-x', 'overlay', '-x', 'tmpfs', '-x', 'devtmpfs'], {
    env: DAEMON_ENVIRONMENT,
  }).catch(() => run('df', ['-P', '-h'], { env: DAEMON_ENVIRONMENT }));
  return stdout;
}

function network(): string {
  const addresses = Object.entries(networkInterfaces()).flatMap(([name, all]) =>
    (all ?? []).map(({ cidr, mac }) => `${name.padEnd(12)}${(cidr ?? '').padEnd(28)}${mac}`),
  );
  const routes = readFileSync('/proc/net/route', 'utf8').split('\n').slice(1).filter(Boolean).map(routeText);
  return [...addresses, ...routes].map((row) => `${row}\n`).join('');
}

function routeText(line: string): string {
  const [name = '', destination = '', gateway = '', , , , , mask = ''] = line.split('\t');
  const bits = [...Number.parseInt(mask, 16).toString(2)].filter((bit) => bit === '1').length;
  return `route       ${`${addressOf(destination)}/${bits}`.padEnd(28)}by ${addressOf(gateway)} on ${name}`;
}

function memory(): string {
  const wanted = /^(MemTotal|MemAvailable|SwapTotal|SwapFree):/;
  const lines = readFileSync('/proc/meminfo', 'utf8')
    .split('\n')
    .filter((line) => wanted.test(line));
  const load = loadavg()
    .map((value) => value.toFixed(2))
    .join(' ');
  return `${[...lines, `Load: ${load}`, `Up: ${Math.floor(uptime() / 60)} min`].join('\n')}\n`;
}

export async function versions(kma: string): Promise<string> {
  const system = /^PRETTY_NAME="(.*)"$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'unknown';
  return [
    `OpenKMA     ${kma}`,
    `Node.js     ${process.versions.node}`,
    `OpenSSL     ${process.versions.openssl}`,
    `OpenSSH     ${(await sshdVersion()).replace('OpenSSH_', '')}`,
    `Linux       ${release()}`,
    `System      ${system}`,
    '',
  ].join('\n');
}
