/** The operations on log-ins, as the catalogue takes them. Logging in is a proof, and not here. */
import type { Operation } from '../operation.ts';
import { endSessions, listSessions } from './all-sessions.ts';
import { logOut, showSession } from './own-session.ts';

export const sessionOperations: readonly Operation[] = [showSession, logOut, listSessions, endSessions];
