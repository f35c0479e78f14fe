/** Hosts for a test, each a network namespace of its own with addresses on the networks it is linked to and room for firewall rules. It needs root, touches no network of the machine, and takes everything down again. */
import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { within } from './until.ts';

/** Which hosts there are, and to which networks each is linked, such as `{ agent: ['service'], kma: ['management', 'service'] }`. */
export type Plan<Host extends string, Network extends string> = Readonly<Record<Host, readonly Network[]>>;

const PREFIX = 'okmtest';
const NAMES = new RegExp(`^${PREFIX}-(\\d+)-`);
/** Where a test needs a program that is not there it fails with the name of what to install. */
const PACKAGES = { ip: 'iproute2', nsenter: 'util-linux', nft: 'nftables' } as const;

let made = 0;

export class TestNetwork<Host extends string, Network extends string> implements AsyncDisposable {
  readonly #id: string;
  readonly hosts: readonly Host[];
  readonly #networks: readonly Network[];
  readonly #children = new Set<ChildProcess>();

  private constructor(id: string, hosts: readonly Host[], networks: readonly Network[]) {
    this.#id = id;
    this.hosts = hosts;
    this.#networks = networks;
  }

  /** Hosts that are linked to the same network reach each other there; nobody routes from one network to another. */
  static make<Host extends string, Network extends string>(plan: Plan<Host, Network>) {
    if (process.getuid?.() !== 0)
      throw new Error('this test makes network namespaces, which takes root: run it as root');
    removeAbandoned();
    const hosts = Object.keys(plan) as Host[];
    const networks = [...new Set(Object.values<readonly Network[]>(plan).flat())];
    const network = new TestNetwork(`${PREFIX}-${process.pid}-${++made}`, hosts, networks);
    process.once('exit', network.#atExit);
    try {
      network.#build(plan);
    } catch (error) {
      network.#remove();
      throw error;
    }
    return network;
  }

  ipv4(host: Host, network: Network): string {
    return `10.77.${this.#networks.indexOf(network) + 1}.${this.hosts.indexOf(host) + 1}`;
  }
  ipv6(host: Host, network: Network): string {
    return `fd77:${this.#networks.indexOf(network) + 1}::${this.hosts.indexOf(host) + 1}`;
  }
  /** The name of the host's link to this network. */
  link(network: Network): string {
    return `eth${this.#networks.indexOf(network)}`;
  }

  /** What stands before a command that runs at this host, in the same process. */
  at(host: Host): readonly string[] {
    return ['nsenter', `--net=/run/netns/${this.#namespace(host)}`];
  }

  /** A process at this host; it ends with the network at the latest. */
  start(host: Host, command: readonly string[], options: SpawnOptions = {}): ChildProcess {
    const [program = '', ...argv] = [...this.at(host), ...command];
    const child = spawn(program, argv, options);
    this.#children.add(child);
    child.once('exit', () => this.#children.delete(child));
    return child;
  }

  /** Runs a command at this host to its end. */
  async run(host: Host, command: readonly string[], input = '', options: SpawnOptions = {}): Promise<Ended> {
    const child = this.start(host, command, { ...options, stdio: 'pipe' });
    const said = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream]?.setEncoding('utf8').on('data', (text: string) => {
        said[stream] += text;
      });
    // A command that ends early does not read its input.
    child.stdin?.on('error', () => undefined).end(input);
    const ended = new Promise<number | null>((resolve, reject) => {
      child.once('error', (error) => reject(withPackage(command[0] ?? '', error)));
      child.once('close', resolve);
    });
    const what = () => `the end of ${command.join(' ')}: ${said.stdout}${said.stderr}`;
    const status = await within(what, ended).finally(() => child.kill('SIGKILL'));
    return { status, ...said };
  }

  /** As `run`, for what has to succeed; gives what it printed. */
  async must(host: Host, ...command: readonly string[]): Promise<string> {
    return succeeded(command, await this.run(host, command));
  }

  /** The host's firewall from now on, in the language of nft; an empty text lets everything pass. */
  async setRules(host: Host, rules: string): Promise<void> {
    requireProgram('nft');
    const command = ['nft', '-f', '-'];
    succeeded(command, await this.run(host, command, `flush ruleset\n${rules}\n`));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ends = [...this.#children].map((child) => new Promise((resolve) => child.once('exit', resolve)));
    this.#remove();
    await within('the end of all processes of the network', Promise.all(ends));
  }

  readonly #atExit = () => this.#remove();

  #remove(): void {
    process.off('exit', this.#atExit);
    for (const name of [...this.hosts.map((host) => this.#namespace(host)), this.#switch]) remove(name);
  }

  #namespace(host: Host): string {
    return `${this.#id}-${host}`;
  }
  /** The namespace of the bridges: no process is in it. */
  get #switch(): string {
    return `${this.#id}-switch`;
  }

  #build(plan: Plan<Host, Network>): void {
    const middle = this.#switch;
    for (const name of [middle, ...this.hosts.map((host) => this.#namespace(host))]) {
      ip('netns', 'add', name);
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
    for (const network of this.#networks) {
      ip('-n', middle, 'link', 'add', network, 'type', 'bridge');
      ip('-n', middle, 'link', 'set', network, 'up');
    }
    for (const host of this.hosts) for (const network of plan[host]) this.#link(host, network);
  }

  #link(host: Host, network: Network): void {
    const [middle, namespace, link] = [this.#switch, this.#namespace(host), this.link(network)];
    const plug = `${link}-${this.hosts.indexOf(host) + 1}`;
    ip('link', 'add', plug, 'netns', middle, 'type', 'veth', 'peer', 'name', link, 'netns', namespace);
    ip('-n', middle, 'link', 'set', plug, 'master', network, 'up');
    ip('-n', namespace, 'link', 'set', link, 'up');
    ip('-n', namespace, 'addr', 'add', `${this.ipv4(host, network)}/24`, 'dev', link);
    // Nobody else has it: it can be used at once.
    ip('-n', namespace, 'addr', 'add', `${this.ipv6(host, network)}/64`, 'dev', link, 'nodad');
  }
}

export interface Ended {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function ip(...argv: readonly string[]): string {
  const { error, ...ended } = spawnSync('ip', argv, { encoding: 'utf8' });
  if (error !== undefined) throw withPackage('ip', error);
  return succeeded(['ip', ...argv], ended);
}

function succeeded(command: readonly string[], { status, stdout, stderr }: Ended): string {
  if (status !== 0) throw new Error(`${command.join(' ')} ended with ${status}: ${stderr}${stdout}`);
  return stdout;
}

function requireProgram(program: keyof typeof PACKAGES): void {
  const { error } = spawnSync(program, ['--version']);
  if (error !== undefined) throw withPackage(program, error);
}

function withPackage(program: string, error: Error): Error {
  const packages: Readonly<Record<string, string>> = PACKAGES;
  return new Error(`${program}: ${error.message}; the Debian package is ${packages[program] ?? program}`);
}

/** With every process that is still in it. */
function remove(namespace: string): void {
  if (!existsSync(`/run/netns/${namespace}`)) return;
  const { stdout } = spawnSync('ip', ['netns', 'pids', namespace], { encoding: 'utf8' });
  for (const pid of (stdout ?? '').split('\n').filter((line) => line !== '')) {
    try {
      process.kill(Number(pid), 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
  spawnSync('ip', ['netns', 'del', namespace]);
}

/** What a test that was killed has left behind. */
function removeAbandoned(): void {
  for (const name of ip('netns', 'list')
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '')) {
    const [, pid] = NAMES.exec(name) ?? [];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) remove(name);
  }
}
