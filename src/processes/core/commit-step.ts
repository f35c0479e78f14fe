/** One operation inside its transaction: admitted again, decided, answered, written down and committed with its audit record. It prepares nothing. */
import { randomBytes } from 'node:crypto';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { type Hlc, nextHlc, stampOf } from '../../core/stamp.ts';
import type { DecideContext, SecurityTools } from '../../operations/contexts.ts';
import type { Accepted, Caller, Operation } from '../../operations/operation.ts';
import type { CallRecords } from './call-records.ts';
import { CLOCK_OPERATIONS } from './clock-watch.ts';
import type { Committer } from './committer.ts';
import type { CoreAnswer, CoreCall } from './core-call.ts';
import type { CoreParts } from './core-parts.ts';
import { logFailure } from './failure.ts';
import { isCurrent, type JudgedQuorum } from './quorum.ts';

interface Decided {
  readonly decision: Accepted<unknown>;
  readonly output: unknown;
}

/** What the core lends to it. */
export interface CommitSupport {
  readonly parts: CoreParts;
  readonly committer: Committer;
  readonly records: CallRecords;
  readonly security: SecurityTools;
  readonly admit: (operation: Operation, call: CoreCall) => Caller | Refusal;
  /** Operations under way now. */
  readonly load: () => number;
}

export class CommitStep {
  readonly #support: CommitSupport;
  readonly #startedAtMs = Date.now();
  #hlc: Hlc;

  constructor(support: CommitSupport) {
    this.#support = support;
    this.#hlc = support.parts.store.lastStamp();
  }

  async run(
    operation: Operation,
    input: unknown,
    call: CoreCall,
    prepared: unknown,
    quorum: JudgedQuorum | null,
  ): Promise<CoreAnswer> {
    const { parts, committer, records } = this.#support;
    let caller: Caller | null = null;
    const committed = await committer.submit<Decided | Refusal, Decided | Refusal>({
      decide: () => {
        const admitted = this.#support.admit(operation, call);
        if (isRefusal(admitted)) return admitted;
        caller = admitted;
        if (quorum !== null && !isCurrent(parts.store, quorum))
          return refuse('QUORUM_NOT_MET', 'the key split has changed meanwhile');
        return this.#decide(operation, input, this.context(call, admitted), prepared);
      },
      write: (decided) => {
        if (records.isStranger(call, caller) && changesNothing(decided))
          records.countStranger(operation, call, isRefusal(decided) ? decided : null);
        else records.write(operation, call, caller, isRefusal(decided) ? decided : decided.decision);
        if (!isRefusal(decided)) {
          const { executed } = decided.decision;
          if (executed !== undefined)
            records.write(executed.operation, call, executed.caller, {
              facts: [],
              output: null,
              audit: executed.audit,
            });
          this.#write(operation, decided.decision);
        }
        return decided;
      },
      committed: (decided) => {
        if (isRefusal(decided)) return;
        for (const effect of decided.decision.effects ?? []) parts.effect(effect);
      },
    });
    return isRefusal(committed) ? committed : { output: committed.output };
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
    if (odd !== null && proposed.factsOptional !== true && !CLOCK_OPERATIONS.has(operation.name))
      return refuse('CLOCK_ODD', odd);
    const decision = odd !== null && proposed.factsOptional === true ? { ...proposed, facts: [] } : proposed;
    if (operation.reply === undefined) return { decision, output: decision.output };
    try {
      const output = operation.reply(
        decision.output,
        { openObject: this.#support.security.openObject },
        prepared,
      );
      return isRefusal(output) ? output : { decision, output };
    } catch (error) {
      this.#support.parts.health.noteFailure(error);
      logFailure(error, `${operation.name} reply`);
      return refuse('MANAGER_INTERNAL', 'a sealed object is missing or damaged');
    }
  }

  /** What an operation decides by. */
  context(call: CoreCall, caller: Caller): DecideContext {
    const { store, self, memory } = this.#support.parts;
    return {
      state: store.state,
      self,
      origin: call.origin,
      caller,
      nowMs: Date.now(),
      nextSeq: store.logLength(self.incarnationId) + 1,
      unlocked: memory.unlocked,
      autonomousUnlock: this.#support.parts.autonomousUnlock,
      performance: () => ({ startedAtMs: this.#startedAtMs, ...this.#support.committer.statistics() }),
      health: () => this.#support.parts.health.report(),
      load: this.#support.load(),
      sessionOwner: (fingerprint) => this.#support.parts.sessions.owner(fingerprint, Date.now()),
      random: (bytes) => randomBytes(bytes),
    };
  }

  #write(operation: Operation, decision: Accepted<unknown>): void {
    const { store, self } = this.#support.parts;
    for (const [name, value] of Object.entries(decision.local ?? {})) store.setLocal(name, value);
    if (decision.cutAudit !== undefined) {
      const { incarnationId, term, seq } = decision.cutAudit;
      store.cutAudit(incarnationId, term, seq);
    }
    if (decision.session !== undefined) store.userSessions.put(decision.session);
    for (const object of decision.objects ?? []) store.putObject(object);
    for (const id of decision.erase ?? []) store.eraseObject(id);
    if (decision.erase !== undefined && decision.erase.length > 0)
      this.#support.parts.noteErasures(decision.erase);
    if (decision.facts.length === 0) return;
    this.#hlc = nextHlc(this.#hlc, Date.now());
    const stamp = stampOf(this.#hlc, self.incarnationId);
    store.appendEntry(self.incarnationId, { v: 1, stamp, operation: operation.name, facts: decision.facts });
  }
}

function changesNothing(decided: Decided | Refusal): boolean {
  if (isRefusal(decided)) return true;
  return decided.decision.facts.length === 0 && decided.decision.session === undefined;
}
