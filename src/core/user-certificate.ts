/** Whose saved certificate it is, as a pure question of state and time. It knows no roles. */
import type { StateView } from './state.ts';
import type { Row } from './tables.ts';
import { workingUser } from './user-session.ts';

/** Its user while it counts. Disabling him stops it, enabling him brings it back; a new passphrase leaves it (product reference 4.1). */
export function certificateUser(
  state: StateView,
  certificate: Row<'user_certificate'>,
  nowMs: number,
): Row<'user'> | undefined {
  if (certificate.userId === null || !isOpenCertificate(certificate, nowMs)) return undefined;
  return workingUser(state, certificate.userId);
}

/** Neither revoked nor at its end, whatever became of its user. */
export function isOpenCertificate(
  { notAfter, revokedStamp }: Row<'user_certificate'>,
  nowMs: number,
): boolean {
  return revokedStamp === null && nowMs < (notAfter ?? 0);
}
