/** Whether a KMA counts as a member of its cluster, by its row, and why not. It knows no key. */
import type { Row } from './tables.ts';

export const ABSENCES = ['retired', 'lost', 'logged-out'] as const;
export type Absence = (typeof ABSENCES)[number];
/** Whether a KMA answers on the service network, where agents reach it; `not-accessible`: there is no way there from here, or no address. */
export const SERVICE_ANSWERS = ['responding', 'not-responding', 'not-accessible'] as const;
export type ServiceAnswer = (typeof SERVICE_ANSWERS)[number];
/** One that catches up has joined, and does not know all that the others have handed out. */
export const CLUSTER_STATES = ['member', 'catching-up', ...ABSENCES] as const;
export type ClusterState = (typeof CLUSTER_STATES)[number];

/** A certificate counts only with the passphrase that it was proven with: a new one logs the KMA out. */
export function absenceOf({
  removedStamp,
  removedHow,
  certificateVerifierObjectId,
  verifierObjectId,
}: Pick<
  Row<'kma'>,
  'removedStamp' | 'removedHow' | 'certificateVerifierObjectId' | 'verifierObjectId'
>): Absence | null {
  // Another member may have written anything there.
  if (removedStamp !== null) return removedHow === 'lost' ? 'lost' : 'retired';
  return certificateVerifierObjectId === verifierObjectId ? null : 'logged-out';
}
