/** The core of a simulated KMA: runs operations of the catalogue as production does (admit, prepare, decide, commit, answer), on virtual disk and clock. No rule is its own. */

import { judgeClock, medianAheadMs } from '../src/core/clock-guard.ts';
import type { LogEntry } from '../src/core/facts.ts';
import type { Fingerprint } from '../src/core/ids.ts';
import { replacedSplitObjects } from '../src/core/key-split-standing.ts';
import { ABSENCES, type Absence, absenceOf } from '../src/core/membership.ts';
import type { LivesLacking } from '../src/core/missing-split.ts';
import { isRefusal, type Refusal, refuse } from '../src/core/refusal.ts';
import { readSetting } from '../src/core/settings.ts';
import { type Hlc, hlcMs, type Stamp, stampOf } from '../src/core/stamp.ts';
import type { DecideContext, SecurityTools } from '../src/operations/contexts.ts';
import { type Claim, identify, type KeyOwners } from '../src/operations/identify.ts';
import { needsSoundClock, underOddClock } from '../src/operations/odd-clock.ts';
import type { Accepted, Caller, Operation, Origin, Self } from '../src/operations/operation.ts';
import { outsideCluster } from '../src/operations/outside-cluster.ts';
import { isJudgedByNow, splitSearch } from '../src/operations/pending/quorum-outcome.ts';
import type { Disk } from './disk.ts';
import { type Preparation, prepare } from './preparation.ts';
import type { Random } from './random.ts';
import type { Seams } from './seams.ts';
import type { AuditRow, Store } from './store.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface Call {
  readonly operation: string;
  readonly input: unknown;
  readonly claim: Claim;
  /** Of an agent's certificate. */
  readonly fingerprint?: Fingerprint;
  /** Whose key split credentials come with it. */
  readonly credentials?: readonly string[];
  readonly newCredentials?: readonly string[];
}

export interface WrittenEntry {
  readonly seq: number;
  readonly stamp: Stamp;
  /** The latest clock reading of all that was folded before. */
  readonly clockBefore: Hlc;
}

/** What became durable together, and is answered. */
export interface Committed {
  readonly operation: Operation;
  readonly caller: Caller;
  readonly decision: Accepted<unknown>;
  readonly output: unknown;
  /** In the own log; null where there were no facts. */
  readonly entry: WrittenEntry | null;
  readonly audit: readonly AuditRow[];
  /** By which credentials were judged; null where none were asked for. */
  readonly keySplitId: string | null;
  /** Names of those that were given with the call. */
  readonly credentials: readonly string[];
}
export type Answer = Committed | Refusal;

export interface CoreSupport {
  readonly self: Self;
  readonly store: Store;
  readonly disk: Disk;
  readonly clock: VirtualClock;
  readonly random: Random;
  readonly seams: Seams;
  readonly tools: SecurityTools;
  readonly lacking: LivesLacking;
  /** By how much the clock of each other member that is connected is ahead of this one. */
  readonly peersAheadMs: () => readonly number[];
  readonly makeBackup: Parameters<typeof prepare>[0]['makeBackup'];
  /** In the transaction, before it is durable. */
  readonly written: (committed: Committed) => void;
  /** After the commit. */
  readonly durable: (committed: Committed) => void;
}

/** A local row: what members say that do not let it in; "" once one does. */
const NOT_A_MEMBER = 'notAMember';
const NOBODYS_KEYS: KeyOwners = { find: () => null };

export class Core {
  readonly #support: CoreSupport;
  #wallAtStartMs: number;
  #bootAtStartMs: number;
  #hlc: Hlc;
  #locked: boolean;
  /** As members say that do not let it in; after a restart too. */
  #toldAbsence: Absence | null;
  /** Until the peers were asked for the own log, or did not answer in time. */
  #waiting: (() => void)[] | null = [];

  constructor(support: CoreSupport) {
    const { store, clock } = support;
    this.#support = support;
    this.#hlc = store.lastStamp();
    this.#wallAtStartMs = clock.wallMs();
    this.#bootAtStartMs = clock.bootMs();
    this.#locked = store.getLocal('locked') === '1';
    this.#toldAbsence = ABSENCES.find((one) => one === store.getLocal(NOT_A_MEMBER)) ?? null;
  }

  get locked(): boolean {
    return this.#locked;
  }

