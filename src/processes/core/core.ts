/** Runs operations through the four steps of D1: admit, prepare, decide, reply. It knows no operation by name and never parses a stranger's bytes. */
import { randomBytes } from 'node:crypto';
import type { ProofRole } from '@openkma/protocol';
import { idFrom } from '../../core/ids.ts';
import { byName } from '../../core/live.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { type Hlc, nextHlc, stampOf } from '../../core/stamp.ts';
import { findOperation } from '../../operations/catalogue.ts';
import type {
  Accepted,
  AuditNote,
  Caller,
  Credential,
  DecideContext,
  Effect,
  MadeBackup,
  Operation,
  Origin,
  Self,
} from '../../operations/operation.ts';
import { type SecretBytes, wipeSecretsIn } from '../../security/secret-bytes.ts';
import type { MakeRoom, Store } from '../../store/store.ts';
import { auditRecord } from './audit-note.ts';
import type { ClockWatch } from './clock-watch.ts';
import { Committer } from './committer.ts';
import { noteErasures } from './erasures.ts';
import { asRefusal, logFailure } from './failure.ts';
import { asAuditError, type Health } from './health.ts';
import { type Claim, holderOf, identify } from './identify.ts';
import { LocalRefusals } from './local-refusals.ts';
import type { CoreMemory } from './memory.ts';
import { isCurrent, type OpenedQuorum, openQuorum } from './quorum.ts';
import { createSecurityTools } from './security-tools.ts';
import type { UserSessions } from './user-sessions.ts';

/** The origin of what nobody asked for. */
export const APPLIANCE: Origin = { service: 'local', address: '', localAddress: '', fingerprint: null };

export interface CoreCall {
  readonly operation: string;
  readonly input: unknown;
  readonly origin: Origin;
  readonly claim: Claim;
  /** The name a caller gives who has proven nothing yet; for the audit record. */
  readonly claimedName?: string;
  /** As what he gives that name; an agent where nothing is said. */
  readonly claimedRole?: ProofRole;
  readonly quorum?: readonly Credential[];
  /** Told of long work. */
  readonly progress?: (done: number, total: number, text: string) => void;
}
/** Works on the clock's own trouble, so the trouble does not stop it. */
const CLOCK_OPERATIONS = new Set(['AcceptClock']);

interface Decided {
  readonly decision: Accepted<unknown>;
  readonly output: unknown;
}
export type CoreAnswer = { readonly output: unknown } | Refusal;

/** What the core needs around it; each part has one job and one file. */
export interface CoreParts {
  readonly store: Store;
  /** For commits on a full disk. */
  readonly makeRoom: MakeRoom;
  readonly self: Self;
  readonly memory: CoreMemory;
  readonly clock: ClockWatch;
  readonly sessions: UserSessions;
  readonly health: Health;
  /** Runs an operation's `view` in the reader process. */
  readonly view: (operation: string, input: unknown) => Promise<unknown>;
  readonly autonomousUnlock: NonNullable<DecideContext['autonomousUnlock']>;
  /** Makes the files of a database backup. */
  readonly makeBackup: (progress: NonNullable<CoreCall['progress']>) => Promise<MadeBackup | Refusal>;
  /** Carries out effects after the commit. */
  readonly effect: (effect: Effect) => void;
  /** Callers who have proven nothing are counted together, not recorded one by one (D15). */
  readonly countServed: (service: string, operation: string, address: string) => void;
  readonly countRefused: (service: string, refusal: Refusal, address: string) => void;
}

export class Core {
  readonly parts: CoreParts;
  readonly security;
  readonly committer: Committer;
  readonly #startedAtMs = Date.now();
  #hlc: Hlc;
  #running = 0;
  readonly #localRefusals = new LocalRefusals();

