/** Runs operations through the four steps of D1: admit, prepare, decide, reply. It knows no operation by name and never parses a stranger's bytes. */
import { randomBytes } from 'node:crypto';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { Stamp } from '../../core/stamp.ts';
import { findOperation } from '../../operations/catalogue.ts';
import type { RestoreTools } from '../../operations/contexts.ts';
import { identify } from '../../operations/identify.ts';
import { needsSoundClock } from '../../operations/odd-clock.ts';
import type { Caller, Operation } from '../../operations/operation.ts';
import { outsideCluster } from '../../operations/outside-cluster.ts';
import { readPlatformSettings } from '../../platform-settings/index.ts';
import { wipeSecretsIn } from '../../security/secret-bytes.ts';
import { CallMeter, outcomeOf } from './call-meter.ts';
import { CallRecords } from './call-records.ts';
import { CommitStep } from './commit-step.ts';
import { Committer } from './committer.ts';
import { APPLIANCE, type CoreAnswer, type CoreCall } from './core-call.ts';
import type { CoreParts } from './core-parts.ts';
import { asRefusal } from './failure.ts';
import { LocalRefusals } from './local-refusals.ts';
import { type QuorumStep, quorumStep } from './quorum-step.ts';
import { RecentCalls } from './recent-calls.ts';
import { lacksRoot } from './root-tools.ts';
import { createSecurityTools } from './security-tools.ts';

/** For people, of long reading. */
const INSPECTING_TEXT = 'reading the store';

/** Takes back what was made ahead of a commit that did not come. */
type Undo = () => Promise<void>;

export class Core {
  readonly parts: CoreParts;
  readonly security;
  readonly committer: Committer;
  readonly records: CallRecords;
  readonly #commitStep: CommitStep;
  readonly #meter = new CallMeter();
  readonly #recent = new RecentCalls(performance.now());
  #running = 0;
  readonly #localRefusals = new LocalRefusals();

