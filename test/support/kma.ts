/** A whole KMA for tests: a new data directory with people, policy and agents' group, real processes on free ports. It shares nothing with other tests. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { enroll, KmaClient, type Settings } from '@openkma/agent';
import { askKma, askOrThrow } from '../../src/cli/admin-client.ts';
import { fetchBackup, fetchCoreSecurityBackup } from '../../src/cli/backup-commands.ts';
import { type InitAnswers, initialise } from '../../src/cli/init-command.ts';
import type { Refusal } from '../../src/core/refusal.ts';
import type { Page } from '../../src/operations/pages.ts';
import type { ServiceName, SoapService } from '../../src/ports.ts';
import type { KmaOptions, RunningKma } from '../../src/processes/kma-options.ts';
import { startKma } from '../../src/processes/supervisor.ts';
import { openStore } from '../../src/store/store.ts';
import { until } from './until.ts';

export interface Person {
  readonly name: string;
  readonly passphrase: string;
}

export const HOLDERS = ['one', 'two', 'three'].map((name) => ({
  name: `holder-${name}`,
  passphrase: `Split-${name}-part-7`,
}));
export const QUORUM = HOLDERS.slice(0, 2);
export const OFFICER = { name: 'officer', passphrase: 'Guards-the-gate-1' };
export const COMPLIANCE = { name: 'compliance', passphrase: 'Reads-the-rules-2' };
export const OPERATOR = { name: 'operator', passphrase: 'Turns-the-wheel-3' };
export const BACKUP = { name: 'backups', passphrase: 'Keeps-the-copies-4' };
export const AUDITOR = { name: 'auditor', passphrase: 'Counts-the-beans-5' };
/** What each is let in for; the Security Officer is there from the start. */
export const STAFF = [
  [COMPLIANCE, 'COMPLIANCE_OFFICER'],
  [OPERATOR, 'OPERATOR'],
  [BACKUP, 'BACKUP_OPERATOR'],
  [AUDITOR, 'AUDITOR'],
] as const;
export const AGENT_PASSPHRASE = 'Enrol-me-once-6';

/** Beside other work a whole pool takes what it takes. */
const POOL_MS = 180_000;

export interface TestKmaOptions {
  readonly answers?: Partial<InitAnswers>;
  readonly fronts?: number;
  /** Built pages of the web Manager. */
  readonly pages?: string;
  /** Stop after QuickStart and start: no users, no groups, no backup. */
  readonly bare?: boolean;
  /** Where it listens; 127.0.0.1 unless given. */
  readonly host?: string;
  /** Of all KMAs of a cluster the same; a free one unless given. */
  readonly replicationPort?: number;
  /** What the platform process serves, where a test switches it on. */
  readonly platformPorts?: NonNullable<KmaOptions['platformPorts']>;
}

export class TestKma {
  readonly folder: string;
  readonly data: string;
  #kma: RunningKma | null = null;
  readonly #fronts: number;
  readonly host: string;
  readonly #replicationPort: number;
  readonly #platformPorts: NonNullable<KmaOptions['platformPorts']>;
  readonly #pages: string | undefined;
  readonly lines: string[] = [];

  private constructor(
    folder: string,
    { fronts = 1, host = '127.0.0.1', replicationPort = 0, platformPorts = {}, pages }: TestKmaOptions,
  ) {
    this.folder = folder;
    this.data = join(folder, 'data');
    this.#fronts = fronts;
    this.host = host;
    this.#replicationPort = replicationPort;
    this.#platformPorts = platformPorts;
    this.#pages = pages;
  }

  /** Set up, running, with Ready keys in the pool unless `bare`. */
  static async start(options: TestKmaOptions = {}): Promise<TestKma> {
    const test = new TestKma(mkdtempSync(join(tmpdir(), 'openkma-test-')), options);
    await initialise(test.data, {
      kmaName: 'kma-test',
      threshold: 2,
      credentials: HOLDERS,
      securityOfficer: OFFICER,
      autonomousUnlock: true,
      managementAddress: test.host,
      serviceAddress: test.host,
      ...options.answers,
    });
    await test.resume();
    if (options.bare !== true) await test.#furnish();
    return test;
  }

  /** A KMA on a directory that exists, such as a restored one. */
  static async on(data: string, folder: string, options: TestKmaOptions = {}): Promise<TestKma> {
    const test = new TestKma(folder, options);
    Object.assign(test, { data });
    await test.resume();
    return test;
  }

