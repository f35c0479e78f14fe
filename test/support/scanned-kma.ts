/** A KMA on a host of its own with the ports of the table, and another host that looks at all of them from outside and sees what comes. It sets nothing by itself. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askOrThrow } from '../../src/cli/admin-client.ts';
import { initialise } from '../../src/cli/init-command.ts';
import { HOLDERS, OFFICER, type Person, QUORUM } from './kma.ts';
import { TestNetwork } from './network-namespaces.ts';
import { PassingWatch } from './passing-watch.ts';
import { ServedKma } from './served-kma.ts';
import { until } from './until.ts';

type Host = 'kma' | 'outside';
/** Of the table, and those beside it that a daemon might open. */
const UDP_PORTS = [53, 67, 68, 111, 123, 161, 162, 323, 514, 546, 547, 623, 4045, 4500];

export class ScannedKma implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'openkma-scanned-'));
  readonly network = TestNetwork.make<Host, 'lan'>({ kma: ['lan'], outside: ['lan'] });
  readonly kma = this.network.ipv4('kma', 'lan');
  readonly outside = this.network.ipv4('outside', 'lan');
  #watch: PassingWatch<Host> | null = null;

  static async start(): Promise<ScannedKma> {
    const scanned = new ScannedKma();
    try {
      await scanned.#serve();
    } catch (error) {
      await scanned[Symbol.asyncDispose]();
      throw error;
    }
    return scanned;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.network[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }

  get data(): string {
    return join(this.folder, 'data');
  }

  ask<T = unknown>(
    operation: string,
    input: object,
    user: Person | null = OFFICER,
    quorum: readonly Person[] = [],
  ): Promise<T> {
    return askOrThrow(this.data, { operation, input, user, quorum }) as Promise<T>;
  }

  /** "3331/tcp": what answers, or takes without a word, of all TCP ports and the named UDP ports. */
  async scan(): Promise<readonly string[]> {
    const common = ['nmap', '-Pn', '-n', '-oG', '-'];
    const tcp = await this.network.must('outside', ...common, '-sT', '-T5', '-p', '1-65535', this.kma);
    assertWhole(tcp);
    const udp = await this.network.must('outside', ...common, '-sU', '-p', UDP_PORTS.join(), this.kma);
    return [...tcp.matchAll(/(\d+)\/open\/(tcp)/g), ...udp.matchAll(/(\d+)\/open(?:\|filtered)?\/(udp)/g)]
      .map(([, port, transport]) => `${port}/${transport}`)
      .sort(byNumber);
  }

  /** What "kma ports" says of itself at this moment: what listens, and what is wrong. */
  async ports(): Promise<{ readonly listening: readonly string[]; readonly wrong: readonly string[] }> {
    const { ports } = await this.ask<{ readonly ports: readonly Row[] }>('ShowPorts', {}, null);
    return {
      listening: ports
        .filter(({ state }) => state === 'listening')
        .map(({ port, transport }) => `${port}/${transport}`)
        .sort(byNumber),
      wrong: ports.filter(({ wrong }) => wrong !== '').map(({ name, wrong }) => `${name}: ${wrong}`),
    };
  }

  /** What leaves is seen from now on. */
  async watch(): Promise<void> {
    this.#watch = await PassingWatch.at(this.network, 'kma');
  }
  /** "192.0.2.1 udp 53". */
  async left(): Promise<readonly string[]> {
    return (await this.#watch?.left()) ?? [];
  }

  async #serve(): Promise<void> {
    chmodSync(this.folder, 0o711);
    // The kernel would answer for few closed UDP ports a second.
    await this.network.must('kma', 'sh', '-c', 'echo 0 > /proc/sys/net/ipv4/icmp_ratelimit');
    await initialise(this.data, {
      ...{ kmaName: 'kma-1', threshold: 2, credentials: HOLDERS, securityOfficer: OFFICER },
      ...{ autonomousUnlock: true, managementAddress: this.kma, serviceAddress: this.kma },
    });
    const prefix = this.network.at('kma');
    await ServedKma.startBehind(prefix, { folder: this.folder, data: this.data }, '--listen', this.kma);
  }

  /** A time server outside, which says that its clock is right. */
  async serveTime(): Promise<void> {
    const directory = join(this.folder, 'time');
    mkdirSync(directory);
    const lines = ['local stratum 3', 'allow all', 'cmdport 0', `pidfile ${directory}/pid`];
    writeFileSync(
      join(directory, 'conf'),
      [...lines, `bindcmdaddress ${directory}/socket`, 'user root'].join('\n'),
    );
    this.network.start('outside', ['chronyd', '-d', '-x', '-f', join(directory, 'conf')], {
      stdio: 'ignore',
    });
    await until('it answers', async () => {
      const asked = await this.network.run('kma', [
        'chronyd',
        '-Q',
        '-t',
        '3',
        `server ${this.outside} iburst maxsamples 1`,
      ]);
      return asked.status === 0;
    });
  }

  /** With a quorum, as an officer does. */
  unlock(): Promise<unknown> {
    return this.ask('UnlockKma', {}, OFFICER, QUORUM);
  }
}

interface Row {
  readonly name: string;
  readonly port: number;
  readonly transport: string;
  readonly state: string;
  readonly wrong: string;
}

/** Each port was closed or open, and none of them silent: nothing was missed. */
function assertWhole(text: string): void {
  if (/filtered/.test(text.replace(/Ignored State: closed \(\d+\)/, '')))
    throw new Error(`not all answered: ${text}`);
}

function byNumber(a: string, b: string): number {
  return Number.parseInt(a, 10) - Number.parseInt(b, 10) || a.localeCompare(b);
}
