/** Who did what and what became of it: audit records of calls, and the counting of strangers, who get none (D15). It decides nothing. */
import { randomBytes } from 'node:crypto';
import { idFrom } from '../../core/ids.ts';
import { byName } from '../../core/live.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { AuditNote } from '../../operations/audit-record.ts';
import { holderOf } from '../../operations/identify.ts';
import type { Accepted, Caller, Operation } from '../../operations/operation.ts';
import { success } from '../../operations/success.ts';
import { auditRecord } from './audit-note.ts';
import type { Committer } from './committer.ts';
import { APPLIANCE, type CoreCall } from './core-call.ts';
import type { CoreParts } from './core-parts.ts';
import { asAuditError } from './health.ts';
import { RepeatedReads } from './repeated-reads.ts';

export class CallRecords {
  readonly #parts: CoreParts;
  readonly #committer: Committer;
  readonly #reads = new RepeatedReads();

  constructor(parts: CoreParts, committer: Committer) {
    this.#parts = parts;
    this.#committer = committer;
  }

  /** Inside the transaction of what it tells. */
  write(
    operation: Pick<Operation, 'name' | 'audit' | 'recordedOnceAMinute' | 'http'>,
    call: CoreCall,
    caller: Caller | null,
    given: Refusal | Accepted<unknown>,
  ): void {
    const { store, self } = this.#parts;
    const result = isAskedOften(operation, call) ? this.#seldom(operation.name, caller, given) : given;
    if (result === null) return;
    const record = auditRecord({
      id: idFrom(randomBytes(16)),
      nowMs: this.#parts.time.nowMs(),
      operation,
      self,
      origin: call.origin,
      caller,
      claimedName: call.claimedName ?? this.#knownName(call) ?? '',
      result,
    });
    try {
      store.appendAudit(self.incarnationId, record);
    } catch (error) {
      throw asAuditError(error);
    }
  }

  /** Null where the record of a moment ago speaks for this one too. */
  #seldom(
    operation: string,
    caller: Caller | null,
    result: Refusal | Accepted<unknown>,
  ): Refusal | Accepted<unknown> | null {
    if (isRefusal(result) || caller?.kind !== 'user') return result;
    const what = result.audit?.message ?? '';
    const leftOut = this.#reads.note(caller.id, `${operation} ${what}`, this.#parts.time.nowMs());
    return leftOut === null
      ? null
      : { ...result, audit: success(`${what} without-record=${leftOut}`.trim()) };
  }

  /** A refusal before the transaction. */
  async refusal(
    operation: Operation,
    call: CoreCall,
    caller: Caller | null,
    refusal: Refusal,
  ): Promise<Refusal> {
    if (this.isStranger(call, caller)) this.#count(call, refusal);
    else
      await this.#committer.submit({
        decide: () => refusal,
        write: (r) => this.write(operation, call, caller, r),
      });
    return refusal;
  }

  /** A record of what happened to the KMA itself, when no operation may run any more. */
  async trouble(operation: Operation, note: AuditNote): Promise<void> {
    const call: CoreCall = {
      operation: operation.name,
      input: null,
      origin: APPLIANCE,
      claim: { claim: 'appliance' },
    };
    const result = { facts: [], output: null, audit: note };
    await this.#committer.submit({
      decide: () => result,
      write: () => this.write(operation, call, { kind: 'local' }, result),
    });
  }

  /** Who holds a certificate we issued, or is logged in, is no stranger, even when he is refused: his refusals have records that name him. */
  isStranger(call: CoreCall, caller: Caller | null): boolean {
    const { claim } = call.claim;
    if (claim !== 'network' && claim !== 'session') return false;
    return caller === null ? this.#knownName(call) === null : caller.kind === 'stranger';
  }

  /** Of who calls with a certificate we issued or with the key of a log-in, whatever he is refused. */
  #knownName({ claim, origin }: CoreCall): string | null {
    if (claim.claim !== 'session') return holderOf(this.#parts.store.state, origin);
    const known =
      claim.keySha256 === null ? null : this.#parts.keys.find(claim.keySha256, this.#parts.time.nowMs());
    return known?.user.name ?? null;
  }

  /** A record and an fsync for each question of a stranger would let him fill the log. */
  countStranger(operation: Operation, call: CoreCall, refusal: Refusal | null): void {
    if (refusal !== null) this.#count(call, refusal);
    else this.#parts.countServed(call.origin.service, operation.name, call.origin.address);
  }

  /** The reason is kept for entities that exist; names a stranger invents are not collected. */
  #count(call: CoreCall, refusal: Refusal): void {
    const { store, countRefused } = this.#parts;
    const known =
      call.claimedName !== undefined &&
      byName(store.state, call.claimedRole ?? 'agent', call.claimedName) !== undefined;
    countRefused(call.origin.service, known ? refusal : refuse(refusal.refused), call.origin.address);
  }

  /** Records a refusal that came before the operation ran: a user who could not be proven. */
  async refusedCall(operation: Operation, claimedName: string, refusal: Refusal): Promise<void> {
    const call: CoreCall = {
      operation: operation.name,
      input: null,
      origin: APPLIANCE,
      claim: { claim: 'appliance' },
      claimedName,
    };
    await this.refusal(operation, call, null, refusal);
  }
}

/** By a program, or by a page that shows how things are: what only looks. */
function isAskedOften(
  { recordedOnceAMinute, http }: Pick<Operation, 'recordedOnceAMinute' | 'http'>,
  { unattended }: Pick<CoreCall, 'unattended'>,
): boolean {
  return recordedOnceAMinute === true || (unattended === true && http?.method === 'GET');
}
