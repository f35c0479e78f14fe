/** Two KMAs, an agent and a manager on hosts of their own, each from the beginning behind the firewall that "kma firewall" writes for it. Its programs are those that people run; it asserts nothing. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askOrThrow } from '../../src/cli/admin-client.ts';
import { initialise } from '../../src/cli/init-command.ts';
import { JOIN_PASSPHRASE } from './cluster.ts';
import { AGENT_PASSPHRASE, COMPLIANCE, HOLDERS, OFFICER, OPERATOR, type Person, QUORUM } from './kma.ts';
import { KMA_PROGRAM, kmaCommand } from './kma-command.ts';
import { type Ended, TestNetwork } from './network-namespaces.ts';
import { OKM_PROGRAM } from './okm-shell.ts';
import { until } from './until.ts';

const AGENT_PROGRAM = fileURLToPath(new URL('../../agent/bin/okm-agent', import.meta.url));

export type Host = 'kma1' | 'kma2' | 'agent' | 'manager';
export type KmaHost = 'kma1' | 'kma2';
type TestNet = TestNetwork<Host, 'management' | 'service'>;

export const AGENT_NAME = 'drive';

export class FirewalledCluster implements AsyncDisposable {
  readonly net: TestNet;
  readonly folder: string;
  #caKey = '';

  private constructor(net: TestNet, folder: string) {
    this.net = net;
    this.folder = folder;
  }

  /** Both KMAs serve and replicate, the people and the agent have their entries; the agent is not enrolled, and nobody has logged in. */
  static async start(): Promise<FirewalledCluster> {
    const net: TestNet = TestNetwork.make({
      kma1: ['management', 'service'],
      kma2: ['management', 'service'],
      agent: ['service'],
      manager: ['management'],
    });
    const cluster = new FirewalledCluster(net, mkdtempSync(join(tmpdir(), 'openkma-firewalled-')));
    try {
      for (const host of ['kma1', 'kma2', 'agent', 'manager'] as const)
        await net.setRules(host, await cluster.rulesOf(host));
      await cluster.#found();
      await cluster.#join();
      await cluster.#furnish();
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
    return cluster;
  }

  /** As an administrator writes them for this host. */
  async rulesOf(host: Host): Promise<string> {
    const { stdout, stderr, status } = await kmaCommand('firewall', ...this.#partiesOf(host));
    if (status !== 0) throw new Error(stderr);
    return stdout;
  }

  #partiesOf(host: Host): string[] {
    const management = (of: Host) => this.net.ipv4(of, 'management');
    const service = (of: Host) => this.net.ipv4(of, 'service');
    if (host === 'agent') return ['--for', 'agent', ...kmaOptions(service)];
    if (host === 'manager') return ['--for', 'manager', ...kmaOptions(management)];
    return [
      ...['--for', 'kma', '--kma', management(host === 'kma1' ? 'kma2' : 'kma1')],
      ...['--agent', service('agent'), '--manager', management('manager')],
      ...['--management-address', management(host), '--service-address', service(host)],
    ];
  }

  data(kma: KmaHost): string {
    return join(this.folder, kma, 'data');
  }

  ask<T = unknown>(kma: KmaHost, operation: string, input: object, user: Person | null = null): Promise<T> {
    const quorum = ['CreateUser', 'CreateKma'].includes(operation) ? QUORUM : [];
    return askOrThrow(this.data(kma), { operation, input, user, quorum }) as Promise<T>;
  }

  /** okm-agent at its host. */
  agent(...argv: readonly string[]): Promise<Ended> {
    const command = [process.execPath, AGENT_PROGRAM, '--profile', join(this.folder, 'profile'), ...argv];
    return this.net.run('agent', command);
  }
  enrol(): Promise<Ended> {
    const file = this.#file('agent-passphrase', AGENT_PASSPHRASE);
    const kma = this.net.ipv4('kma1', 'service');
    return this.agent('enroll', '--kma', kma, '--agent', AGENT_NAME, '--passphrase-file', file, '--replace');
  }

  /** Where the manager finds the cluster. */
  makeProfile(): Promise<Ended> {
    return this.okm('kma1', 'profile', 'create', 'cluster', '--ca-key', this.#caKey);
  }
  /** okm at the host of the manager, at one of the KMAs. */
  okm(kma: KmaHost, ...argv: readonly string[]): Promise<Ended> {
    const command = [process.execPath, OKM_PROGRAM, '--kma', this.net.ipv4(kma, 'management'), ...argv];
    return this.net.run('manager', command, '', {
      env: { ...process.env, XDG_CONFIG_HOME: join(this.folder, 'home'), OKM_PROFILE: '' },
    });
  }
  /** Logs in, asks and logs out. */
  okmAs(kma: KmaHost, person: Person, ...argv: readonly string[]): Promise<Ended> {
    const file = this.#file(person.name, person.passphrase);
    return this.okm(kma, '--user', person.name, '--user-passphrase-file', file, ...argv);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.net[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }

  #addressesOf(kma: KmaHost) {
    return {
      managementAddress: this.net.ipv4(kma, 'management'),
      serviceAddress: this.net.ipv4(kma, 'service'),
    };
  }

  async #found(): Promise<void> {
    chmodSync(this.folder, 0o711);
    const { caPublicKeySha256 } = await initialise(this.data('kma1'), {
      ...{ kmaName: 'kma1', threshold: 2, credentials: HOLDERS, securityOfficer: OFFICER },
      ...{ autonomousUnlock: true, ...this.#addressesOf('kma1') },
    });
    this.#caKey = caPublicKeySha256;
    await this.serve('kma1');
  }

  async #join(): Promise<void> {
    const { managementAddress } = this.#addressesOf('kma2');
    await this.ask(
      'kma1',
      'CreateKma',
      { kma: 'kma2', passphrase: JOIN_PASSPHRASE, managementAddress },
      OFFICER,
    );
    const answers = {
      ...{ kmaName: 'kma2', passphrase: JOIN_PASSPHRASE, quorum: QUORUM, autonomousUnlock: true },
      ...this.#addressesOf('kma2'),
    };
    const file = this.#file('join.json', JSON.stringify(answers));
    const member = this.net.ipv4('kma1', 'management');
    await until('kma2 joins', async () => {
      const join = ['init', '--join', member, '--answers', file, '--ca-key', this.#caKey];
      const { status, stderr } = await this.#kma('kma2', ...join);
      if (status !== 0) throw new Error(stderr);
      return true;
    });
    await this.serve('kma2');
  }

  async #furnish(): Promise<void> {
    const roles = { [COMPLIANCE.name]: 'COMPLIANCE_OFFICER', [OPERATOR.name]: 'OPERATOR' };
    for (const { name: user, passphrase } of [COMPLIANCE, OPERATOR])
      await this.ask('kma1', 'CreateUser', { user, passphrase, roles: [roles[user]] }, OFFICER);
    const policy = { policy: 'years', encryptionPeriod: '2y', cryptoperiod: '10y' };
    await this.ask('kma1', 'CreateKeyPolicy', policy, COMPLIANCE);
    await this.ask('kma1', 'CreateKeyGroup', { group: 'tapes', policy: 'years' }, COMPLIANCE);
    await this.ask('kma1', 'CreateAgent', { agent: AGENT_NAME, passphrase: AGENT_PASSPHRASE }, OPERATOR);
    await this.ask(
      'kma1',
      'AssignKeyGroup',
      { agent: AGENT_NAME, group: 'tapes', default: true },
      COMPLIANCE,
    );
  }

  /** Until it is ready. */
  async serve(kma: KmaHost, ...more: readonly string[]): Promise<void> {
    const { managementAddress, serviceAddress } = this.#addressesOf(kma);
    const temporary = join(this.folder, kma);
    // Fronts of a KMA started as root are another user, who has to pass here to the socket of the core.
    chmodSync(temporary, 0o711);
    const options = ['--management-address', managementAddress, '--service-address', serviceAddress];
    const child = this.net.start(kma, this.#command(kma, 'serve', '--fronts', '1', ...options, ...more), {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, TMPDIR: temporary },
    });
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
    await until(`${kma} serves`, () => {
      if (child.exitCode !== null) throw new Error(said);
      return said.includes('ready');
    });
  }

  #kma(kma: KmaHost, ...argv: readonly string[]): Promise<Ended> {
    return this.net.run(kma, this.#command(kma, ...argv));
  }
  #command(kma: KmaHost, ...argv: readonly string[]): readonly string[] {
    return [process.execPath, KMA_PROGRAM, '--data', this.data(kma), ...argv];
  }

  #file(name: string, text: string): string {
    const path = join(this.folder, name);
    writeFileSync(path, `${text}\n`, { mode: 0o600 });
    return path;
  }
}

function kmaOptions(address: (of: Host) => string): string[] {
  return ['--kma', address('kma1'), '--kma', address('kma2')];
}
