/** One operation inside its transaction: admitted again, decided, answered, written down and committed with its audit record. It prepares nothing. */
import { randomBytes } from 'node:crypto';
import { availableParallelism, freemem, loadavg } from 'node:os';
import { CLOCK_ADJUSTED_AT } from '../../core/clock-adjustment.ts';
import type { Fact } from '../../core/facts.ts';
import { replacedSplitObjects } from '../../core/key-split-standing.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { behind, type Reading } from '../../core/replication-version.ts';
import { HLC_ZERO, type Hlc, nextHlc, type Stamp, stampOf } from '../../core/stamp.ts';
import type { StateView } from '../../core/state.ts';
import { findOperation } from '../../operations/catalogue.ts';
import type { DecideContext, SecurityTools } from '../../operations/contexts.ts';
import type { Effect } from '../../operations/effects.ts';
import { underOddClock } from '../../operations/odd-clock.ts';
import type { Accepted, Caller, Operation } from '../../operations/operation.ts';
import { isJudgedByNow, splitSearch } from '../../operations/pending/quorum-outcome.ts';
import { submitted as submittedAnswer } from '../../operations/pending/submit.ts';
import { readPlatformSettings } from '../../platform-settings/index.ts';
import { readWebSetting } from '../../platform-settings/web.ts';
import { clockOffsetMs } from '../../store/kma-time.ts';
import { SCHEMA_VERSION } from '../../store/schema.ts';
import { runtimeVersions, VERSION } from '../../version.ts';
import type { CallMeter } from './call-meter.ts';
import type { CallRecords } from './call-records.ts';
import type { Committer } from './committer.ts';
import type { Answered, CoreAnswer, CoreCall } from './core-call.ts';
import type { CoreParts } from './core-parts.ts';
import { isObjectAwaited, isRootReplaced, logFailure } from './failure.ts';
import type { QuorumStep } from './quorum-step.ts';
import type { RecentCalls } from './recent-calls.ts';
import { keptAnswerText } from './replayed-answers.ts';
import { lacksRoot } from './root-tools.ts';

interface Decided {
  readonly decision: Accepted<unknown>;
  readonly output: unknown;
}

interface Written {
  readonly answer: Answered;
  readonly effects: readonly Effect[];
  readonly facts: readonly Fact[];
}

/** What is to be committed, and what it rests on. */
type CommitStepOf = Pick<QuorumStep, 'operation' | 'quorum' | 'submitted'>;

/** What the core lends to it. */
export interface CommitSupport {
  readonly parts: CoreParts;
  readonly committer: Committer;
  readonly records: CallRecords;
  readonly security: SecurityTools;
  readonly admit: (operation: Operation, call: CoreCall) => Caller | Refusal;
  /** Operations under way now. */
  readonly load: () => number;
  readonly meter: CallMeter;
  readonly recent: RecentCalls;
}

export class CommitStep {
  readonly #support: CommitSupport;
  readonly #startedAtMs: number;
  #hlc: Hlc;
  /** The round in which a lock was decided. */
  #lockRound = -1;

  constructor(support: CommitSupport) {
    this.#support = support;
    this.#startedAtMs = support.parts.time.nowMs();
    this.#hlc = support.parts.store.lastStamp();
  }

  /** For what is decided now: a lock forgets the keys after its commit, and what comes behind it in the same one must not count on them. */
  get unlocked(): boolean {
    const { parts, committer } = this.#support;
    return parts.memory.unlocked && this.#lockRound !== committer.round;
  }