  constructor(parts: CoreParts) {
    this.parts = parts;
    this.security = createSecurityTools(parts.store, parts.memory, () => Date.now());
    this.committer = new Committer(parts.store, parts.makeRoom);
    this.#hlc = parts.store.lastStamp();
  }

  /** Operations under way now: what discovery reports as load. */
  get load(): number {
    return this.#running;
  }

  async call(call: CoreCall): Promise<CoreAnswer> {
    const operation = findOperation(call.operation);
    if (operation === undefined) return refuse('NOT_SUPPORTED', call.operation.slice(0, 64));
    // The error state is in the audit once; a stopped KMA does no more than say so.
    const stopped = this.parts.health.stopped ? this.parts.health.obstacle(operation) : null;
    if (stopped !== null) return stopped;
    this.#running += 1;
    try {
      return await this.#run(operation, call);
    } catch (error) {
      this.parts.health.noteFailure(error);
      return asRefusal(error, operation.name);
    } finally {
      this.#running -= 1;
    }
  }

  /** An operation of the appliance itself. */
  async callLocal(operation: string, input: unknown): Promise<CoreAnswer> {
    const answer = await this.call({ operation, input, origin: APPLIANCE, claim: { claim: 'appliance' } });
    this.#localRefusals.note(operation, answer);
    return answer;
  }

