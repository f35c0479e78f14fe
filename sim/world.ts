/** One simulated world: machines, network, time, and what is checked while things happen. It decides neither operations nor faults. */
import { type BackupId, idFrom } from '../src/core/ids.ts';
import { isRefusal, type Refusal, refuse } from '../src/core/refusal.ts';
import { readSetting } from '../src/core/settings.ts';
import type { MadeBackup } from '../src/operations/contexts.ts';
import { Copies } from './checks/copies.ts';
import { ErasureChecks } from './checks/erasures.ts';
import { ForkChecks } from './checks/forks.ts';
import { KeyChecks } from './checks/keys.ts';
import { LogChecks } from './checks/logs.ts';
import { RightsChecks } from './checks/rights.ts';
import { StateChecks } from './checks/states.ts';
import type { Answer, Call } from './core.ts';
import { Joining } from './joining.ts';
import type { LocalFiles, Machine, MachineSupport, Watch } from './machine.ts';
import { Machine as SimulatedMachine } from './machine.ts';
import { Network } from './network.ts';
import { Operators } from './operators.ts';
import { Random } from './random.ts';
import type { Replicator } from './replicator.ts';
import { Schedule } from './schedule.ts';
import type { Seams } from './seams.ts';
import type { SimulatedLogs } from './simulated-logs.ts';
import type { Store } from './store.ts';
import { Tally } from './tally.ts';
import { Trace } from './trace.ts';
import { VirtualClock } from './virtual-clock.ts';

const DRIFT_MOST = 200;

export class World {
  readonly seed: number;
  /** As many as were planned; clones come on top. */
  readonly kmas: number;
  readonly seams: Seams;
  readonly schedule = new Schedule();
  readonly random: Random;
  readonly network: Network;
  readonly trace = new Trace();
  readonly machines: Machine[] = [];
  readonly copies = new Copies(this.machines);
  readonly forks = new ForkChecks();
  readonly logs = new LogChecks(this.forks);
  readonly states = new StateChecks(this.copies, this.forks);
  readonly erasures = new ErasureChecks(this.copies, this.forks);
  readonly keys = new KeyChecks(this.copies, this.states);
  readonly rights = new RightsChecks(this.forks, this.machines);
  readonly joining: Joining;
  /** Who looks after the machines. */
  readonly operators: Operators;
  readonly #support: MachineSupport;
  /** Of the cluster that was founded; one that is restored from a backup is another one. */
  clusterEpochId = '';
  /** No further misfortune comes, also none that was begun before. */
  healed = false;
  readonly tally = new Tally();

  constructor(seed: number, kmas: number, seams: Seams) {
    this.seed = seed;
    this.kmas = kmas;
    this.seams = seams;
    this.random = new Random(seed, 'world');
    this.joining = new Joining(this);
    this.operators = new Operators(this);
    this.network = new Network(this.schedule, new Random(seed, 'network'));
    this.#support = {
      schedule: this.schedule,
      network: this.network,
      random: new Random(seed, 'bytes'),
      seams,
      endpoints: new Set<SimulatedLogs>(),
      replicators: new Set<Replicator>(),
      watch: this.#watch(),
      makeBackup: (machine) => this.#makeBackup(machine),
    };
  }

  note(line: string): void {
    this.trace.add(this.schedule.nowMs, line);
  }

  newMachine(place: string, disk: Store, files: LocalFiles): Machine {
    const clock = new VirtualClock(
      this.schedule,
      this.random.pick([0, 0, this.random.between(-DRIFT_MOST, DRIFT_MOST)]),
    );
    const machine = new SimulatedMachine(place, clock, disk, files, this.#support);
    this.machines.push(machine);
    return machine;
  }

  /** An operation of somebody; it is answered or not. */
  async call(machine: Machine, call: Call, then: (answer: Answer) => void = () => undefined): Promise<void> {
    this.tally.asked(call);
    const asked = `${machine.place} ${call.operation}`;
    await machine.call(call, (answer) => {
      this.tally.answered(call, answer);
      this.note(
        `${asked} ${isRefusal(answer) ? answer.refused : `${answer.entry?.seq ?? '-'} ${aboutOf(answer)}`}`,
      );
      if (!isRefusal(answer)) this.rights.durable(machine, call, answer);
      then(answer);
    });
  }

  #watch(): Watch {
    return {
      written: (machine, committed) => {
        this.keys.written(machine, committed);
        this.logs.stamped(machine, committed);
        this.rights.written(machine, committed);
        this.erasures.written(machine, committed);
      },
      durable: (machine, committed) => {
        this.logs.durable(machine, committed);
        this.keys.durable(machine, committed);
        this.states.durable(machine, committed);
      },
      folded: (machine, incarnationId, entries) => {
        this.note(`${machine.place} folds ${incarnationId} to ${machine.store.logLength(incarnationId)}`);
        this.logs.folded(machine, incarnationId);
        this.states.folded(machine, entries);
      },
      confirmed: (machine, holds) => this.keys.confirmed(machine, holds),
      fetched: (machine, objectId) => {
        this.note(`${machine.place} fetches ${objectId}`);
        this.states.fetched(machine, objectId);
      },
      crashed: (machine) => this.copies.crashed(machine),
      undoubted: (machine) => this.forks.undoubted(machine),
      booted: (machine) => {
        this.note(`${machine.place} boots`);
        this.logs.checkKept(machine);
        this.states.booted(machine);
      },
      note: (line) => this.note(line),
    };
  }

  #makeBackup(machine: Machine): MadeBackup | Refusal {
    const { store, clock } = machine;
    const rootEpochId = readSetting(store.state, 'currentRootEpochId');
    if (rootEpochId === null) return refuse('CORE_SECURITY_NOT_FOUND');
    const backupId = idFrom<BackupId>(this.random.bytes(16));
    const sha256 = idFrom<string>(this.random.bytes(32));
    // What it holds is what it says: of what no disk has yet neither.
    const content = store.copy();
    const made: MadeBackup = {
      backupId,
      createdAtMs: clock.wallMs(),
      rootEpochId,
      vector: content.vector(),
      heldVector: this.seams.holds(content),
      stateHash: content.state.hash.padStart(64, '0').toUpperCase(),
      fileSha256: sha256,
      fileBytes: 1,
      keyFileSha256: sha256,
      directory: '',
      fileName: '',
      keyFileName: '',
    };
    this.copies.backups.set(backupId, {
      made,
      content,
      by: machine.self.kmaId,
      clusterEpochId: machine.clusterEpochId,
      ofCluster: machine.clusterEpochId === this.clusterEpochId,
      ofPutBack: this.copies.wasPutBack(machine),
      place: machine.place,
      fetched: false,
      destroyed: false,
    });
    return made;
  }
}

function aboutOf({ decision }: Extract<Answer, { decision: unknown }>): string {
  return decision.audit?.message.slice(0, 200) ?? '';
}