  async run(
    { operation, quorum, submitted }: CommitStepOf,
    input: unknown,
    call: CoreCall,
    prepared: unknown,
  ): Promise<CoreAnswer> {
    const { parts, committer, records } = this.#support;
    let caller: Caller | null = null;
    const committed = await committer.submit<Decided | Refusal, Written | Refusal>({
      decide: () => {
        const admitted = this.#support.admit(operation, call);
        if (isRefusal(admitted)) return admitted;
        caller = admitted;
        if (quorum !== null && !isJudgedByNow(parts, operation, quorum.keySplitId))
          return refuse('QUORUM_NOT_MET', 'the key split has changed meanwhile');
        const lost = lostUpdate(call, input, parts.store.state);
        if (lost !== null) return lost;
        return this.#decide(operation, input, this.context(call, admitted), prepared);
      },
      write: (decided) => {
        if (records.isStranger(call, caller) && changesNothing(decided))
          records.countStranger(operation, call, isRefusal(decided) ? decided : null);
        else records.write(operation, call, caller, isRefusal(decided) ? decided : decided.decision);
        if (isRefusal(decided)) return decided;
        const { executed, effects } = decided.decision;
        if (executed !== undefined)
          records.write(executed.operation, call, executed.caller, {
            facts: [],
            output: null,
            audit: executed.audit,
          });
        this.#write(operation, decided.decision);
        if (effects?.some(({ effect }) => effect === 'lock')) this.#lockRound = committer.round;
        const answer = answerOf(decided.output, submitted, operation, input, parts.store.state);
        if (call.keep !== undefined)
          parts.store.idempotency.put({
            ...call.keep,
            answeredAtMs: parts.time.nowMs(),
            answer: keptAnswerText(answer),
          });
        return { answer, effects: effects ?? [], facts: decided.decision.facts };
      },
      committed: (written) => {
        if (isRefusal(written)) return;
        for (const effect of written.effects) parts.effect(effect);
        if (written.facts.length > 0) parts.wrote(written.facts);
      },
    });
    return isRefusal(committed) ? committed : committed.answer;
  }

