/** Whether a person's log-in still counts (D7), as a pure question: time, user and passphrase. It neither knows nor checks roles. */
import { columnStamp } from './column-stamps.ts';
import type { UserId } from './ids.ts';
import { live } from './live.ts';
import { effectiveSecurityOfficers } from './security-officers.ts';
import { readSetting } from './settings.ts';
import type { StateView } from './state.ts';
import type { Row } from './tables.ts';

/** From log-in to the latest end. */
export const SESSION_MS = 12 * 60 * 60 * 1000;
const MINUTE_MS = 60_000;

/** What a session row says; `verifierObjectId` and `enabledStamp` are those of the moment of the log-in. */
export interface SessionClaim {
  readonly userId: UserId;
  readonly verifierObjectId: string;
  readonly enabledStamp: string;
  readonly createdAtMs: number;
  readonly expiresAtMs: number;
  readonly usedAtMs: number;
}

/** Living and enabled, or the officer who survived changes on two sides (D2); undefined for nobody who may work. */
export function workingUser(state: StateView, userId: UserId): Row<'user'> | undefined {
  const officer = effectiveSecurityOfficers(state).some((row) => row.id === userId);
  const user = officer ? state.get('user', userId) : live(state, 'user', userId);
  return user !== undefined && (officer || user.enabled === 1) ? user : undefined;
}

/** The stamp to remember with a log-in: it changes whenever the user is disabled or enabled. */
export function enabledStampOf(user: Row<'user'>): string {
  return columnStamp(user, 'enabled') ?? '';
}

/**
 * Too many wrong passphrases of strangers do not end it: they disable the proof, not what was proven (D15). A clock set back
 * behind the log-in ends it, since then nobody can tell its age.
 */
export function sessionUser(state: StateView, session: SessionClaim, nowMs: number): Row<'user'> | undefined {
  const inactivityMinutes = readSetting(state, 'sessionInactivityMinutes');
  if (nowMs < session.createdAtMs || nowMs >= session.expiresAtMs) return undefined;
  if (inactivityMinutes > 0 && nowMs - session.usedAtMs > inactivityMinutes * MINUTE_MS) return undefined;
  const user = workingUser(state, session.userId);
  if (user === undefined || user.verifierObjectId !== session.verifierObjectId) return undefined;
  return enabledStampOf(user) === session.enabledStamp ? user : undefined;
}
