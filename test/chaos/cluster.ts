/** Three KMAs as process trees, set up and joined as operators do it, with people, a key group and agents. It does nothing to them afterwards. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enroll, type Settings } from '@openkma/agent';
import { initialise } from '../../src/cli/init-command.ts';
import { joinAnswersSchema } from '../../src/cli/join-answers.ts';
import { joinCluster } from '../../src/cli/join-command.ts';
import { portOf } from '../../src/client/log-in.ts';
import type { VersionVector } from '../../src/core/version-vector.ts';
import { stateHash } from '../../src/store/state-hash.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { accepts } from '../support/accepts.ts';
import { drawnPort } from '../support/free-port.ts';
import { AGENT_PASSPHRASE, AUDITOR, COMPLIANCE, HOLDERS, OFFICER, OPERATOR, QUORUM } from '../support/kma.ts';
import { until } from '../support/until.ts';
import { LONG_MS, Member } from './member.ts';
import type { Network } from './network.ts';
import { PoweredDisk } from './power.ts';
import { Releases } from './releases.ts';

export const GROUP = 'group-a';
const JOIN_PASSPHRASE = 'Joins-the-others-1';

export interface Standing {
  /** Of what is folded. */
  readonly vector: string;
  readonly hash: string;
}

export class Cluster {
  readonly folder = mkdtempSync(join(tmpdir(), 'openkma-chaos-'));
  readonly network: Network;
  readonly releases = new Releases();
  readonly portOffset: number;
  readonly members: readonly Member[];
  readonly #disks: PoweredDisk[] = [];
  caKeySha256 = '';
  /** The data directories, to be looked at. */
  keeps = false;

  /** The last KMA has a disk that can lose its power where that is possible. */
  constructor(network: Network, withPower: boolean) {
    chmodSync(this.folder, 0o711);
    for (const signal of ['SIGINT', 'SIGTERM'] as const)
      process.once(signal, () => void this[Symbol.asyncDispose]().finally(() => process.exit(1)));
    this.network = network;
    this.portOffset = network.canCut ? 0 : drawnPort();
    this.members = network.hosts.map((host, index) => {
      const folder = join(this.folder, `kma-${index + 1}`);
      const last = index === network.hosts.length - 1;
      const disk = withPower && last ? PoweredDisk.make(folder) : null;
      if (disk === null) mkdirSync(folder, { recursive: true });
      else this.#disks.push(disk);
      const { portOffset } = this;
      return new Member({ name: `kma-${index + 1}`, host, portOffset, folder, network, disk });
    });
  }

  get first(): Member {
    const [first] = this.members;
    if (first === undefined) throw new Error('a cluster without KMAs');
    return first;
  }
  get losesPower(): boolean {
    return this.#disks.length > 0;
  }

  /** With the settings of agents where they are not the defaults. */
  async setUp(agents: readonly string[], settings: Partial<Settings> = {}): Promise<void> {
    const { first } = this;
    const { caPublicKeySha256 } = await initialise(first.data, {
      kmaName: first.plan.name,
      threshold: 2,
      credentials: HOLDERS,
      securityOfficer: OFFICER,
      autonomousUnlock: true,
      managementAddress: first.host,
      serviceAddress: first.host,
    });
    this.caKeySha256 = caPublicKeySha256;
    await first.start();
    await this.#furnish();
    for (const member of this.members.slice(1)) await this.#join(member);
    for (const agent of agents) await this.#enrol(agent, settings);
    await this.converged();
    for (const member of this.members)
      await until(`${member.plan.name} gives keys, and knows that all do`, () => serves(member), LONG_MS);
  }

