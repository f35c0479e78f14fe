/** Counts passphrase proofs that failed, for each entity and source (D15): in memory only; just the transition to "disabled" becomes a fact. */

import type { ProofRole } from '@openkma/protocol';
import type { UserId } from '../../core/ids.ts';
import { byName } from '../../core/live.ts';
import {
  afterFailure,
  disablesProof,
  type ProofFailures,
  waitBeforeProofMs,
} from '../../core/proof-limit.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import { isLastUsableSecurityOfficer } from '../../core/security-officers.ts';
import { readSetting } from '../../core/settings.ts';
import { sourceOf } from '../../core/source.ts';
import type { Core } from './core.ts';

type Kind = ProofRole;

/** Names and addresses are the stranger's to invent, so each table is bounded; the oldest entry goes. */
const ENTRIES_MAX = 10_000;

export class ProofAttempts {
  readonly #core: Core;
  readonly #entities = new Map<string, ProofFailures>();
  readonly #sources = new Map<string, ProofFailures>();

  constructor(core: Core) {
    this.#core = core;
  }

  /** Before a proof is looked at: null to go on. Counts the attempt at once, so that guesses side by side are all counted. */
  begin(kind: Kind, name: string, address: string): Refusal | null {
    const nowMs = Date.now();
    const key = entityKey(kind, name, address);
    const entity = this.#entities.get(key);
    const source = address === '' ? undefined : this.#sources.get(sourceOf(address));
    const limit = this.#limit();
    const neverDisabled = this.#neverDisabled(kind, name);
    const waitMs = waitBeforeProofMs({ entity, source, limit, neverDisabled, nowMs });
    if (waitMs > 0)
      return refuse('SERVER_BUSY', `too many failed attempts: wait ${Math.ceil(waitMs / 1000)} s`);
    remember(this.#entities, key, afterFailure(entity, nowMs));
    if (address !== '') remember(this.#sources, sourceOf(address), afterFailure(source, nowMs));
    // Without waiting for the fact, which may be on its way behind a crowd of guesses, or refused while the clock is odd.
    if (entity !== undefined && disablesProof(entity, { limit, neverDisabled }))
      return refuse('AUTHENTICATION_FAILED');
    return null;
  }

  /** Gives the attempt back when it succeeded; otherwise disables the proof of an entity that has reached the limit. */
  async end(kind: Kind, name: string, address: string, succeeded: boolean): Promise<void> {
    if (succeeded) {
      this.forget(`${kind}:${name}`);
      this.#sources.delete(sourceOf(address));
      return;
    }
    const failures = this.#entities.get(entityKey(kind, name, address));
    if (failures === undefined) return;
    const row = byName(this.#core.parts.store.state, kind, name);
    if (row === undefined || row.proofDisabled === 1) return;
    if (disablesProof(failures, { limit: this.#limit(), neverDisabled: this.#neverDisabled(kind, name) }))
      await this.#core.callLocal('DisablePassphraseProof', { kind, name, failures: failures.count });
  }

  /** "kind:name" has proven its passphrase, or was given a new one. */
  forget(entity: string): void {
    this.#entities.delete(entity);
    this.#entities.delete(`${AT_APPLIANCE}${entity}`);
  }

  #limit(): number {
    return readSetting(this.#core.parts.store.state, 'loginAttemptLimit');
  }

  #neverDisabled(kind: Kind, name: string): boolean {
    if (kind !== 'user') return false;
    const { state } = this.#core.parts.store;
    const user = byName(state, 'user', name);
    return user !== undefined && isLastUsableSecurityOfficer(state, user.id as UserId);
  }
}

const AT_APPLIANCE = 'at the appliance ';

/** Strangers on the network do not slow down who sits at the appliance, least of all the last Security Officer. */
function entityKey(kind: Kind, name: string, address: string): string {
  return `${address === '' ? AT_APPLIANCE : ''}${kind}:${name}`;
}

function remember(table: Map<string, ProofFailures>, key: string, failures: ProofFailures): void {
  table.delete(key);
  table.set(key, failures);
  const oldest = table.size > ENTRIES_MAX ? table.keys().next().value : undefined;
  if (oldest !== undefined) table.delete(oldest);
}