  /** Null once a member lets it in. */
  toldStanding(absence: Absence | null): void {
    const { store, disk } = this.#support;
    if (this.#toldAbsence === absence) return;
    this.#toldAbsence = absence;
    disk.commit(
      () => {
        store.setLocal(NOT_A_MEMBER, absence ?? '');
        return () => undefined;
      },
      () => undefined,
    );
  }

  /** Null while it is a member, as far as it knows. */
  get absence(): Absence | null {
    const { store, self } = this.#support;
    const member = store.state.get('kma', self.kmaId);
    return (member === undefined ? null : absenceOf(member)) ?? this.#toldAbsence;
  }

  odd(): string | null {
    const { store, clock } = this.#support;
    return judgeClock({
      wallMs: clock.wallMs(),
      wallAtStartMs: this.#wallAtStartMs,
      bootMs: clock.bootMs(),
      bootAtStartMs: this.#bootAtStartMs,
      lastHlc: store.lastStamp(),
      acceptedHlcMs: Math.max(
        Number(store.getLocal('clockAcceptedHlcMs') ?? 0),
        readSetting(store.state, 'acceptedLogClockMs'),
      ),
      peersAheadMs: this.#support.peersAheadMs(),
      acceptedAheadMs: Number(store.getLocal('clockAcceptedAheadMs') ?? 0),
    });
  }

  /** What was to be written waits for this. */
  mayWrite(): void {
    const waiting = this.#waiting ?? [];
    this.#waiting = null;
    for (const go of waiting) go();
  }

  /** A foreign entry was folded. */
  observe(stamp: string): void {
    this.#hlc = this.#support.seams.observe(this.#hlc, stamp.slice(0, this.#hlc.length) as Hlc);
  }

  /** The answer comes once, unless there is a crash before. */
  async call(call: Call, answer: (answer: Answer) => void): Promise<void> {
    const { disk, seams } = this.#support;
    const operation = seams.findOperation(call.operation);
    if (operation === undefined) return answer(refuse('NOT_SUPPORTED', call.operation));
    const input = operation.input.safeParse(call.input);
    if (!input.success)
      return answer(refuse('INVALID_PARAMETERS', `${call.operation}: ${input.error.issues[0]?.message}`));
    const admitted = this.#admit(operation, call);
    if (isRefusal(admitted)) return answer(admitted);
    const preparation = await this.#prepare(operation, input.data, call, admitted);
    if (isRefusal(preparation)) return answer(preparation);
    const commit = () =>
      disk.commit(
        () => {
          const committed = this.#commit(preparation, input.data, call);
          return () => {
            if (!isRefusal(committed)) this.#support.durable(committed);
            answer(committed);
          };
        },
        () => answer(refuse('SERVER_BUSY', 'the disk')),
      );
    if (this.#waiting === null) commit();
    else this.#waiting.push(commit);
  }

  /** An object that has not come yet is a refusal, as in production. */
  async #prepare(
    operation: Operation,
    input: unknown,
    call: Call,
    caller: Caller,
  ): Promise<Preparation | Refusal> {
    try {
      return await prepare(this.#support, operation, input, call, caller, !this.#locked);
    } catch {
      return refuse('MANAGER_INTERNAL', `${operation.name} cannot be prepared`);
    }
  }

  #admit(operation: Operation, call: Call): Caller | Refusal {
    const { store, clock } = this.#support;
    const caller = identify(store.state, operation, originOf(call), call.claim, NOBODYS_KEYS, clock.wallMs());
    if (isRefusal(caller)) return caller;
    const outside = outsideCluster(operation, call.claim.claim === 'network', this.absence ?? 'member');
    if (outside !== null) return outside;
    if (operation.needsUnlocked && this.#locked) return refuse('APPLIANCE_LOCKED');
    const odd = needsSoundClock(operation) ? this.odd() : null;
    return odd === null ? caller : refuse('CLOCK_ODD', odd);
  }

  #commit({ operation, prepared, keySplitId }: Preparation, input: unknown, call: Call): Committed | Refusal {
    const { seams, tools } = this.#support;
    const caller = this.#admit(operation, call);
    if (isRefusal(caller)) return caller;
    if (keySplitId !== null && !isJudgedByNow(this.#support, operation, keySplitId))
      return refuse('QUORUM_NOT_MET', 'the key split has changed meanwhile');
    const proposed = this.#decide(operation, input, this.#context(call, caller), prepared);
    if (isRefusal(proposed)) return proposed;
    const odd = proposed.facts.length > 0 ? this.odd() : null;
    const decision = odd === null ? proposed : underOddClock(operation, proposed, odd);
    if (isRefusal(decision)) return decision;
    const output = this.#reply(operation, decision, tools, prepared);
    if (isRefusal(output)) return output;
    const audit = seams.audit(recordsOf(operation, decision));
    const entry = this.#write(operation, decision, audit);
    const credentials = call.credentials ?? [];
    const committed = { operation, caller, decision, output, entry, audit, keySplitId, credentials };
    this.#support.written(committed);
    return committed;
  }

  /** What only answers is asked for in other tests: here it counts who may. */
  #decide(
    operation: Operation,
    input: unknown,
    context: DecideContext,
    prepared: unknown,
  ): Accepted<unknown> | Refusal {
    if (operation.view !== undefined || operation.decide === undefined)
      return { facts: [], output: prepared };
    return operation.decide(input, context, prepared);
  }

  #reply(
    operation: Operation,
    decision: Accepted<unknown>,
    tools: SecurityTools,
    prepared: unknown,
  ): unknown {
    if (operation.reply === undefined) return decision.output;
    try {
      return operation.reply(decision.output, { openObject: tools.openObject }, prepared);
    } catch {
      return refuse('MANAGER_INTERNAL', 'a sealed object is missing or damaged');
    }
  }

  #write(operation: Operation, decision: Accepted<unknown>, audit: readonly AuditRow[]): WrittenEntry | null {
    const { store, self, clock, seams } = this.#support;
    for (const record of audit) store.appendAudit(record);
    for (const [name, value] of Object.entries(decision.local ?? {})) store.setLocal(name, value);
    for (const object of decision.objects ?? []) store.putObject(object);
    for (const id of decision.erase ?? []) store.eraseObject(id);
    store.noteErased(decision.erase ?? []);
    for (const { effect } of decision.effects ?? []) {
      if (effect === 'lock' || effect === 'unlock') this.#locked = effect === 'lock';
      if (effect === 'accept-clock') {
        this.#wallAtStartMs = clock.wallMs();
        this.#bootAtStartMs = clock.bootMs();
        store.setLocal('clockAcceptedHlcMs', String(hlcMs(store.lastStamp())));
        store.setLocal('clockAcceptedAheadMs', String(medianAheadMs(this.#support.peersAheadMs())));
      }
    }
    if (decision.facts.length === 0) return null;
    const clockBefore = store.lastStamp();
    this.#hlc = seams.nextHlc(this.#hlc, clock.wallMs());
    const stamp = stampOf(this.#hlc, self.incarnationId);
    const entry: LogEntry = { v: 1, stamp, operation: operation.name, facts: decision.facts };
    const seq = store.append(self.incarnationId, entry, Buffer.from(JSON.stringify(entry)));
    if (decision.facts.some(({ table }) => table === 'key_split')) {
      const replaced = replacedSplitObjects(store.state, (id) => store.hasObject(id));
      for (const id of replaced) store.eraseObject(id);
      store.noteErased(replaced);
    }
    return { seq, stamp, clockBefore };
  }

  #context(call: Call, caller: Caller): DecideContext {
    const { store, self, clock, random, seams } = this.#support;
    return {
      state: seams.view(store.state),
      self,
      origin: originOf(call),
      caller,
      nowMs: clock.wallMs(),
      load: 0,
      nextSeq: store.logLength(self.incarnationId) + 1,
      unlocked: !this.#locked,
      keySplits: () => splitSearch(this.#support),
      autonomousUnlock: () => 'on',
      clock: () => ({
        machineMs: clock.wallMs(),
        offsetMs: 0,
        adjustedAtMs: null,
        lastStampMs: hlcMs(store.lastStamp()),
        odd: this.odd(),
      }),
      random: (bytes) => random.bytes(bytes),
    };
  }
}

function recordsOf(operation: Operation, { audit, executed }: Accepted<unknown>): AuditRow[] {
  const note = audit ?? { severity: 'success', condition: 'Success', message: '' };
  const own: AuditRow = { operation: operation.name, note };
  return executed === undefined ? [own] : [own, { operation: executed.operation.name, note: executed.audit }];
}

function originOf({ claim, fingerprint }: Call): Origin {
  const service = claim.claim === 'appliance' ? 'local' : fingerprint === undefined ? 'certificate' : 'agent';
  return { service, address: '', localAddress: '', fingerprint: fingerprint ?? null };
}
