/** Two KMAs, an agent's machine and a manager's, each a host of its own behind the firewall that "kma firewall" writes for it; set up, joined and enrolled through these firewalls. It opens nothing that the table of ports does not name. */
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { askOrThrow } from '../../src/cli/admin-client.ts';
import { initialise } from '../../src/cli/init-command.ts';
import { nftablesText } from '../../src/firewall/nftables.ts';
import { rulesetOf } from '../../src/firewall/ruleset.ts';
import { settingOf } from '../../src/firewall/setting.fixture.ts';
import type { Side } from '../../src/firewall/setting.ts';
import type { Page } from '../../src/operations/pages.ts';
import { HOSTS, type Host, type KmaHost, type Link } from './firewalled-paths.ts';
import {
  AGENT_PASSPHRASE,
  AUDITOR,
  COMPLIANCE,
  HOLDERS,
  OFFICER,
  OPERATOR,
  type Person,
  QUORUM,
} from './kma.ts';
import { KMA_PROGRAM } from './kma-command.ts';
import { type Ended, TestNetwork } from './network-namespaces.ts';
import { ServedKma } from './served-kma.ts';
import { until } from './until.ts';

export const KMA_HOSTS: readonly KmaHost[] = ['kma-1', 'kma-2'];
const OKM_PROGRAM = fileURLToPath(new URL('../../src/cli/okm/main.ts', import.meta.url));
const AGENT_PROGRAM = fileURLToPath(new URL('../../agent/src/cli/okm-agent.ts', import.meta.url));
const JOIN_PASSPHRASE = 'Joins-the-others-1';
const LONG_MS = 180_000;
const SIDES: Readonly<Record<Host, Side>> = {
  agent: 'agent',
  manager: 'manager',
  'kma-1': 'kma',
  'kma-2': 'kma',
};

/** A port that is not let through any more, from whom to whom. */
export interface Gap {
  readonly from: Host;
  readonly to: KmaHost;
  readonly port: number;
}

export class FirewalledCluster implements AsyncDisposable {
  readonly network = TestNetwork.make(HOSTS);
  readonly folder = mkdtempSync(join(tmpdir(), 'openkma-firewalled-'));
  readonly served = new Map<KmaHost, ServedKma>();
  caKeySha256 = '';