  async #run(operation: Operation, call: CoreCall): Promise<CoreAnswer> {
    const input = operation.input.safeParse(call.input);
    const admitted = this.#admit(operation, call);
    if (isRefusal(admitted)) return this.#recordRefusal(operation, call, null, admitted);
    if (!input.success) {
      const issue = input.error.issues[0];
      const detail = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
      const code = call.claim.claim === 'network' ? 'AGENT_INVALID_PARAMETERS' : 'INVALID_PARAMETERS';
      return this.#recordRefusal(operation, call, admitted, refuse(code, detail));
    }
    const quorum = operation.quorum ? await openQuorum(this.parts.store, call.quorum ?? []) : null;
    if (isRefusal(quorum)) return this.#recordRefusal(operation, call, admitted, quorum);
    const root = quorum?.rootKeyMaterial ?? null;
    try {
      const prepared = await this.#prepare(operation, input.data, call, admitted, root);
      if (operation.answersAlways === true)
        return await this.#answerAlways(operation, input.data, call, prepared);
      if (isRefusal(prepared)) return await this.#recordRefusal(operation, call, admitted, prepared);
      return await this.#commit(operation, input.data, call, prepared, quorum);
    } finally {
      root?.wipe();
      wipeSecretsIn(input.data);
    }
  }

  /** Where it cannot be recorded it is answered all the same, with what is wrong; what cannot be read is null to it. */
  async #answerAlways(
    operation: Operation,
    input: unknown,
    call: CoreCall,
    prepared: unknown,
  ): Promise<CoreAnswer> {
    const found = isRefusal(prepared) ? null : prepared;
    const { health } = this.parts;
    if (!health.stopped) {
      try {
        return await this.#commit(operation, input, call, found, null);
      } catch (error) {
        health.noteFailure(error);
      }
    }
    const decided = operation.decide?.(input, this.#context(call, { kind: 'local' }), found);
    if (decided === undefined) throw new Error(`${operation.name} does not decide`);
    return isRefusal(decided) ? decided : { output: decided.output };
  }

  /** The cheap checks, made again inside the transaction: who, locked, clock. */
  #admit(operation: Operation, call: CoreCall): Caller | Refusal {
    const { store, memory, clock, health } = this.parts;
    const caller = identify(store.state, operation.callers, call.origin, call.claim);
    if (isRefusal(caller)) return caller;
    const obstacle = health.obstacle(operation);
    if (obstacle !== null) return obstacle;
    if (operation.needsUnlocked && !memory.unlocked)
      return refuse(call.claim.claim === 'network' ? 'AGENT_APPLIANCE_LOCKED' : 'APPLIANCE_LOCKED');
    const odd = operation.changes && !CLOCK_OPERATIONS.has(operation.name) ? clock.odd() : null;
    return odd === null ? caller : refuse('CLOCK_ODD', odd);
  }

  async #prepare(
    operation: Operation,
    input: unknown,
    call: CoreCall,
    caller: Caller,
    rootKeyMaterial: SecretBytes | null,
  ): Promise<unknown> {
    if (operation.view !== undefined) return this.parts.view(operation.name, call.input);
    if (operation.prepare === undefined) return undefined;
    const { store, self, memory } = this.parts;
    return operation.prepare(input, {
      state: store.state,
      self,
      origin: call.origin,
      caller,
      nowMs: Date.now(),
      unlocked: memory.unlocked,
      random: (bytes) => randomBytes(bytes),
      rootKeyMaterial,
      security: this.security,
      makeBackup: () => this.parts.makeBackup(call.progress ?? (() => undefined)),
    });
  }

  async #commit(
    operation: Operation,
    input: unknown,
    call: CoreCall,
    prepared: unknown,
    quorum: OpenedQuorum | null,
  ): Promise<CoreAnswer> {
    let caller: Caller | null = null;
    const committed = await this.committer.submit<Decided | Refusal, Decided | Refusal>({
      decide: () => {
        const admitted = this.#admit(operation, call);
        if (isRefusal(admitted)) return admitted;
        caller = admitted;
        if (quorum !== null && !isCurrent(this.parts.store, quorum))
          return refuse('QUORUM_NOT_MET', 'the key split has changed meanwhile');
        return this.#decide(operation, input, this.#context(call, admitted), prepared);
      },
      write: (decided) => {
        if (this.#isStranger(call, caller) && changesNothing(decided))
          this.#countStranger(operation, call, decided);
        else this.#audit(operation, call, caller, isRefusal(decided) ? decided : decided.decision);
        if (!isRefusal(decided)) this.#write(operation, decided.decision);
        return decided;
      },
      committed: (decided) => {
        if (isRefusal(decided)) return;
        for (const effect of decided.decision.effects ?? []) this.parts.effect(effect);
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
    const odd = proposed.facts.length > 0 ? this.parts.clock.odd() : null;
    if (odd !== null && proposed.factsOptional !== true && !CLOCK_OPERATIONS.has(operation.name))
      return refuse('CLOCK_ODD', odd);
    const decision = odd !== null && proposed.factsOptional === true ? { ...proposed, facts: [] } : proposed;
    if (operation.reply === undefined) return { decision, output: decision.output };
    try {
      const output = operation.reply(decision.output, { openObject: this.security.openObject }, prepared);
      return isRefusal(output) ? output : { decision, output };
    } catch (error) {
      this.parts.health.noteFailure(error);
      logFailure(error, `${operation.name} reply`);
      return refuse('MANAGER_INTERNAL', 'a sealed object is missing or damaged');
    }
  }

  #context(call: CoreCall, caller: Caller): DecideContext {
    const { store, self, memory } = this.parts;
    return {
      state: store.state,
      self,
      origin: call.origin,
      caller,
      nowMs: Date.now(),
      nextSeq: store.logLength(self.incarnationId) + 1,
      unlocked: memory.unlocked,
      autonomousUnlock: this.parts.autonomousUnlock,
      performance: () => ({ startedAtMs: this.#startedAtMs, ...this.committer.statistics() }),
      health: () => this.parts.health.report(),
      load: this.#running,
      sessionOwner: (fingerprint) => this.parts.sessions.owner(fingerprint, Date.now()),
      random: (bytes) => randomBytes(bytes),
    };
  }

  #write(operation: Operation, decision: Accepted<unknown>): void {
    const { store, self } = this.parts;
    for (const [name, value] of Object.entries(decision.local ?? {})) store.setLocal(name, value);
    if (decision.cutAudit !== undefined) {
      const { incarnationId, term, seq } = decision.cutAudit;
      store.cutAudit(incarnationId, term, seq);
    }
    if (decision.session !== undefined) store.userSessions.put(decision.session);
    for (const object of decision.objects ?? []) store.putObject(object);
    for (const id of decision.erase ?? []) store.eraseObject(id);
    if (decision.erase !== undefined && decision.erase.length > 0) noteErasures(store, decision.erase);
    if (decision.facts.length === 0) return;
    this.#hlc = nextHlc(this.#hlc, Date.now());
    const stamp = stampOf(this.#hlc, self.incarnationId);
    store.appendEntry(self.incarnationId, { v: 1, stamp, operation: operation.name, facts: decision.facts });
  }

  #audit(
    operation: Operation,
    call: CoreCall,
    caller: Caller | null,
    result: Refusal | Accepted<unknown>,
  ): void {
    const { store, self } = this.parts;
    const record = auditRecord({
      id: idFrom(randomBytes(16)),
      nowMs: Date.now(),
      operation,
      self,
      origin: call.origin,
      caller,
      claimedName: call.claimedName ?? holderOf(store.state, call.origin) ?? '',
      result,
    });
    try {
      store.appendAudit(self.incarnationId, record);
    } catch (error) {
      throw asAuditError(error);
    }
  }

  async #recordRefusal(
    operation: Operation,
    call: CoreCall,
    caller: Caller | null,
    refusal: Refusal,
  ): Promise<Refusal> {
    if (this.#isStranger(call, caller)) this.#count(call, refusal);
    else
      await this.committer.submit({
        decide: () => refusal,
        write: (r) => this.#audit(operation, call, caller, r),
      });
    return refusal;
  }

  /** A record of what happened to the KMA itself, when no operation may run any more. */
  async recordTrouble(operation: Operation, note: AuditNote): Promise<void> {
    const call: CoreCall = {
      operation: operation.name,
      input: null,
      origin: APPLIANCE,
      claim: { claim: 'appliance' },
    };
    const result = { facts: [], output: null, audit: note };
    await this.committer.submit({
      decide: () => result,
      write: () => this.#audit(operation, call, { kind: 'local' }, result),
    });
  }

  /** Who holds a certificate we issued is no stranger, even when he is refused: his refusals have records that name him. */
  #isStranger(call: CoreCall, caller: Caller | null): boolean {
    if (call.claim.claim !== 'network') return false;
    return caller === null
      ? holderOf(this.parts.store.state, call.origin) === null
      : caller.kind === 'stranger';
  }

  /** A record and an fsync for each question of a stranger would let him fill the log. */
  #countStranger(operation: Operation, call: CoreCall, decided: Decided | Refusal): void {
    if (isRefusal(decided)) this.#count(call, decided);
    else this.parts.countServed(call.origin.service, operation.name, call.origin.address);
  }

  /** The reason is kept for entities that exist; names a stranger invents are not collected. */
  #count(call: CoreCall, refusal: Refusal): void {
    const { store, countRefused } = this.parts;
    const known =
      call.claimedName !== undefined &&
      byName(store.state, call.claimedRole ?? 'agent', call.claimedName) !== undefined;
    countRefused(call.origin.service, known ? refusal : refuse(refusal.refused), call.origin.address);
  }

  /** Records a refusal that came before the operation ran: a user who could not be proven. */
  async recordRefusedCall(operation: Operation, claimedName: string, refusal: Refusal): Promise<void> {
    const call: CoreCall = {
      operation: operation.name,
      input: null,
      origin: APPLIANCE,
      claim: { claim: 'appliance' },
      claimedName,
    };
    await this.#recordRefusal(operation, call, null, refusal);
  }
}

function changesNothing(decided: Decided | Refusal): boolean {
  if (isRefusal(decided)) return true;
  return decided.decision.facts.length === 0 && decided.decision.session === undefined;
}
