/** Counts passphrase proofs that failed, for each entity and source (D15): in memory, and once a minute in local rows; just the transition to "disabled" becomes a fact. */

import { PROOF_ROLES, type ProofRole } from '@openkma/protocol';
import type { UserId } from '../../core/ids.ts';
import { byName } from '../../core/live.ts';
import { disablesProof, isForgotten, waitBeforeProofMs } from '../../core/proof-limit.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import { isLastUsableSecurityOfficer } from '../../core/security-officers.ts';
import { readSetting } from '../../core/settings.ts';
import { sourceOf } from '../../core/source.ts';
import type { StoredFailures } from '../../store/proof-failure-table.ts';
import type { Store } from '../../store/store.ts';
import { logFailure } from './failure.ts';
import { FailureTable } from './failure-table.ts';

/** Where a proof comes from that came over no network. No address reads like it, least of all an empty one. */
export const AT_APPLIANCE = Symbol('at the appliance');

export interface Prover {
  readonly kind: ProofRole;
  readonly name: string;
  /** An address, or the local socket. */
  readonly source: string | typeof AT_APPLIANCE;
}

/** "unseen": refused before any proof was looked at, so that nothing was guessed and nothing proven. */
export type ProofOutcome = 'proven' | 'failed' | 'unseen';

export interface StartedProof {
  end(outcome: ProofOutcome): void;
}

export interface ProofToDisable {
  readonly kind: ProofRole;
  readonly name: string;
  readonly failures: number;
}

/** Of names that exist and of names and addresses that strangers invent: the second never push out the first. */
const EXISTING_MAX = 100_000;
const INVENTED_MAX = 10_000;

export class ProofAttempts {
  readonly #store: Pick<Store, 'state' | 'proofFailures' | 'transaction'>;
  readonly #disable: (proof: ProofToDisable) => void;
  readonly #existing = new FailureTable(EXISTING_MAX);
  readonly #invented = new FailureTable(INVENTED_MAX);
  readonly #sources = new FailureTable(INVENTED_MAX);

  /** `disable` is waited for by nobody: how long it takes must not tell who exists. */
  constructor(
    store: Pick<Store, 'state' | 'proofFailures' | 'transaction'>,
    disable: (proof: ProofToDisable) => void,
  ) {
    this.#store = store;
    this.#disable = disable;
    for (const { entity, atAppliance, ...failures } of keptFailures(store))
      this.#existing.restore(`${atAppliance ? LOCALLY : ''}${entity}`, failures);
  }

  /** Writes the counts of those who exist down, for lists and for the next start. */
  write(): void {
    const known = [...this.#existing.all()].flatMap(([key, failures]): StoredFailures[] => {
      const atAppliance = key.startsWith(LOCALLY);
      const entity = atAppliance ? key.slice(LOCALLY.length) : key;
      return this.#exists(entity) ? [{ entity, atAppliance, ...failures }] : [];
    });
    this.#store.transaction(() => this.#store.proofFailures.become(known));
  }

  #exists(entity: string): boolean {
    const [kind = '', ...name] = entity.split(':');
    return isRole(kind) && byName(this.#store.state, kind, name.join(':')) !== undefined;
  }

  /** Before a proof is looked at. Counts the attempt at once, so that guesses side by side are all counted. */
  begin(prover: Prover, nowMs: number): Refusal | StartedProof {
    const { kind, name } = prover;
    const row = byName(this.#store.state, kind, name);
    const names = row === undefined ? this.#invented : this.#existing;
    const source = prover.source === AT_APPLIANCE ? null : sourceOf(prover.source);
    const limit = this.#limit();
    const neverDisabled = this.#neverDisabled(kind, row?.id);
    const entity = names.get(keyOf(prover));
    const waitMs = waitBeforeProofMs({
      entity,
      source: source === null ? undefined : this.#sources.get(source),
      limit,
      // Over the network every user waits as the last Security Officer does: otherwise waiting would tell who that is.
      slowed: neverDisabled || (kind === 'user' && source !== null),
      nowMs,
    });
    if (waitMs > 0)
      return refuse('SERVER_BUSY', `too many failed attempts: wait ${Math.ceil(waitMs / 1000)} s`);
    const taken = [names.count(keyOf(prover), nowMs)];
    if (source !== null) taken.push(this.#countSource(source, nowMs));
    // The fact may be on its way behind a crowd of guesses, or refused while the clock is odd; once it is there it is found with everybody's work.
    const pending = row !== undefined && row.proofDisabled !== 1;
    if (pending && entity !== undefined && disablesProof(entity, { limit, neverDisabled }))
      return refuse('AUTHENTICATION_FAILED');
    return { end: (outcome) => this.#end(prover, outcome, taken) };
  }

  #end(prover: Prover, outcome: ProofOutcome, taken: readonly (() => void)[]): void {
    const { kind, name } = prover;
    if (outcome === 'failed') return this.#disableWhenDue(prover);
    for (const takeBack of taken) takeBack();
    if (outcome === 'proven') this.forget(`${kind}:${name}`);
  }

  #disableWhenDue(prover: Prover): void {
    const { kind, name } = prover;
    const failures = this.#existing.get(keyOf(prover));
    const row = byName(this.#store.state, kind, name);
    if (failures === undefined || row === undefined || row.proofDisabled === 1) return;
    if (disablesProof(failures, { limit: this.#limit(), neverDisabled: this.#neverDisabled(kind, row.id) }))
      this.#disable({ kind, name, failures: failures.count });
  }

  /** "kind:name" has proven its passphrase, or was given a new one. */
  forget(entity: string): void {
    for (const names of [this.#existing, this.#invented])
      for (const key of [entity, `${LOCALLY}${entity}`]) names.forget(key);
  }

  #countSource(source: string, nowMs: number): () => void {
    if (isForgotten(this.#sources.get(source), nowMs)) this.#sources.forget(source);
    return this.#sources.count(source, nowMs);
  }

  #limit(): number {
    return readSetting(this.#store.state, 'loginAttemptLimit');
  }

  /** Asked alike for names that nobody has. */
  #neverDisabled(kind: ProofRole, id: string | undefined): boolean {
    return kind === 'user' && isLastUsableSecurityOfficer(this.#store.state, (id ?? '') as UserId);
  }
}

/**
 * Without users' failures over the network: users who exist would wait on after a restart and invented ones would not, which tells
 * them apart. A damaged store must not keep a KMA from starting: what it has can still be retrieved.
 */
function keptFailures(store: Pick<Store, 'proofFailures'>): readonly StoredFailures[] {
  try {
    return store.proofFailures
      .all()
      .filter(({ entity, atAppliance }) => atAppliance || !entity.startsWith('user:'));
  } catch (error) {
    logFailure(error, 'failed proofs of before');
    return [];
  }
}

function isRole(text: string): text is ProofRole {
  return PROOF_ROLES.some((role) => role === text);
}

const LOCALLY = 'at the appliance ';

/** Strangers on the network do not slow down who sits at the appliance, least of all the last Security Officer. */
function keyOf({ kind, name, source }: Prover): string {
  return `${source === AT_APPLIANCE ? LOCALLY : ''}${kind}:${name}`;
}