  /** Decides and makes the reply, which is held back until the commit is on disk: a reply that fails changes nothing. */
  #decide(
    operation: Operation,
    input: unknown,
    context: DecideContext,
    prepared: unknown,
  ): Decided | Refusal {
    if (operation.decide === undefined)
      return { decision: { facts: [], output: prepared }, output: prepared };
    const proposed = operation.decide(input, context, prepared);
    if (isRefusal(proposed)) return proposed;
    const odd = proposed.facts.length > 0 ? this.#support.parts.clock.odd() : null;
    const decision = odd === null ? proposed : underOddClock(operation, proposed, odd);
    if (isRefusal(decision)) return decision;
    const late = behind(context.state, decision.facts);
    if (late.length > 0) return notYet(late);
    if (operation.reply === undefined) return { decision, output: decision.output };
    try {
      const output = operation.reply(
        decision.output,
        { openObject: this.#support.security.openObject },
        prepared,
      );
      return isRefusal(output) ? output : { decision, output };
    } catch (error) {
      if (isObjectAwaited(error)) return refuse(error.code, error.detail);
      if (isRootReplaced(error)) return refuse('ROOT_KEY_MATERIAL_REPLACED');
      this.#support.parts.health.noteFailure(error);
      logFailure(error, `${operation.name} reply`);
      return refuse('MANAGER_INTERNAL', 'a sealed object is missing or damaged');
    }
  }

  /** Of an entry of another KMA that was folded: what is written here from now on comes after it. */
  observe(stamp: Stamp): void {
    const clock = stamp.slice(0, HLC_ZERO.length) as Hlc;
    if (clock > this.#hlc) this.#hlc = clock;
  }

  /** What an operation decides by. */
  context(call: CoreCall, caller: Caller): DecideContext {
    const { store, self, time, clock } = this.#support.parts;
    return {
      state: store.state,
      self,
      origin: call.origin,
      caller,
      nowMs: time.nowMs(),
      nextSeq: store.logLength(self.incarnationId) + 1,
      unlocked: this.unlocked,
      keySplits: () => splitSearch(this.#support.parts),
      autonomousUnlock: this.#support.parts.autonomousUnlock,
      performance: () => ({
        startedAtMs: this.#startedAtMs,
        ...this.#support.committer.statistics(),
        keysTakenPerHour: this.#support.parts.keysTakenPerHour(),
      }),
      measurements: () => this.#support.meter.report(),
      recentLoad: () => this.#support.recent.report(performance.now()),
      machine: () => ({
        machineLoad: loadavg()[0] ?? 0,
        processors: availableParallelism(),
        machineFreeBytes: freemem(),
      }),
      memory: () => ({ ...process.memoryUsage() }),
      software: () => ({ version: VERSION, schemaVersion: SCHEMA_VERSION, ...runtimeVersions() }),
      health: () => this.#support.parts.health.report(),
      auditBegin: ({ incarnationId, term }) => store.audit.chain(incarnationId, term)?.firstSeq ?? null,
      clock: () => ({
        machineMs: time.machineMs(),
        // As this transaction has it, which may have adjusted the time already.
        offsetMs: clockOffsetMs(store),
        adjustedAtMs: numberOf(store.getLocal(CLOCK_ADJUSTED_AT)),
        lastStampMs: clock.lastStampMs(),
        odd: clock.odd(),
      }),
      load: this.#support.load(),
      jobs: this.#support.parts.jobs,
      members: this.#support.parts.members,
      leftAlone: this.#support.parts.leftAlone,
      served: () => this.#support.parts.memory.served,
      lacksRoot: () => lacksRoot(store, this.#support.parts.memory),
      cluster: this.#support.parts.cluster,
      sessionOwner: (fingerprint) => this.#support.parts.sessions.owner(fingerprint, time.nowMs()),
      sessions: () => this.#support.parts.sessions.open(time.nowMs()),
      opensSealed: (fingerprint) => this.#support.parts.memory.sealingKeys.opens(fingerprint),
      platformSettings: () => readPlatformSettings((name) => store.getLocal(name)),
      webSetting: () => readWebSetting((name) => store.getLocal(name)),
      platformStates: () => this.#support.parts.platform.states(),
      random: (bytes) => randomBytes(bytes),
    };
  }

  #write(operation: Operation, decision: Accepted<unknown>): void {
    const { store, self, time } = this.#support.parts;
    for (const [name, value] of Object.entries(decision.local ?? {})) store.setLocal(name, value);
    if (decision.cutAudit !== undefined) {
      const { incarnationId, term, seq } = decision.cutAudit;
      store.cutAudit(incarnationId, term, seq);
    }
    if (decision.session !== undefined) store.userSessions.put(decision.session);
    for (const fingerprint of decision.endSessions ?? []) store.userSessions.end(fingerprint);
    for (const object of decision.objects ?? []) store.putObject(object);
    for (const id of decision.erase ?? []) store.eraseObject(id);
    if (decision.erase !== undefined && decision.erase.length > 0) this.#support.parts.erased();
    if (decision.facts.length === 0) return;
    this.#hlc = nextHlc(this.#hlc, time.nowMs());
    const stamp = stampOf(this.#hlc, self.incarnationId);
    store.appendEntry(self.incarnationId, { v: 1, stamp, operation: operation.name, facts: decision.facts });
    if (decision.facts.some(({ table }) => table === 'key_split')) this.#eraseReplacedSplits();
  }

  /** Those that were kept while the objects of the one before were missing. */
  #eraseReplacedSplits(): void {
    const { store, erased } = this.#support.parts;
    const replaced = replacedSplitObjects(store.state, (id) => store.hasObject(id));
    for (const id of replaced) store.eraseObject(id);
    if (replaced.length > 0) erased();
  }
}

/** Who changes what he has read must have read what there is; where people call over the network they have to say so. */
function lostUpdate(call: CoreCall, input: unknown, state: StateView): Refusal | null {
  const { ifMatch, claim, operation: name } = call;
  const operation = findOperation(name);
  if (operation?.entity === undefined)
    return ifMatch === undefined || ifMatch === '*'
      ? null
      : refuse('INVALID_PARAMETERS', 'no version is known of what this changes');
  if (ifMatch === undefined)
    return claim.claim === 'session' && operation.http?.method === 'PATCH'
      ? refuse('PRECONDITION_REQUIRED')
      : null;
  const version = operation.entity.version(state, input);
  return ifMatch === '*' || version === null || version === ifMatch ? null : refuse('PRECONDITION_FAILED');
}

function answerOf(
  output: unknown,
  submitted: boolean,
  { view, entity }: Operation,
  input: unknown,
  state: StateView,
): Answered {
  if (submitted) return { output, pending: submittedAnswer.parse(output).pendingId };
  const version = view === undefined ? (entity?.version(state, input) ?? null) : null;
  return version === null ? { output } : { output, version };
}

function notYet(late: readonly Reading[]): Refusal {
  const names = late.map(({ kma, version }) => `${kma.name ?? kma.id} reads version ${version}`);
  return refuse('NOT_YET_ALL_UPGRADED', `${names.join(', ')} of what stands in logs`);
}

function changesNothing(decided: Decided | Refusal): boolean {
  if (isRefusal(decided)) return true;
  return decided.decision.facts.length === 0 && decided.decision.session === undefined;
}

function numberOf(local: string | undefined): number | null {
  return local === undefined ? null : Number(local);
}
