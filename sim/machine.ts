/** One machine of the simulated world: its clock, its disk, and the processes of a KMA on it from boot to crash. It decides no fault. */
import type { LogEntry } from '../src/core/facts.ts';
import { type IncarnationId, idFrom } from '../src/core/ids.ts';
import type { LivesLacking } from '../src/core/missing-split.ts';
import { type Refusal, refuse } from '../src/core/refusal.ts';
import { beginningAfter, repeatTail } from '../src/core/repeated-tail.ts';
import type { Stamp } from '../src/core/stamp.ts';
import type { VersionVector } from '../src/core/version-vector.ts';
import type { MadeBackup } from '../src/operations/contexts.ts';
import { beginIncarnation } from '../src/operations/incarnations.ts';
import type { Operation, Self } from '../src/operations/operation.ts';
import { type Beginning, begin, type Life, newLife } from './beginning.ts';
import { type Answer, type Call, type Committed, Core } from './core.ts';
import { Disk } from './disk.ts';
import type { Network } from './network.ts';
import type { Random } from './random.ts';
import { Replicator } from './replicator.ts';
import type { Schedule } from './schedule.ts';
import type { Seams } from './seams.ts';
import type { LogsCache, SimulatedLogs } from './simulated-logs.ts';
import { Store } from './store.ts';
import { simulatedTools } from './tools.ts';
import { UNKNOWN_OPERATIONS } from './version-back.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** What the world learns of a machine. */
export interface Watch {
  /** In the transaction. */
  written(machine: Machine, committed: Committed): void;
  /** After the commit and before the answer. */
  durable(machine: Machine, committed: Committed): void;
  /** After foreign entries are durable. */
  folded(machine: Machine, incarnationId: string, entries: readonly LogEntry[]): void;
  /** To all peers: so much of each log it holds. */
  confirmed(machine: Machine, holds: VersionVector): void;
  /** A sealed object of another KMA is durable. */
  fetched(machine: Machine, objectId: string): void;
  /** What was in memory alone, and what lay about, is gone. */
  crashed(machine: Machine): void;
  booted(machine: Machine): void;
  /** Its logs are those that others have, or what was not is said again in a new life. */
  undoubted(machine: Machine): void;
  note(line: string): void;
}

export interface MachineSupport {
  readonly schedule: Schedule;
  readonly network: Network;
  readonly random: Random;
  readonly seams: Seams;
  readonly endpoints: Set<SimulatedLogs>;
  readonly replicators: Set<Replicator>;
  readonly watch: Watch;
  readonly makeBackup: (machine: Machine) => MadeBackup | Refusal;
}

interface Running {
  readonly core: Core;
  readonly disk: Disk;
  readonly replicator: Replicator;
}

/** Files beside the store, which know the start that the store was last used in. */
export interface LocalFiles {
  readonly self: Self;
  readonly logPublicKey: string;
  readonly replicationPublicKey: string;
  readonly startNonce: string;
}

const NONCE = 'startNonce';
const PLACE = 'place';
const NONCE_BYTES = 8;
const SETTLED = 'lifeSettled';
const DOUBTED = 'logDoubted';

export class Machine {
  readonly place: string;
  readonly clock: VirtualClock;
  readonly #support: MachineSupport;
  store: Store;
  files: LocalFiles;
  #running: Running | null = null;
  /** The disk in it; for the running processes and the next ones. */
  #syncMs = 2;
  #diskFull = false;
  certificateExpired = false;
  zeroised = false;
  /** Its software does not know what this version has brought. */
  versionBack = false;
  /** The replicator ends as soon as blocks of another log are on their way into the store. */
  replicatorFalls = false;
  /** Files of backups that are being made: while there are any, no erasure here is complete. */
  staged = 0;
  /** Asked at every message, and the same for a life. */
  #epoch: { readonly incarnationId: string; readonly id: string } | null = null;
  /** Of the file that the store is: one that is put back is another one, unless the whole machine is. */
  #file = 1;

  constructor(place: string, clock: VirtualClock, disk: Store, files: LocalFiles, support: MachineSupport) {
    this.place = place;
    this.clock = clock;
    this.store = disk;
    this.files = files;
    this.#support = support;
  }

  get self(): Self {
    return this.files.self;
  }
  /** Of the life of the cluster that its own life belongs to. */
  get clusterEpochId(): string {
    const { incarnationId } = this.self;
    if (this.#epoch?.incarnationId !== incarnationId)
      this.#epoch = {
        incarnationId,
        id: this.store.state.get('incarnation', incarnationId)?.clusterEpochId ?? '',
      };
    return this.#epoch.id;
  }
  get running(): Running | null {
    return this.#running;
  }

