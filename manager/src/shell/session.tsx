/** Who is logged in, for all pages. It knows no passphrase. */
import { createContext, useContext } from 'react';

export interface Session {
  readonly user: string;
  readonly roles: readonly string[];
  /** By which the KMA knows the session, upper-case hex. */
  readonly key: string;
  readonly expiresAt: string;
  /** 0: it does not end by itself. */
  readonly inactivityMinutes: number;
}

export const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('nobody is logged in');
  return session;
}
