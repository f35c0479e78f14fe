/** The session that a proven passphrase begins, by whatever it is known from then on. It writes nothing. */
import type { Fingerprint, UserId } from '../../core/ids.ts';
import type { Row } from '../../core/tables.ts';
import { enabledStampOf, SESSION_MS } from '../../core/user-session.ts';
import type { UserSession } from '../operation.ts';
import type { Proven } from './prove.ts';

export function begunSession(
  user: Row<'user'>,
  fingerprint: Fingerprint,
  { verifierObjectId }: Pick<Proven, 'verifierObjectId'>,
  nowMs: number,
): UserSession {
  return {
    fingerprint,
    userId: user.id as UserId,
    verifierObjectId,
    enabledStamp: enabledStampOf(user),
    createdAtMs: nowMs,
    expiresAtMs: nowMs + SESSION_MS,
  };
}