  async #furnish(): Promise<void> {
    const { first } = this;
    for (const [user, role] of [
      [COMPLIANCE, 'COMPLIANCE_OFFICER'],
      [OPERATOR, 'OPERATOR'],
      [AUDITOR, 'AUDITOR'],
    ] as const) {
      const input = { user: user.name, roles: [role], passphrase: user.passphrase };
      await first.ask('CreateUser', input, OFFICER, QUORUM);
    }
    const policy = { policy: 'years', encryptionPeriod: '2y', cryptoperiod: '10y' };
    await first.ask('CreateKeyPolicy', policy, COMPLIANCE);
    await first.ask('CreateKeyGroup', { group: GROUP, policy: 'years' }, COMPLIANCE);
  }

  async #join(member: Member): Promise<void> {
    const { first, portOffset } = this;
    const { host, plan } = member;
    const entry = {
      kma: plan.name,
      passphrase: JOIN_PASSPHRASE,
      managementAddress: host,
      serviceAddress: host,
    };
    await first.ask('CreateKma', entry, OFFICER, QUORUM);
    const port = portOf({ portOffset }, 'replication');
    await until('3336 is open, now that there is an entry', () => accepts(first.host, port), LONG_MS);
    const answers = joinAnswersSchema.parse({
      kmaName: plan.name,
      passphrase: JOIN_PASSPHRASE,
      managementAddress: host,
      serviceAddress: host,
      quorum: QUORUM,
      autonomousUnlock: true,
    });
    await joinCluster(answers, {
      dataDirectory: member.data,
      address: first.host,
      portOffset,
      caKeySha256: this.caKeySha256,
      keepLocked: false,
      step: () => undefined,
      progress: () => undefined,
    });
    await member.start();
  }

  async #enrol(agent: string, settings: Partial<Settings>): Promise<void> {
    const { first } = this;
    await first.ask('CreateAgent', { agent, passphrase: AGENT_PASSPHRASE }, OPERATOR);
    await first.ask('AssignKeyGroup', { agent, group: GROUP, default: true }, COMPLIANCE);
    const port = (service: 'ca' | 'certificate' | 'agent' | 'discovery') => portOf(this, service);
    await enroll({
      directory: this.profile(agent),
      agentId: agent,
      address: first.host,
      passphrase: Buffer.from(AGENT_PASSPHRASE),
      settings,
      ports: {
        ca: port('ca'),
        certificate: port('certificate'),
        agent: port('agent'),
        discovery: port('discovery'),
      },
    });
  }

  profile(agent: string): string {
    return join(this.folder, `agent-${agent}`);
  }

  #standings(): Standing[] {
    return this.#each((store) => ({ vector: JSON.stringify(store.vector()), hash: stateHash(store) }));
  }

  #each<T>(look: (store: Store) => T): T[] {
    return this.members.map(({ data }) => {
      const store = openStore({ path: join(data, 'kma.db'), mode: 'read' });
      try {
        return store.read(() => look(store));
      } finally {
        store.close();
      }
    });
  }

  /** What each KMA has is what all have. */
  async converged(): Promise<readonly Standing[]> {
    const isOne = (vectors: readonly string[]) => new Set(vectors).size === 1;
    let standings: readonly Standing[] = [];
    const equal = () => {
      // The hash takes its time, and they go on meanwhile.
      if (!isOne(this.#each((store) => JSON.stringify(store.vector())))) return false;
      standings = this.#standings();
      // What is folded may name sealed objects that are still on their way.
      const complete = this.#each(({ missing }) => !missing.any).every((has) => has);
      return isOne(standings.map(({ vector }) => vector)) && complete;
    };
    await until('all KMAs have folded the same', equal, LONG_MS);
    return standings;
  }

  /** What any KMA has now all have, while they go on. */
  async caughtUp(): Promise<void> {
    const vectors = () => this.#each((store) => store.vector());
    const wanted = vectors().flatMap((vector) => Object.entries(vector));
    const have = (vector: VersionVector) => wanted.every(([log, length]) => (vector[log] ?? 0) >= length);
    await until('all KMAs have folded what each had', () => vectors().every(have), LONG_MS);
  }

  async stop(): Promise<void> {
    await Promise.all(this.members.map((member) => member.stop()));
  }

  /** Takes everything down and away, whatever state it is in. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.network.heal();
    for (const member of this.members) await member.killAll(true);
    for (const disk of this.#disks) await disk.unmount();
    this.releases[Symbol.dispose]();
    if (this.keeps) console.log(`left in ${this.folder}`);
    else rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A KMA that has joined is taken for locked until it has caught up, and what is taken for locked agents do not ask. */
async function serves(member: Member): Promise<boolean> {
  const { keysReady, cluster } = await member.ask<{ keysReady: number; cluster: string }>('ShowStatus', {});
  const kmas = await member.rows<{ locked: boolean }>('ListKmas', OFFICER);
  return keysReady > 0 && cluster === 'member' && kmas.every(({ locked }) => !locked);
}
