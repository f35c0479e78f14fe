/** The state of a key with everything it depends on looked up in the tables: policy, backups, erasures. It writes nothing. */
import { keptBackups, mayBeInBackup } from './backup-holding.ts';
import { keyGroupOf } from './key-group.ts';
import { type KeyPeriods, type KeyState, keyState } from './key-state.ts';
import { readyThroughSeq } from './readiness.ts';
import type { StateView } from './state.ts';
import type { Row } from './tables.ts';
import { unheardLives } from './unheard-lives.ts';

/** What may have a destroyed key beside lives that go on: looked up once for questions about many keys. */
export interface OtherHolders {
  readonly backups: readonly Row<'backup'>[];
  readonly unheard: ReadonlySet<string>;
}

export function otherHolders(state: StateView): OtherHolders {
  return { backups: keptBackups(state), unheard: unheardLives(state) };
}

export function stateOfKey(
  state: StateView,
  key: Row<'key'>,
  nowMs: number,
  others?: OtherHolders,
): KeyState {
  const copies = {
    ready: key.activatedStamp === null && key.destroyedStamp === null && isReady(state, key),
    erasedEverywhere: key.destroyedStamp !== null && isErasedEverywhere(state, key, others),
  };
  return keyState(key, periodsOfKey(state, key), copies, nowMs);
}

/**
 * For keys that were handed out, one after the other: neither Ready nor the end of their erasure is asked for, and each
 * group's periods are looked up once.
 */
export function statesOfIssuedKeys(state: StateView, nowMs: number): (key: Row<'key'>) => KeyState {
  const known = new Map<string, KeyPeriods | null>();
  return (key) => {
    const groupId = keyGroupOf(key) ?? '';
    const periods = known.get(groupId) ?? periodsOfGroup(state, groupId);
    known.set(groupId, periods);
    return keyState(key, periods, { ready: false, erasedEverywhere: false }, nowMs);
  };
}

function periodsOfKey(state: StateView, key: Row<'key'>): KeyPeriods | null {
  const groupId = keyGroupOf(key);
  return groupId === null ? null : periodsOfGroup(state, groupId);
}

/** A removed group or policy keeps its periods: the keys made under it live on. */
export function periodsOfGroup(state: StateView, keyGroupId: string): KeyPeriods | null {
  const policyId = state.get('key_group', keyGroupId)?.keyPolicyId ?? null;
  const policy = policyId === null ? undefined : state.get('key_policy', policyId);
  if (policy == null || policy.encryptionPeriodSeconds === null || policy.cryptoperiodSeconds === null)
    return null;
  return {
    encryptionPeriodSeconds: policy.encryptionPeriodSeconds,
    cryptoperiodSeconds: policy.cryptoperiodSeconds,
  };
}

function isReady(state: StateView, key: Row<'key'>): boolean {
  if (key.incarnationId === null || key.madeSeq === null) return false;
  return key.madeSeq <= readyThroughSeq(state, key.incarnationId);
}

/** More KMAs than a cluster has had in its life. */
const INCARNATIONS_MAX = 10_000;

/** No backup can hold the key, which is asked first since it takes less, and every life that goes on has confirmed the erasure (D14). */
function isErasedEverywhere(state: StateView, key: Row<'key'>, others: OtherHolders | undefined): boolean {
  return (
    !mayBeInBackup(state, key, others?.backups) && livesHolding(state, key, others?.unheard).length === 0
  );
}

/** Lives that have not confirmed that the key's sealed object is in none of their files any more, and go on, or are not heard out. */
export function livesHolding(
  state: StateView,
  key: Row<'key'>,
  unheard = unheardLives(state),
): readonly Row<'incarnation'>[] {
  const confirmed = (incarnationId: string) =>
    state.get('object_erasure', `${key.objectId}:${incarnationId}`)?.createdStamp != null;
  return state
    .page('incarnation', '', INCARNATIONS_MAX)
    .filter(
      (life) => (life.endedStamp === null || unheard.has(life.id)) && isKnown(life) && !confirmed(life.id),
    );
}

/** One that was admitted got a copy of everything, whether it has begun or not. */
function isKnown({ createdStamp, admittedStamp }: Row<'incarnation'>): boolean {
  return createdStamp !== null || admittedStamp !== null;
}
