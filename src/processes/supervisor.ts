/** Starts the processes of one KMA, keeps them running, replaces the core when it is locked, and ends all of them. It holds no store. */
import { join, resolve } from 'node:path';
import { type ErrorCode, OpenKmaError } from '../errors.ts';
import { connectionsOfListener } from '../services/connection-limit.ts';
import { confinedCore, confinedFront, confinedManagementFront, confinedReader } from './confinement.ts';
import { CoreNotes } from './core-notes.ts';
import { FrameError } from './frame.ts';
import { resolveFrontUser } from './front-user.ts';
import { KeptHealth } from './kept-health.ts';
import { keepPlatform } from './kept-platform.ts';
import { KeptProcess } from './kept-process.ts';
import { keepReplicator } from './kept-replicator.ts';
import { type AskedEnd, END_TEXT, frontsOf, type KmaOptions, type RunningKma } from './kma-options.ts';
import { claimPorts, listensOf, type PortClaim, peopleListens, soapListens } from './listens.ts';
import {
  coreToSupervisor,
  expectMessage,
  type FrontUser,
  frontToSupervisor,
  type SupervisorToCore,
  type SupervisorToFront,
  type SupervisorToManagementFront,
  type SupervisorToReader,
} from './messages.ts';
import { openFilesLimit } from './open-files.ts';
import { createRuntimeDirectory, type RuntimeDirectory } from './runtime-directory.ts';
import { ToldTls } from './told-tls.ts';

const FRONT_STOP_MS = 10_000;
const CORE_STOP_MS = 10_000;
/** Between two starts on a disk that is full. */
const CORE_RETRY_MS = 5_000;
/** A locked core has nothing to wait for: it has wiped its keys already, and its process shall go. */
const CORE_LOCK_MS = 500;