  static async start(): Promise<FirewalledCluster> {
    const cluster = new FirewalledCluster();
    try {
      await cluster.#setUp();
      return cluster;
    } catch (error) {
      await cluster[Symbol.asyncDispose]();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.network[Symbol.asyncDispose]();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Where the two have to do with each other: agents on the service network, all others on the management network. */
  address(of: Host, other: Host): string {
    return this.network.ipv4(of, of === 'agent' || other === 'agent' ? 'service' : 'management');
  }

  data(kma: KmaHost): string {
    return join(this.folder, kma, 'data');
  }

  ask<T = unknown>(
    kma: KmaHost,
    operation: string,
    input: object,
    user: Person | null = null,
    quorum: readonly Person[] = [],
  ): Promise<T> {
    return askOrThrow(this.data(kma), { operation, input, user, quorum }) as Promise<T>;
  }

  kma(host: KmaHost, ...argv: readonly string[]): Promise<Ended> {
    return this.#program(host, KMA_PROGRAM, ['--data', this.data(host), ...argv]);
  }
  okm(...argv: readonly string[]): Promise<Ended> {
    return this.#program('manager', OKM_PROGRAM, argv);
  }
  okmFed(input: string, ...argv: readonly string[]): Promise<Ended> {
    return this.#program('manager', OKM_PROGRAM, argv, input);
  }
  /** With the profile of the agent that is enrolled at this KMA, and asks no other. */
  okmAgent(at: KmaHost, ...argv: readonly string[]): Promise<Ended> {
    return this.#program('agent', AGENT_PROGRAM, ['--profile', this.profile(at), ...argv]);
  }
  discover(at: KmaHost, timeoutS: number): Promise<Ended> {
    const options = ['--timeout', String(timeoutS), '--failover-limit', '0'];
    return this.#program('agent', AGENT_PROGRAM, [
      '--profile',
      this.#discovering(at),
      ...options,
      'discover',
    ]);
  }
  /** The same agent, which has just been enrolled and discovers: it knows no KMA but this one. */
  #discovering(at: KmaHost): string {
    const [profile, copy] = [this.profile(at), join(this.folder, `discovering-at-${at}`)];
    rmSync(copy, { recursive: true, force: true });
    mkdirSync(copy, { mode: 0o700 });
    cpSync(profile, copy, { recursive: true });
    const file = join(copy, 'profile.json');
    const { settings, ...rest } = JSON.parse(readFileSync(file, 'utf8'));
    writeFileSync(file, JSON.stringify({ ...rest, settings: { ...settings, discoveryFrequencyMs: 10_000 } }));
    return copy;
  }
  profile(at: KmaHost): string {
    return join(this.folder, `agent-at-${at}`);
  }
  enrol(at: KmaHost, profile: string, timeoutS: number): Promise<Ended> {
    const kma = [
      '--kma',
      this.address(at, 'agent'),
      '--agent',
      `tape-of-${at}`,
      '--ca-key',
      this.caKeySha256,
    ];
    const options = ['--profile', profile, '--timeout', String(timeoutS), 'enroll', ...kma, '--replace'];
    return this.#program(
      'agent',
      AGENT_PROGRAM,
      [...options, '--discovery-frequency', '0'],
      AGENT_PASSPHRASE,
    );
  }

  /** Of two KMAs one calls the other at 3336. */
  async dials(kma: KmaHost): Promise<boolean> {
    const command = ['ss', '-Htn', 'state', 'established', 'dport = :3336'];
    return (await this.network.must(kma, ...command)).trim() !== '';
  }

  /** All firewalls as they were written, but for these ports, which let nothing through any more, of connections that exist neither. */
  async close(gaps: readonly Gap[]): Promise<void> {
    await Promise.all(
      KMA_HOSTS.map((host) => {
        const closed = gaps
          .filter(({ to }) => to === host)
          .map(({ from, port }) => [this.address(from, host), port] as const);
        return this.network.setRules(host, without(this.#rules(host), closed));
      }),
    );
  }

  async #setUp(): Promise<void> {
    chmodSync(this.folder, 0o711);
    for (const host of Object.keys(SIDES) as Host[]) await this.network.setRules(host, this.#rules(host));
    for (const host of KMA_HOSTS) mkdirSync(join(this.folder, host), { mode: 0o711 });
    await this.#initialise();
    await this.#serve('kma-1');
    await this.#furnish();
    await this.#join();
    for (const host of KMA_HOSTS)
      await until(`${host} gives keys and is a member`, () => this.#givesKeys(host), LONG_MS);
    for (const host of KMA_HOSTS) {
      const enrolled = await this.enrol(host, this.profile(host), 20);
      if (enrolled.status !== 0) throw new Error(`enrol at ${host}: ${enrolled.stderr}`);
      await this.#logIn(host);
    }
  }

  /** As an administrator has them written. */
  #rules(host: Host): string {
    const kmas = KMA_HOSTS.flatMap((kma) => this.#addresses(kma));
    const places = { KMAs: kmas, agents: this.#addresses('agent'), managers: this.#addresses('manager') };
    const own =
      SIDES[host] === 'kma'
        ? {
            management: [this.network.ipv4(host, 'management')],
            service: [this.network.ipv4(host, 'service')],
          }
        : {};
    return nftablesText(rulesetOf(settingOf(SIDES[host], places, own)));
  }
  #addresses(host: Host): readonly string[] {
    if (host === 'agent') return [this.network.ipv4(host, 'service')];
    const management = this.network.ipv4(host, 'management');
    return host === 'manager' ? [management] : [management, this.network.ipv4(host, 'service')];
  }

  async #initialise(): Promise<void> {
    const { caPublicKeySha256 } = await initialise(this.data('kma-1'), {
      kmaName: 'kma-1',
      threshold: 2,
      credentials: HOLDERS,
      securityOfficer: OFFICER,
      autonomousUnlock: true,
      managementAddress: this.network.ipv4('kma-1', 'management'),
      serviceAddress: this.network.ipv4('kma-1', 'service'),
    });
    this.caKeySha256 = caPublicKeySha256;
  }

  async #serve(host: KmaHost): Promise<void> {
    const kma = { folder: join(this.folder, host), data: this.data(host) };
    const at = ['management', 'service'].flatMap((link) => [
      `--${link}-address`,
      this.network.ipv4(host, link as Link),
    ]);
    this.served.set(host, await ServedKma.startBehind(this.network.at(host), kma, ...at));
  }

  async #furnish(): Promise<void> {
    for (const [user, role] of [
      [COMPLIANCE, 'COMPLIANCE_OFFICER'],
      [OPERATOR, 'OPERATOR'],
      [AUDITOR, 'AUDITOR'],
    ] as const) {
      const input = { user: user.name, roles: [role], passphrase: user.passphrase };
      await this.ask('kma-1', 'CreateUser', input, OFFICER, QUORUM);
    }
    const policy = { policy: 'years', encryptionPeriod: '2y', cryptoperiod: '10y' };
    await this.ask('kma-1', 'CreateKeyPolicy', policy, COMPLIANCE);
    await this.ask('kma-1', 'CreateKeyGroup', { group: 'group-a', policy: 'years' }, COMPLIANCE);
    for (const host of KMA_HOSTS) {
      const agent = `tape-of-${host}`;
      await this.ask('kma-1', 'CreateAgent', { agent, passphrase: AGENT_PASSPHRASE }, OPERATOR);
      await this.ask('kma-1', 'AssignKeyGroup', { agent, group: 'group-a', default: true }, COMPLIANCE);
    }
  }

  /** With "kma init --join", at the host that joins. */
  async #join(): Promise<void> {
    const entry = {
      kma: 'kma-2',
      passphrase: JOIN_PASSPHRASE,
      managementAddress: this.network.ipv4('kma-2', 'management'),
      serviceAddress: this.network.ipv4('kma-2', 'service'),
    };
    await this.ask('kma-1', 'CreateKma', entry, OFFICER, QUORUM);
    const { kma: kmaName, ...rest } = entry;
    const answers = join(this.folder, 'join.json');
    writeFileSync(answers, JSON.stringify({ kmaName, ...rest, quorum: QUORUM, autonomousUnlock: true }), {
      mode: 0o600,
    });
    const argv = ['init', '--join', this.address('kma-1', 'kma-2'), '--answers', answers];
    await until(
      'kma-2 has joined',
      async () => (await this.kma('kma-2', ...argv, '--ca-key', this.caKeySha256)).status === 0,
      LONG_MS,
    );
    await this.#serve('kma-2');
  }

  async #givesKeys(host: KmaHost): Promise<boolean> {
    const status = await this.ask<{ keysReady: number; cluster: string }>(host, 'ShowStatus', {});
    const { rows } = await this.ask<Page<{ responding: boolean; locked: boolean }>>(
      host,
      'ListKmas',
      {},
      OFFICER,
    );
    const whole = rows.every(({ responding, locked }) => responding && !locked);
    return status.keysReady > 0 && status.cluster === 'member' && whole;
  }

  async #logIn(host: KmaHost): Promise<void> {
    const kma = ['--kma', this.address(host, 'manager'), '--ca-key', this.caKeySha256];
    const made = await this.okm('profile', 'create', host, ...kma);
    const logged = await this.okmFed(AUDITOR.passphrase, ...logIn(host));
    if (made.status !== 0 || logged.status !== 0)
      throw new Error(`a manager at ${host}: ${made.stderr}${logged.stderr}`);
  }

  #program(host: Host, program: string, argv: readonly string[], input = ''): Promise<Ended> {
    const env = { ...process.env, XDG_CONFIG_HOME: join(this.folder, 'home'), OKM_PROFILE: '' };
    return this.network.run(host, [process.execPath, program, ...argv], input, { env });
  }
}

export function logIn(at: KmaHost): readonly string[] {
  return ['--profile', at, 'login', AUDITOR.name, '--user-passphrase-file', '-'];
}

/** What comes from there to this port is dropped before any rule accepts it, also where a connection exists. */
function without(rules: string, closed: readonly (readonly [string, number])[]): string {
  const dropped = closed.map(([from, port]) => `    ip saddr ${from} tcp dport ${port} drop`).join('\n');
  return rules.replace(/(chain input \{\n.*policy drop;\n)/, `$1${dropped}\n`);
}
