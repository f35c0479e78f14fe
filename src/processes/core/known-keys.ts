/** Whose key it is (D7): that of a saved certificate or of a log-in, as of now. A key with a certificate, even a revoked one, never counts as one of a log-in. */
import type { Fingerprint, UserId } from '../../core/ids.ts';
import { certificateUser } from '../../core/user-certificate.ts';
import type { KeyOwners, KnownUser } from '../../operations/identify.ts';
import { rolesOf } from '../../operations/roles-of.ts';
import type { Store } from '../../store/store.ts';
import type { UserSessions } from './user-sessions.ts';

export class KnownKeys implements KeyOwners {
  readonly #store: Store;
  readonly #sessions: UserSessions;

  constructor(store: Store, sessions: UserSessions) {
    this.#store = store;
    this.#sessions = sessions;
  }

  find(keySha256: Fingerprint, nowMs: number): KnownUser | null {
    const { state } = this.#store;
    const certificate = state.get('user_certificate', keySha256);
    if (certificate === undefined) {
      const session = this.#sessions.find(keySha256, nowMs);
      return session === null ? null : { user: session.user, roles: session.roles, purpose: 'full' };
    }
    const user = certificateUser(state, certificate, nowMs);
    if (user === undefined) return null;
    // What this version does not know may do the least.
    const purpose = certificate.purpose === 'full' ? 'full' : 'monitoring';
    return { user, roles: purpose === 'full' ? rolesOf(state, user.id as UserId) : [], purpose };
  }
}
