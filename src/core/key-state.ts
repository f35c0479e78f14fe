/** The state of a key as one pure function of what happened to it, its policy's periods, its backups and now (D2); it is never stored. */
import type { Row } from './tables.ts';

/** In the order of the wire's ordinals (protocol 6.1). */
export const KEY_STATES = [
  'GENERATED',
  'READY',
  'PROTECT_AND_PROCESS',
  'PROCESS_ONLY',
  'DEACTIVATED',
  'COMPROMISED',
  'DESTROYED_INCOMPLETE',
  'DESTROYED_COMPLETE',
  'DESTROYED_COMPROMISED_INCOMPLETE',
  'DESTROYED_COMPROMISED_COMPLETE',
] as const;
export type KeyState = (typeof KEY_STATES)[number];

/** What happened to a key. */
export type KeyEvents = Pick<
  Row<'key'>,
  'activatedStamp' | 'activatedAt' | 'processOnly' | 'revokedStamp' | 'compromisedStamp' | 'destroyedStamp'
>;

/** Both run from the activation (product reference 3.1). */
export interface KeyPeriods {
  readonly encryptionPeriodSeconds: number;
  readonly cryptoperiodSeconds: number;
}

/** What others hold of the key; only the states before activation and after destruction ask for it. */
export interface KeyCopies {
  /** Held by a second place, so that it may be handed out (D4). */
  readonly ready: boolean;
  /** After destruction: no member and no backup can hold it any more. */
  readonly erasedEverywhere: boolean;
}

/**
 * `periods` null: the policy is not known here (yet). Such a key still decrypts, and is not used for encryption, because
 * its encryption period may be over.
 */
export function keyState(
  key: KeyEvents,
  periods: KeyPeriods | null,
  copies: KeyCopies,
  nowMs: number,
): KeyState {
  const compromised = key.compromisedStamp !== null;
  if (key.destroyedStamp !== null)
    return `DESTROYED_${compromised ? 'COMPROMISED_' : ''}${copies.erasedEverywhere ? 'COMPLETE' : 'INCOMPLETE'}`;
  if (compromised) return 'COMPROMISED';
  if (key.revokedStamp !== null) return 'DEACTIVATED';
  if (key.activatedStamp === null) return copies.ready ? 'READY' : 'GENERATED';
  const ageMs = nowMs - (key.activatedAt ?? 0);
  if (periods !== null && ageMs >= periods.cryptoperiodSeconds * 1000) return 'DEACTIVATED';
  const encrypts = key.processOnly !== 1 && periods !== null;
  return encrypts && ageMs < periods.encryptionPeriodSeconds * 1000 ? 'PROTECT_AND_PROCESS' : 'PROCESS_ONLY';
}

export function isDestroyed(state: KeyState): boolean {
  return state.startsWith('DESTROYED');
}
