/** The network of a cluster on one machine: each KMA a host of its own, and the agents another, where this very program runs; what one sends to another can be silently dropped. Where namespaces cannot be had all are on loopback, and nothing is cut. It touches no network of the machine. */
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { TestNetwork } from '../support/network-namespaces.ts';

/** Set where this process is at the host of the agents: what stands before a command at each KMA, by its address. */
const VARIABLE = 'OPENKMA_CHAOS_NETWORK';
const AGENTS = 'agents';

type Prefixes = Readonly<Record<string, readonly string[]>>;

export class Network {
  readonly hosts: readonly string[];
  /** Null where nothing can be cut. */
  readonly #prefixes: Prefixes | null;
  /** From whom nothing arrives at a host. */
  readonly #cuts = new Map<string, Set<string>>();

  constructor(prefixes: Prefixes | null, kmas: number) {
    this.#prefixes = prefixes;
    this.hosts =
      prefixes === null
        ? Array.from({ length: kmas }, (_, index) => `127.0.5.${index + 1}`)
        : Object.keys(prefixes);
  }

  get canCut(): boolean {
    return this.#prefixes !== null;
  }

  /** What stands before a command that runs at this host. */
  at(host: string): readonly string[] {
    return this.#prefixes?.[host] ?? [];
  }

  /** What one sends to the other vanishes; nobody is told. */
  cut(from: string, to: string): void {
    const known = this.#cuts.get(to) ?? new Set();
    this.#cuts.set(to, known.add(from));
    this.#apply(to);
  }
  /** Both ways between this one and all others. */
  isolate(host: string): void {
    for (const other of this.hosts.filter((known) => known !== host)) {
      this.cut(host, other);
      this.cut(other, host);
    }
  }
  heal(): void {
    const cut = [...this.#cuts.keys()];
    this.#cuts.clear();
    for (const host of cut) this.#apply(host);
  }

  #apply(host: string): void {
    const [command = '', ...argv] = [...this.at(host), 'nft', '-f', '-'];
    const input = `flush ruleset\n${droppingFrom([...(this.#cuts.get(host) ?? [])])}`;
    const { status, stderr, error } = spawnSync(command, argv, { encoding: 'utf8', input });
    if (status !== 0) throw new Error(`the rules of ${host}: ${stderr ?? error?.message}`);
  }
}

/** The network this process is in; makes one and runs this very program in it first, where that is possible, and then never returns. */
export async function enterNetwork(kmas: number): Promise<Network> {
  const inside = process.env[VARIABLE];
  if (inside !== undefined) return new Network(JSON.parse(inside), kmas);
  const made = await madeNetwork(kmas);
  if (made === null) return new Network(null, kmas);
  try {
    process.exitCode = await runInside(made);
  } finally {
    await made[Symbol.asyncDispose]();
  }
  process.exit();
}

type Made = TestNetwork<string, 'lan'>;

/** Null where this machine or its user cannot have one that can be cut. */
async function madeNetwork(kmas: number): Promise<Made | null> {
  const names = [...Array.from({ length: kmas }, (_, index) => `kma-${index + 1}`), AGENTS];
  try {
    const made = TestNetwork.make(Object.fromEntries(names.map((name) => [name, ['lan' as const]])));
    try {
      await made.setRules(AGENTS, droppingFrom([made.ipv4('kma-1', 'lan')]));
      await made.setRules(AGENTS, '');
      return made;
    } catch (error) {
      await made[Symbol.asyncDispose]();
      throw error;
    }
  } catch {
    return null;
  }
}

async function runInside(made: Made): Promise<number> {
  const kmas = made.hosts.filter((host) => host !== AGENTS);
  const prefixes = Object.fromEntries(kmas.map((kma) => [made.ipv4(kma, 'lan'), made.at(kma)]));
  const command = [process.execPath, ...process.execArgv, ...process.argv.slice(1)];
  const child = made.start(AGENTS, command, {
    stdio: 'inherit',
    env: { ...process.env, [VARIABLE]: JSON.stringify(prefixes) },
  });
  // The terminal tells the child as well, which cleans up.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const [code] = await once(child, 'exit');
  return code ?? 1;
}

function droppingFrom(hosts: readonly string[]): string {
  if (hosts.length === 0) return '';
  const rule = `ip saddr { ${hosts.join(', ')} } drop`;
  return `table inet cuts {\nchain input {\ntype filter hook input priority 0\n${rule}\n}\n}\n`;
}
