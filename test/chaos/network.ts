/** The network of a cluster on one machine: each KMA in a network namespace of its own, routed by that of the agents, which can silently drop what one sends to another. Where namespaces cannot be had all are on loopback, and nothing is cut. It touches no network of the machine. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';

/** Set where this process is in the namespace of the agents. */
const VARIABLE = 'OPENKMA_CHAOS_NETWORK';
const PREFIX = '10.77.0';
const AGENTS = `${PREFIX}.254`;

export class Network {
  readonly hosts: readonly string[];
  /** Null where nothing can be cut. */
  readonly #name: string | null;
  readonly #cuts = new Map<string, readonly string[]>();

  constructor(name: string | null, kmas: number) {
    this.#name = name;
    const prefix = name === null ? '127.0.5' : PREFIX;
    this.hosts = Array.from({ length: kmas }, (_, index) => `${prefix}.${index + 1}`);
  }

  get canCut(): boolean {
    return this.#name !== null;
  }

  /** What stands before a command that runs at this host. */
  at(host: string): readonly string[] {
    return this.#name === null
      ? []
      : ['nsenter', `--net=${path(`${this.#name}-${this.hosts.indexOf(host) + 1}`)}`];
  }

  /** What one sends to the other vanishes; nobody is told. */
  cut(from: string, to: string): void {
    const rule = ['from', from, 'to', to, 'blackhole'];
    if (this.#cuts.has(`${from} ${to}`)) return;
    run('ip', 'rule', 'add', ...rule);
    this.#cuts.set(`${from} ${to}`, rule);
  }
  /** Both ways between this one and all others. */
  isolate(host: string): void {
    for (const other of this.hosts.filter((known) => known !== host)) {
      this.cut(host, other);
      this.cut(other, host);
    }
  }
  heal(): void {
    for (const rule of this.#cuts.values()) run('ip', 'rule', 'del', ...rule);
    this.#cuts.clear();
  }
}

/** The network this process is in; makes one and runs this very program in it first, where that is possible, and then never returns. */
export async function enterNetwork(kmas: number): Promise<Network> {
  const inside = process.env[VARIABLE];
  if (inside !== undefined) return new Network(inside === '' ? null : inside, kmas);
  const name = `okma${process.pid}`;
  const namespaces = ['agents', ...Array.from({ length: kmas }, (_, index) => String(index + 1))];
  const remove = () => {
    for (const namespace of namespaces) spawnSync('ip', ['netns', 'del', `${name}-${namespace}`]);
  };
  try {
    build(name, kmas);
  } catch {
    remove();
    return new Network(null, kmas);
  }
  try {
    process.exitCode = await runInside(name);
  } finally {
    remove();
  }
  process.exit();
}

async function runInside(name: string): Promise<number> {
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = spawn('nsenter', [`--net=${path(`${name}-agents`)}`, ...command], {
    stdio: 'inherit',
    env: { ...process.env, [VARIABLE]: name },
  });
  // The terminal tells the child as well, which cleans up.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

/** A star: the namespace of the agents is the router in its middle. */
function build(name: string, kmas: number): void {
  const agents = `${name}-agents`;
  run('ip', 'netns', 'add', agents);
  run('ip', '-n', agents, 'link', 'set', 'lo', 'up');
  run('ip', '-n', agents, 'addr', 'add', `${AGENTS}/32`, 'dev', 'lo');
  for (let number = 1; number <= kmas; number++) {
    const [kma, link, address] = [`${name}-${number}`, `kma${number}`, `${PREFIX}.${number}`];
    run('ip', 'netns', 'add', kma);
    run('ip', 'link', 'add', link, 'netns', agents, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', kma);
    for (const [namespace, device] of [
      [agents, link],
      [kma, 'eth0'],
      [kma, 'lo'],
    ] as const)
      run('ip', '-n', namespace, 'link', 'set', device, 'up');
    run('ip', '-n', kma, 'addr', 'add', `${address}/32`, 'dev', 'eth0');
    run('ip', '-n', kma, 'route', 'add', 'default', 'dev', 'eth0', 'src', address);
    run('ip', '-n', agents, 'route', 'add', `${address}/32`, 'dev', link, 'src', AGENTS);
  }
  // KMAs look for each other on their only link, where the router answers for them.
  const forward = 'for file in ip_forward conf/all/proxy_arp conf/kma*/proxy_arp; do echo 1 > $file; done';
  run('nsenter', `--net=${path(agents)}`, 'sh', '-c', `cd /proc/sys/net/ipv4 && ${forward}`);
  // Without such rules nothing could be cut.
  const rule = ['from', `${PREFIX}.1`, 'to', `${PREFIX}.2`, 'blackhole'];
  for (const verb of ['add', 'del']) run('ip', '-n', agents, 'rule', verb, ...rule);
}

function path(namespace: string): string {
  return `/run/netns/${namespace}`;
}

function run(command: string, ...argv: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, argv, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${argv.join(' ')}: ${stderr ?? error?.message}`);
}