  async resume(): Promise<void> {
    this.#kma = await startKma({
      dataDirectory: this.data,
      addresses: { management: this.host, service: this.host },
      ports: {
        ca: 0,
        certificate: 0,
        management: 0,
        agent: 0,
        discovery: 0,
        replication: this.#replicationPort,
        web: 0,
      },
      ...(this.#pages === undefined ? {} : { pages: this.#pages }),
      platformPorts: this.#platformPorts,
      fronts: this.#fronts,
      onEvent: (line) => this.lines.push(line),
    });
  }

  get kma(): RunningKma {
    if (this.#kma === null) throw new Error('the KMA does not run');
    return this.#kma;
  }
  /** Of the services for agents. */
  get ports(): Record<SoapService, number> {
    const { management: _, replication: __, web: ___, ...ports } = this.#allPorts();
    return ports;
  }
  get managementPort(): number {
    return this.#allPorts().management;
  }
  get webPort(): number {
    return this.#allPorts().web;
  }
  #allPorts(): Record<ServiceName, number> {
    return Object.fromEntries(this.kma.listens.map(({ service, port }) => [service, port])) as Record<
      ServiceName,
      number
    >;
  }

  ask<T = unknown>(
    operation: string,
    input: object,
    user: Person | null = null,
    quorum: readonly Person[] = [],
  ): Promise<T> {
    return askOrThrow(this.data, { operation, input, user, quorum }) as Promise<T>;
  }
  /** The first page of a list. */
  async rows<T>(operation: string, input: Record<string, unknown>, user?: Person): Promise<readonly T[]> {
    return (await this.ask<Page<T>>(operation, input, user)).rows;
  }
  answer(
    operation: string,
    input: object,
    user: Person | null = null,
    quorum: readonly Person[] = [],
  ): Promise<{ readonly output: unknown } | Refusal> {
    return askKma(this.data, { operation, input, user, quorum });
  }

  /** People of the staff, each as what he is. */
  async letIn(...people: readonly Person[]): Promise<void> {
    for (const [{ name: user, passphrase }, role] of STAFF.filter(([person]) => people.includes(person)))
      await this.ask('CreateUser', { user, roles: [role], passphrase }, OFFICER, QUORUM);
  }

  async #furnish(): Promise<void> {
    await this.letIn(...STAFF.map(([person]) => person));
    await this.ask('CreateSite', { site: 'site-a' }, OFFICER);
    await this.ask(
      'CreateKeyPolicy',
      { policy: 'years', encryptionPeriod: '2y', cryptoperiod: '10y', allowAgentsToRevoke: true },
      COMPLIANCE,
    );
    await this.ask('CreateKeyGroup', { group: 'group-a', policy: 'years' }, COMPLIANCE);
    await this.ask('CreateKeyGroup', { group: 'group-b', policy: 'years' }, COMPLIANCE);
    await fetchCoreSecurityBackup({ dataDirectory: this.data, user: OFFICER, to: this.backups });
    await this.poolFilled();
    await this.backup();
  }

  get backups(): string {
    return join(this.folder, 'backups');
  }
  backup(): ReturnType<typeof fetchBackup> {
    return fetchBackup({ dataDirectory: this.data, user: BACKUP, to: this.backups }, () => undefined);
  }
  async poolFilled(): Promise<void> {
    const isFull = async () => {
      const status = await this.ask<{ keysUnissued: number; keyPoolSize: number }>('ShowStatus', {});
      return status.keysUnissued >= status.keyPoolSize;
    };
    await until('the key pool is full', isFull, POOL_MS);
  }

  /** An agent with its default group, not enrolled. */
  async createAgent(agent: string, input: object = {}, group = 'group-a'): Promise<void> {
    await this.ask('CreateAgent', { agent, passphrase: AGENT_PASSPHRASE, ...input }, OPERATOR);
    await this.ask('AssignKeyGroup', { agent, group, default: true }, COMPLIANCE);
  }

  /** Where an agent's profile is. */
  profile(agent: string): string {
    return join(this.folder, `agent-${agent}`);
  }

  /** Creates the agent when it is new, enrols it over the wire and opens a client. */
  async agent(
    agent: string,
    options: {
      readonly create?: boolean;
      readonly settings?: Partial<Settings>;
      readonly keepAlive?: boolean;
    } = {},
  ): Promise<KmaClient> {
    if (options.create !== false) await this.createAgent(agent);
    await enroll({
      directory: this.profile(agent),
      agentId: agent,
      address: this.host,
      passphrase: Buffer.from(AGENT_PASSPHRASE),
      ports: this.ports,
      replace: true,
    });
    return KmaClient.open(this.profile(agent), {
      ...(options.settings === undefined ? {} : { settings: options.settings }),
      ...(options.keepAlive === undefined ? {} : { keepAlive: options.keepAlive }),
    });
  }

  /** The certificate the KMA serves with, read from its store. */
  serverCertificatePem(): string {
    const store = openStore({ path: join(this.data, 'kma.db'), mode: 'read' });
    try {
      return store.state.page('kma', '', 1)[0]?.certificatePem ?? '';
    } finally {
      store.close();
    }
  }

  async stop(): Promise<void> {
    await this.#kma?.stop();
    this.#kma = null;
  }
  /** Stops and removes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