  findOperation(name: string): Operation | undefined {
    return this.#support.seams.findOperation(name);
  }

  /** What another one that it is connected with has said of an object. */
  lacking(kmaId: string, objectId: string): ReadonlySet<string> {
    return this.#running?.replicator.lacking(kmaId, objectId) ?? new Set();
  }

  async call(call: Call, answer: (answer: Answer) => void): Promise<boolean> {
    if (this.#running === null) return false;
    if (this.versionBack && UNKNOWN_OPERATIONS.has(call.operation)) {
      answer(refuse('NOT_SUPPORTED', call.operation));
      return true;
    }
    await this.#running.core.call(call, (given) => {
      if (call.operation === 'CreateDatabaseBackup') this.staged = 0;
      answer(given);
    });
    return true;
  }
  async callLocal(operation: string, input: unknown, answer: (answer: Answer) => void = () => undefined) {
    return this.call({ operation, input, claim: { claim: 'appliance' } }, answer);
  }

  set syncMs(ms: number) {
    this.#syncMs = ms;
    if (this.#running !== null) this.#running.disk.syncMs = ms;
  }
  set diskFull(full: boolean) {
    this.#diskFull = full;
    if (this.#running !== null) this.#running.disk.full = full;
  }

  /** Of objects whose erasure here is recorded now. */
  forgetErased(ids: readonly string[]): void {
    this.#running?.disk.commit(
      () => {
        this.store.forgetErased(ids);
        return () => undefined;
      },
      () => undefined,
    );
  }

  boot(): void {
    if (this.#running !== null) throw new Error(`${this.place} runs already`);
    const { schedule, random, seams, watch } = this.#support;
    this.clock.boot();
    if (this.#isCopy() && seams.detectsCopies) this.beginLife();
    this.#changeNonce();
    this.#settleLife();
    const disk = new Disk({
      schedule,
      store: this.store,
      crash: () => this.crash('power lost at a commit'),
      answersBeforeSync: seams.answersBeforeSync,
    });
    disk.syncMs = this.#syncMs;
    disk.full = this.#diskFull;
    const { store, self, clock } = this;
    const lacking: LivesLacking = (kmaId, objectId) => this.lacking(kmaId, objectId);
    const tools = simulatedTools({ store, self, lacking, random, nowMs: () => clock.wallMs() });
    const core = new Core({
      self,
      store,
      disk,
      clock,
      random,
      seams,
      tools,
      lacking,
      peersAheadMs: () => this.#running?.replicator.peersAheadMs() ?? [],
      makeBackup: () => {
        this.staged += 1;
        return this.#support.makeBackup(this);
      },
      written: (committed) => watch.written(this, committed),
      durable: (committed) => {
        watch.durable(this, committed);
        this.#running?.replicator.published(committed.decision.facts);
      },
    });
    watch.booted(this);
    this.#startReplicator(core, disk);
  }

  #startReplicator(core: Core, disk: Disk, cache?: LogsCache): void {
    const replicator = new Replicator({ ...this.#support, machine: this, core, disk });
    this.#running = { core, disk, replicator };
    replicator.begin(cache);
  }

  /** The process of 3336 alone ends and is started again, with its files; what it has asked of the core goes on. */
  restartReplicator(): void {
    if (this.#running === null) return;
    const { core, disk, replicator } = this.#running;
    this.#support.watch.note(`${this.place} the replicator ends and starts again`);
    replicator.stop();
    this.#startReplicator(core, disk, replicator.cache);
  }

  /** A peer has more of the own log than the store: this is an older state, and nothing tells it but the others. */
  foundOlder(): void {
    if (!this.#support.seams.asksPeers) return;
    this.crash('an older state of itself');
    const doubted = this.self.incarnationId;
    this.beginLife();
    this.#noteDoubted(doubted);
    this.boot();
  }

  /** The peers end its log before its last entry, although nobody has removed it. */
  foundCutShort(): void {
    this.crash('a life that others have ended');
    this.beginLife();
    this.boot();
  }

  /** Of an earlier life, which is compared with what others have. */
  get doubted(): string | null {
    return this.store.getLocal(DOUBTED) || null;
  }
  /** Others have it as it is here. Inside a transaction. */
  endDoubt(): void {
    this.store.setLocal(DOUBTED, '');
    this.#support.watch.undoubted(this);
  }
  /** Others have another entry of it behind this one. */
  foundFork(forked: string, after: number): void {
    if (!this.#support.seams.repeatsTail) return;
    this.crash('another end of its log');
    const { random, watch, seams } = this.#support;
    const life = newLife(random);
    const { incarnationId: before } = this.self;
    const living = { ...this.self, incarnationId: life.incarnationId };
    const { store } = this;
    const tail = store.transaction(() => store.takeBack(forked, after));
    const beginning = beginningAfter(
      store.state.get('incarnation', before)?.createdStamp ?? (store.logStamp(before) as Stamp),
    );
    const repeated = seams.tail(repeatTail(tail, forked as IncarnationId, life.incarnationId, beginning));
    const support = { store, random, nowMs: this.clock.wallMs(), nextHlc: seams.nextHlc };
    begin(support, living, life, { operation: beginIncarnation, input: { before } }, beginning, repeated);
    this.#lives(life, living, before);
    this.#noteDoubted('');
    watch.undoubted(this);
    this.boot();
  }

  #noteDoubted(incarnationId: string): void {
    this.store.transaction(() => this.store.setLocal(DOUBTED, incarnationId));
    this.store.sync();
  }

  /** Everything in memory is gone, and what was not synced. */
  crash(why: string): void {
    const running = this.#running;
    if (running === null) return;
    this.#running = null;
    this.staged = 0;
    running.disk.stop();
    running.replicator.stop();
    this.store.losePower(this.#support.seams.keptAtPowerLoss);
    this.#support.watch.note(`${this.place} crash ${why}`);
    this.#support.watch.crashed(this);
  }

  /** A new incarnation in the store; without more, as where it was found to be a copy or an older state. */
  beginLife(beginning?: Beginning, self: Self = this.self, life: Life = newLife(this.#support.random)): void {
    const { random, seams } = this.#support;
    const before = this.self.incarnationId;
    const living = { ...self, incarnationId: life.incarnationId };
    const support = { store: this.store, random, nowMs: this.clock.wallMs(), nextHlc: seams.nextHlc };
    const born = this.store.state.get('incarnation', before)?.createdStamp;
    // Of a copy, as production begins it.
    const clock = beginning === undefined && born != null ? beginningAfter(born) : null;
    begin(support, living, life, beginning ?? { operation: beginIncarnation, input: { before } }, clock);
    this.#lives(life, living, before);
  }
  #lives({ incarnationId, logPublicKey, replicationPublicKey }: Life, self: Self, before: string): void {
    this.files = { ...this.files, self, logPublicKey, replicationPublicKey };
    this.#support.watch.note(`${this.place} begins life ${incarnationId} after ${before}`);
  }

  /** It is no KMA any more, until it is set up again. */
  zeroise(): void {
    this.crash('zeroised');
    this.store = new Store(this.#support.seams.fold);
    this.zeroised = true;
  }

  /** Another store, made for this machine, with a life of its own. */
  setUp(disk: Store, self: Self, beginning: Beginning, life?: Life): void {
    disk.forgetMachine();
    this.zeroised = false;
    this.store = disk;
    this.files = { ...this.files, startNonce: '' };
    this.beginLife(beginning, self, life);
  }

  get #placeOfStore(): string {
    return `${this.place}:${this.#file}`;
  }

  /** Another file, with what an older one held. */
  putBack(disk: Store): void {
    this.store = disk;
    this.#file += 1;
  }
  /** The machine as it was, with all its files. */
  rollBack(disk: Store, files: LocalFiles): void {
    this.store = disk;
    this.files = files;
    const [, file] = (disk.getLocal(PLACE) ?? '').split(':');
    this.#file = Number(file);
  }

  /** Another day's store beside today's files, or the same store in another place. */
  #isCopy(): boolean {
    const nonce = this.store.getLocal(NONCE);
    if (nonce === undefined && this.files.startNonce === '') return false;
    return nonce !== this.files.startNonce || this.store.getLocal(PLACE) !== this.#placeOfStore;
  }

  /** Once in a life, which may have begun from a copy. */
  #settleLife(): void {
    const { store, self } = this;
    if (store.getLocal(SETTLED) === self.incarnationId) return;
    store.transaction(() => {
      store.noteErasedBefore(self.incarnationId);
      store.setLocal(SETTLED, self.incarnationId);
    });
    store.sync();
  }

  #changeNonce(): void {
    const startNonce = idFrom<string>(this.#support.random.bytes(NONCE_BYTES));
    this.store.transaction(() => {
      this.store.setLocal(NONCE, startNonce);
      this.store.setLocal(PLACE, this.#placeOfStore);
    });
    this.store.sync();
    this.files = { ...this.files, startNonce };
  }
}
