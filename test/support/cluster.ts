/** KMAs of one cluster on loopback addresses, with all their processes, set up as people do it: QuickStart, an entry, a join. It shares nothing with other tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askOrThrow } from '../../src/cli/admin-client.ts';
import { initialise } from '../../src/cli/init-command.ts';
import { joinAnswersSchema } from '../../src/cli/join-answers.ts';
import { joinCluster } from '../../src/cli/join-command.ts';
import { rejoin } from '../../src/cli/rejoin-command.ts';
import { PORTS, type ServiceName } from '../../src/ports.ts';
import type { RunningKma } from '../../src/processes/kma-options.ts';
import { startKma } from '../../src/processes/supervisor.ts';
import type { Joined } from '../../src/setup/joined-data-directory.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { accepts } from './accepts.ts';
import { HOLDERS, OFFICER, type Person, QUORUM } from './kma.ts';
import { until } from './until.ts';

export const JOIN_PASSPHRASE = 'Joins-the-others-1';

/** One KMA, which may be stopped. */
export class ClusterKma {
  readonly name: string;
  readonly host: string;
  readonly data: string;
  readonly #offset: number;
  readonly #pages: string | undefined;
  readonly lines: string[] = [];
  #kma: RunningKma | null = null;

  constructor(folder: string, name: string, host: string, offset: number, pages?: string) {
    this.name = name;
    this.host = host;
    this.data = join(folder, name);
    this.#offset = offset;
    this.#pages = pages;
  }

  get kma(): RunningKma {
    if (this.#kma === null) throw new Error(`${this.name} does not run`);
    return this.#kma;
  }
  get ports(): Record<ServiceName, number> {
    const numbers = PORTS.map(({ service, port }) => [service, port + this.#offset]);
    return Object.fromEntries(numbers) as Record<ServiceName, number>;
  }

  async serve(): Promise<void> {
    this.#kma = await startKma({
      dataDirectory: this.data,
      addresses: { management: this.host, service: this.host },
      ports: this.ports,
      fronts: 1,
      ...(this.#pages === undefined ? {} : { pages: this.#pages }),
      onEvent: (line) => this.lines.push(line),
    });
  }
  async stop(): Promise<void> {
    await this.#kma?.stop();
    this.#kma = null;
  }

  ask<T = unknown>(
    operation: string,
    input: object,
    quorum: readonly Person[] = [],
    user: Person = OFFICER,
  ): Promise<T> {
    return askOrThrow(this.data, { operation, input, user, quorum }) as Promise<T>;
  }

  read<T>(read: (store: Store) => T): T {
    const store = openStore({ path: join(this.data, 'kma.db'), mode: 'read' });
    try {
      return store.read(() => read(store));
    } finally {
      store.close();
    }
  }
  sites(): readonly string[] {
    return this.read(({ state }) => state.page('site', '', 100).map(({ name }) => name ?? ''));
  }
}

export class TestCluster {
  readonly folder = mkdtempSync(join(tmpdir(), 'openkma-cluster-'));
  readonly #offset: number;
  readonly #pages: string | undefined;
  readonly #kmas: ClusterKma[] = [];
  caKeySha256 = '';

  /** With built pages of the web Manager where they are given. */
  constructor(offset: number, pages?: string) {
    this.#offset = offset;
    this.#pages = pages;
  }

  /** Serving. */
  async first(name: string, host: string): Promise<ClusterKma> {
    const kma = this.#added(name, host);
    const { caPublicKeySha256 } = await initialise(kma.data, {
      kmaName: name,
      managementAddress: host,
      serviceAddress: host,
      threshold: 2,
      credentials: HOLDERS,
      securityOfficer: OFFICER,
      autonomousUnlock: true,
    });
    this.caKeySha256 = caPublicKeySha256;
    await kma.serve();
    return kma;
  }

  /** Its entry at a member, and the member ready to let it in; no data directory yet. */
  async entry(member: ClusterKma, name: string, host: string): Promise<ClusterKma> {
    const input = { kma: name, passphrase: JOIN_PASSPHRASE, managementAddress: host };
    await member.ask('CreateKma', input, QUORUM);
    await until('3336 is open', () => accepts(member.host, member.ports.replication));
    return this.#added(name, host);
  }

  join(
    kma: ClusterKma,
    member: ClusterKma,
    change: object = {},
    progress: () => void = () => undefined,
    keepLocked = false,
  ): Promise<Joined> {
    const answers = joinAnswersSchema.parse({
      kmaName: kma.name,
      passphrase: JOIN_PASSPHRASE,
      managementAddress: kma.host,
      serviceAddress: kma.host,
      quorum: QUORUM,
      autonomousUnlock: true,
      ...change,
    });
    return joinCluster(answers, {
      dataDirectory: kma.data,
      address: member.host,
      portOffset: this.#offset,
      caKeySha256: this.caKeySha256,
      keepLocked,
      step: () => undefined,
      progress,
    });
  }

  /** Joined and serving, and the member has heard of it. */
  async joined(member: ClusterKma, name: string, host: string): Promise<ClusterKma> {
    const begun = () =>
      member.read(
        ({ state }) =>
          state
            .page('incarnation', '', 100)
            .filter((life) => life.reason === 'join' && life.createdStamp !== null).length,
      );
    const before = begun();
    const kma = await this.entry(member, name, host);
    await this.join(kma, member);
    await kma.serve();
    await until('the member has the beginning of its log', () => begun() > before);
    return kma;
  }

  rejoin(kma: ClusterKma, member: ClusterKma, passphrase: string, quorum: readonly Person[] = QUORUM) {
    return rejoin(
      { passphrase, quorum: [...quorum] },
      {
        dataDirectory: kma.data,
        address: member.host,
        portOffset: this.#offset,
        step: () => undefined,
      },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#kmas.map((kma) => kma.stop()));
    rmSync(this.folder, { recursive: true, force: true });
  }

  #added(name: string, host: string): ClusterKma {
    const kma = new ClusterKma(this.folder, name, host, this.#offset, this.#pages);
    this.#kmas.push(kma);
    return kma;
  }
}