  constructor(parts: CoreParts) {
    this.parts = parts;
    this.security = createSecurityTools(parts);
    this.committer = new Committer(parts.store, parts.makeRoom);
    this.records = new CallRecords(parts, this.committer);
    this.#commitStep = new CommitStep({
      parts,
      committer: this.committer,
      records: this.records,
      security: this.security,
      admit: (operation, call) => this.#admit(operation, call),
      load: () => this.#running,
      meter: this.#meter,
      recent: this.#recent,
    });
  }

  /** What other KMAs wrote is earlier than what is written here next. */
  observe(stamp: Stamp): void {
    this.#commitStep.observe(stamp);
  }

  /** Operations under way now: what discovery reports as load. */
  get load(): number {
    return this.#running;
  }

  async call(call: CoreCall): Promise<CoreAnswer> {
    const operation = findOperation(call.operation);
    if (operation === undefined) return refuse('NOT_SUPPORTED', call.operation.slice(0, 64));
    const { held } = this.parts.firstWrites;
    if (held !== null && operation.answersAlways !== true) await held;
    // The error state is in the audit once; a stopped KMA does no more than say so.
    const stopped = this.parts.health.stopped ? this.parts.health.obstacle(operation) : null;
    if (stopped !== null) return stopped;
    this.#noteUse(call);
    const startedMs = performance.now();
    const answer = await this.#counted(operation, call);
    const nowMs = performance.now();
    const durationMs = nowMs - startedMs;
    const { origin } = call;
    this.#meter.note(origin.service, operation.name, answer, durationMs / 1000);
    this.#recent.note({ operation: operation.name, origin, outcome: outcomeOf(answer), durationMs }, nowMs);
    return answer;
  }

  #noteUse({ claim, unattended }: CoreCall): void {
    if (claim.claim !== 'session' || claim.keySha256 === null || unattended === true) return;
    const { sessions, time } = this.parts;
    sessions.use(claim.keySha256, time.nowMs());
  }

  async #counted(operation: Operation, call: CoreCall): Promise<CoreAnswer> {
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
    if (isRefusal(admitted)) return this.records.refusal(operation, call, null, admitted);
    if (!input.success) {
      const issue = input.error.issues[0];
      const detail = `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`;
      const code = call.claim.claim === 'network' ? 'AGENT_INVALID_PARAMETERS' : 'INVALID_PARAMETERS';
      return this.records.refusal(operation, call, admitted, refuse(code, detail));
    }
    try {
      const step = await quorumStep(operation, call, admitted, this.parts);
      if (isRefusal(step)) return await this.records.refusal(operation, call, admitted, step);
      return await this.#runStep(step, input.data, call, admitted);
    } finally {
      wipeSecretsIn(input.data);
    }
  }

  async #runStep(step: QuorumStep, input: unknown, call: CoreCall, admitted: Caller): Promise<CoreAnswer> {
    const { operation, quorum, filesCredentials, newCredentials } = step;
    const undo: Undo[] = [];
    let done = false;
    try {
      // Asked before the view, which may then be newer than its version says: a change is refused too often rather than lost.
      const seen =
        operation.view === undefined ? null : operation.entity?.version(this.parts.store.state, input);
      const prepared = await this.#prepare(step, input, call, admitted, undo);
      if (operation.answersAlways === true) return await this.#answerAlways(operation, input, call, prepared);
      if (isRefusal(prepared)) return await this.records.refusal(operation, call, admitted, prepared);
      const answer = await this.#commitStep.run(step, input, call, prepared);
      done = !isRefusal(answer);
      return isRefusal(answer) || seen == null ? answer : { ...answer, version: seen };
    } finally {
      // Files that no record tells of.
      if (!done) for (const work of undo) await work();
      quorum?.rootKeyMaterial?.wipe();
      for (const { passphrase } of [...filesCredentials, ...newCredentials]) passphrase.wipe();
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
        return await this.#commitStep.run({ operation, quorum: null, submitted: false }, input, call, found);
      } catch (error) {
        health.noteFailure(error);
      }
    }
    const decided = operation.decide?.(input, this.#commitStep.context(call, { kind: 'local' }), found);
    if (decided === undefined) throw new Error(`${operation.name} does not decide`);
    return isRefusal(decided) ? decided : { output: decided.output };
  }

  /** The cheap checks, made again inside the transaction: who, locked, clock. */
  #admit(operation: Operation, call: CoreCall): Caller | Refusal {
    const { store, time, clock, health, keys, restore, cluster } = this.parts;
    const caller = identify(store.state, operation, call.origin, call.claim, keys, time.nowMs());
    if (isRefusal(caller)) return caller;
    const fromNetwork = call.claim.claim === 'network';
    const obstacle = health.refusalOf(operation) ?? outsideCluster(operation, fromNetwork, cluster());
    if (obstacle !== null) return obstacle;
    if (restore.built && operation.whileGivingWay !== true) return refuse('RESTORE_IN_PROGRESS');
    if (operation.needsUnlocked && !this.#commitStep.unlocked)
      return refuse(fromNetwork ? 'AGENT_APPLIANCE_LOCKED' : 'APPLIANCE_LOCKED');
    const odd = needsSoundClock(operation) ? clock.odd() : null;
    return odd === null ? caller : refuse('CLOCK_ODD', odd);
  }

  async #prepare(
    { operation, quorum, filesCredentials, newCredentials }: QuorumStep,
    input: unknown,
    call: CoreCall,
    caller: Caller,
    undo: Undo[],
  ): Promise<unknown> {
    if (operation.view !== undefined) return this.parts.view(operation.name, call.input);
    if (operation.inspect !== undefined)
      return this.parts.inspect(operation.name, call.input, (done, total) =>
        call.progress?.(done, total, INSPECTING_TEXT),
      );
    if (operation.prepare === undefined) return undefined;
    const { store, self, memory, time } = this.parts;
    return operation.prepare(input, {
      state: store.state,
      self,
      origin: call.origin,
      caller,
      nowMs: time.nowMs(),
      unlocked: memory.unlocked,
      lacksRoot: () => lacksRoot(store, memory),
      members: this.parts.members,
      random: (bytes) => randomBytes(bytes),
      approvers: quorum?.names ?? [],
      newCredentials,
      filesCredentials,
      rootKeyMaterial: quorum?.rootKeyMaterial ?? null,
      quorumKeySplitId: quorum?.keySplitId ?? null,
      security: this.security,
      makeBackup: async (scheduled) => {
        const made = await this.parts.makeBackup(call.progress ?? (() => undefined), scheduled);
        if (!isRefusal(made)) undo.push(() => this.parts.discardBackup(made.backupId));
        return made;
      },
      isScheduledBackup: this.parts.isScheduledBackup,
      readBackupPiece: this.parts.readBackupPiece,
      others: this.parts.others(),
      platformSettings: () => readPlatformSettings((name) => store.getLocal(name)),
      platform: this.parts.platform,
      restore: this.#restoreTools(call, caller, undo),
    });
  }

  /** With the progress of this call, and who makes it. */
  #restoreTools({ progress, origin }: CoreCall, caller: Caller, undo: Undo[]): RestoreTools {
    const { restore } = this.parts;
    return {
      write: (part, offset, bytes) => restore.write(part, offset, bytes),
      files: () => restore.files(),
      run: async (sha256, credentials) => {
        const by = `by=${caller.kind === 'user' ? caller.name : caller.kind} from=${origin.address}`;
        const restored = await restore.run(sha256, credentials, by, (doing) => progress?.(0, 0, doing));
        if (!isRefusal(restored)) undo.push(() => restore.undo());
        return restored;
      },
    };
  }
}