/** Resolves when all listeners are open. Rejects with an OpenKmaError where the KMA cannot start, and leaves nothing running. */
export async function startKma(options: KmaOptions): Promise<RunningKma> {
  const fronts = frontsOf(options);
  const user = resolveFrontUser(options.frontUser);
  const claim = await claimPorts(
    listensOf(options.addresses, options.ports ?? {}, options.pages !== undefined),
  );
  const supervisor = new Supervisor(
    { ...options, fronts },
    claim,
    user,
    createRuntimeDirectory(user?.gid ?? null),
  );
  try {
    await supervisor.start();
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
  const { ended } = supervisor;
  return {
    listens: claim.listens,
    ended,
    pids: () => supervisor.pids(),
    locked: () => supervisor.locked,
    askedEnd: () => supervisor.askedEnd,
    errorState: () => supervisor.errorState,
    stop: () => supervisor.stop(),
  };
}

class Supervisor {
  readonly #options: KmaOptions & { readonly fronts: number };
  readonly #claim: PortClaim;
  readonly #user: FrontUser | null;
  readonly #runtime: RuntimeDirectory;
  readonly #core: KeptProcess;
  readonly #notes = new CoreNotes((note) => this.#core.send(note));
  readonly #reader: KeptProcess;
  readonly #replicator: KeptProcess;
  readonly #platform: ReturnType<typeof keepPlatform>;
  readonly #management: KeptProcess;
  readonly #health: KeptHealth;
  readonly #fronts: readonly KeptProcess[];
  readonly #coreReady = Promise.withResolvers<void>();
  readonly #frontsReady = Promise.withResolvers<void>();
  readonly #listening = new Set<KeptProcess>();
  readonly #ended = Promise.withResolvers<void>();
  readonly #tls = new ToldTls();
  #locked = false;
  #askedEnd: AskedEnd | null = null;
  #errorState: string | null = null;
  #coreIsReady = false;
  #serving = false;
  #stopping: Promise<void> | null = null;

  constructor(
    options: KmaOptions & { readonly fronts: number },
    claim: PortClaim,
    user: FrontUser | null,
    runtime: RuntimeDirectory,
  ) {
    this.#options = { ...options, dataDirectory: resolve(options.dataDirectory) };
    this.#claim = claim;
    this.#user = user;
    this.#runtime = runtime;
    this.#core = this.#keepCore();
    this.#reader = this.#keepReader();
    this.#replicator = this.#keepReplicator();
    this.#platform = this.#keepPlatform();
    this.#management = this.#keepFront('management front', 'management-front', () => this.#managementStart());
    this.#fronts = Array.from({ length: options.fronts }, (_, index) =>
      this.#keepFront(`front ${index + 1}`, 'front', () => this.#frontStart()),
    );
    this.#health = new KeptHealth({
      dataDirectory: this.#options.dataDirectory,
      missing: () => [...this.#needed].flatMap(([name, { pid }]) => (pid === undefined ? [name] : [])),
      sendToCore: (message) => this.#core.send(message),
      report: (line) => this.#report(line),
    });
    for (const { promise } of [this.#coreReady, this.#frontsReady, this.#ended]) promise.catch(() => {});
  }

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  get askedEnd(): AskedEnd | null {
    return this.#askedEnd;
  }

  get locked(): boolean {
    return this.#locked;
  }

  get errorState(): string | null {
    return this.#errorState;
  }

  /** All at once, since loading takes most of the time; reader and fronts are told where to serve when the core is ready. */
  async start(): Promise<void> {
    this.#notes.note('info', `starts; fronts for agents: ${this.#fronts.length}`);
    this.#core.start();
    this.#reader.start();
    for (const front of this.#allFronts) front.start();
    await this.#coreReady.promise;
    await this.#health.begin();
    this.#reader.send(this.#readerStart());
    this.#management.send(this.#managementStart());
    for (const front of this.#fronts) front.send(this.#frontStart());
    await this.#frontsReady.promise;
    this.#serving = true;
  }

  pids(): ReadonlyMap<string, number> {
    const all = [
      ...this.#needed,
      ['replicator', this.#replicator] as const,
      ['platform', this.#platform.process] as const,
    ];
    return new Map(all.flatMap(([name, { pid }]) => (pid === undefined ? [] : [[name, pid] as const])));
  }

  /** Without them agents or managers are not served. */
  get #needed(): ReadonlyMap<string, KeptProcess> {
    return new Map([
      ['core', this.#core],
      ['reader', this.#reader],
      ['management front', this.#management],
      ...this.#fronts.map((front, index) => [`front ${index + 1}`, front] as const),
    ]);
  }

  /** Fronts first: they answer what they have with the core's help. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll(): Promise<void> {
    this.#notes.note('info', 'stops');
    this.#health.stop();
    await Promise.all(this.#allFronts.map((front) => front.stop({ t: 'stop' }, FRONT_STOP_MS)));
    // Before the core, to which they tell their last.
    await Promise.all([
      this.#replicator.stop({ t: 'stop' }, CORE_STOP_MS),
      this.#platform.stop(CORE_STOP_MS),
    ]);
    await this.#core.stop({ t: 'stop' }, CORE_STOP_MS);
    await this.#reader.stop({ t: 'stop' }, CORE_STOP_MS);
    this.#runtime.remove();
    this.#claim.release();
    this.#ended.resolve();
  }

  #keepCore(): KeptProcess {
    const { dataDirectory, addresses, fronts } = this.#options;
    return new KeptProcess({
      name: 'core',
      instance: this.#runtime.path,
      entry: new URL('./core/main.ts', import.meta.url),
      nodeOptions: confinedCore(dataDirectory, this.#runtime.path),
      startMessage: (): SupervisorToCore => ({
        t: 'start',
        ...{ dataDirectory, addresses, fronts },
        frontSocketPath: this.#runtime.frontSocketPath,
        frontGroupId: this.#user?.gid ?? null,
        managementSocketPath: this.#runtime.managementSocketPath,
        readerSocketPath: this.#runtime.readerSocketPath,
        replicatorSocketPath: this.#runtime.replicatorSocketPath,
        platformSocketPath: this.#runtime.platformSocketPath,
      }),
      onMessage: (raw) => this.#fromCore(raw),
      onUnexpectedEnd: (how) => {
        this.#notes.coreIsGone();
        return this.#mayRestart('core', how);
      },
      report: (line) => this.#report(line),
    });
  }

  #keepReader(): KeptProcess {
    return new KeptProcess({
      name: 'reader',
      instance: this.#runtime.path,
      entry: new URL('./reader/main.ts', import.meta.url),
      nodeOptions: confinedReader(this.#options.dataDirectory, this.#runtime.path),
      startMessage: () => (this.#coreIsReady ? this.#readerStart() : null),
      onMessage: () => {},
      onUnexpectedEnd: () => this.#stopping === null,
      report: (line) => this.#report(line),
    });
  }

  #keepReplicator(): KeptProcess {
    return keepReplicator({
      dataDirectory: this.#options.dataDirectory,
      runtime: this.#runtime,
      listens: this.#claim.listens,
      mayRestart: () => this.#stopping === null,
      report: (line) => this.#report(line),
    });
  }

  #keepPlatform(): ReturnType<typeof keepPlatform> {
    return keepPlatform(this.#options, {
      runtime: this.#runtime,
      user: this.#user,
      listens: this.#claim.listens,
      mayRestart: () => this.#stopping === null,
      report: (line) => this.#report(line),
    });
  }

  #keepFront(name: string, folder: 'front' | 'management-front', start: () => object): KeptProcess {
    const front: KeptProcess = new KeptProcess({
      name,
      instance: this.#runtime.path,
      entry: new URL(`./${folder}/main.ts`, import.meta.url),
      nodeOptions:
        folder === 'front' ? confinedFront() : confinedManagementFront(this.#options.pages ?? null),
      startMessage: () => (this.#coreIsReady ? start() : null),
      onMessage: (raw) => this.#fromFront(front, raw),
      onUnexpectedEnd: (how) => this.#mayRestart(name, how),
      report: (line) => this.#report(line),
    });
    return front;
  }

  get #allFronts(): readonly KeptProcess[] {
    return [this.#management, ...this.#fronts];
  }

  #readerStart(): SupervisorToReader {
    const databasePath = join(this.#options.dataDirectory, 'kma.db');
    const { readerSocketPath: socketPath, auditSocketPath } = this.#runtime;
    return { t: 'start', databasePath, socketPath, auditSocketPath };
  }

  #frontStart(): SupervisorToFront {
    const { frontSocketPath } = this.#runtime;
    const listens = soapListens(this.#claim.listens);
    const connections = connectionsOfListener({
      openFiles: openFilesLimit(),
      fronts: this.#fronts.length,
      listeners: listens.length,
    });
    return { t: 'start', frontSocketPath, listens, tls: this.#tls.forAgents, user: this.#user, connections };
  }

  #managementStart(): SupervisorToManagementFront {
    const { managementSocketPath } = this.#runtime;
    const listens = peopleListens(this.#claim.listens);
    const pages = this.#options.pages ?? null;
    return { t: 'start', managementSocketPath, listens, tls: this.#tls.forPeople, user: this.#user, pages };
  }

  #fromCore(raw: unknown): void {
    const message = this.#expect(coreToSupervisor, raw);
    if (message === null) return;
    if (message.t === 'ready') {
      this.#locked = message.locked;
      this.#noteErrorState(message.errorState);
      this.#coreIsReady = true;
      this.#notes.coreIsReady();
      this.#coreReady.resolve();
    } else if (message.t === 'fatal') this.#coreCannotStart(message.code, message.detail);
    else if (message.t === 'lock') this.#replaceLocked();
    else if (message.t === 'lived-elsewhere') this.#replaceOlder();
    else if (message.t === 'clustered') this.#replicator.begin();
    else if (message.t === 'platform-wanted') this.#platform.begin();
    else if (message.t === 'serving-state') this.#health.answered(message.obstacles);
    else if (message.t === 'end') this.#end(message.why);
    else if (message.t === 'error-state') this.#noteErrorState(message.reason);
    else {
      const { t: _, ...tls } = message;
      this.#tls.said(tls);
      if (this.#coreIsReady) this.#tellTls();
    }
  }

  /** A full disk may have space again: a KMA that served waits for it. Other reasons do not go by themselves. */
  #coreCannotStart(code: ErrorCode, detail: string): void {
    if (code !== 'STORE_UNWRITABLE' || !this.#serving) return this.#fail(new OpenKmaError(code, detail));
    this.#report(`the core cannot start, and is tried again in ${CORE_RETRY_MS / 1000} s: ${detail}`);
    setTimeout(() => this.#core.replace({ t: 'stop' }, CORE_STOP_MS), CORE_RETRY_MS).unref();
  }

  /** A core in the error state stays, to say so; only a start that passes ends it, so replacing it over and over would help nobody. */
  #noteErrorState(reason: string | null): void {
    this.#errorState = reason;
    // The core has written it down itself.
    if (reason !== null) this.#print(`the core has stopped itself and serves nobody: ${reason}`);
  }

  /** The lock itself is in the store, so the next core begins locked. */
  #replaceLocked(): void {
    this.#notes.coreIsGone();
    this.#report('locked: replacing the core, so that nothing of the keys stays in memory');
    this.#core.replace({ t: 'stop' }, CORE_LOCK_MS);
  }

  #replaceOlder(): void {
    this.#notes.coreIsGone();
    this.#report('this store is an older copy: replacing the core, which then begins a new life');
    this.#core.replace({ t: 'stop' }, CORE_STOP_MS);
  }

  #end(why: AskedEnd): void {
    this.#askedEnd = why;
    this.#report(END_TEXT[why]);
    this.stop().catch((error: unknown) => this.#report(String(error)));
  }

  #tellTls(): void {
    const { forAgents, forPeople } = this.#tls;
    this.#management.send({ t: 'tls', tls: forPeople } satisfies SupervisorToManagementFront);
    for (const front of this.#fronts) front.send({ t: 'tls', tls: forAgents } satisfies SupervisorToFront);
  }

  #fromFront(front: KeptProcess, raw: unknown): void {
    const message = this.#expect(frontToSupervisor, raw);
    if (message === null) return;
    if (message.t === 'fatal') return this.#report(`a front cannot start: ${message.detail}`);
    this.#listening.add(front);
    if (this.#listening.size === this.#allFronts.length) this.#frontsReady.resolve();
  }

  /** A front that speaks otherwise is not ours any more; it is worth a line, not the end of the KMA. */
  #expect<T>(schema: Parameters<typeof expectMessage<T>>[0], raw: unknown): T | null {
    try {
      return expectMessage(schema, raw);
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.#report(error.message);
      return null;
    }
  }

  /** What does not come up the first time would not come up the second time; whoever started the KMA is told. */
  #mayRestart(name: string, how: string): boolean {
    if (this.#stopping !== null) return false;
    if (this.#serving) return true;
    this.#fail(new OpenKmaError('SERVER_ERROR', `the ${name} process ${how}`));
    return false;
  }

  #fail(error: OpenKmaError): void {
    this.#coreReady.reject(error);
    this.#frontsReady.reject(error);
    this.#ended.reject(error);
    if (this.#serving) this.stop().catch((failure: unknown) => this.#report(String(failure)));
  }

  #report(line: string): void {
    this.#print(line);
    this.#notes.note('warning', line);
  }

  #print(line: string): void {
    this.#options.onEvent?.(line);
  }
}
