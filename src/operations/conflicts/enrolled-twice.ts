/** The two certificates that one passphrase of an agent was spent on, while KMAs could not reach each other. It revokes neither. */
import type { StateView } from '../../core/state.ts';
import { certificatesOf } from '../agent-certificates.ts';
import type { Conflict } from './subject.ts';

/** By fingerprint. An enrolment spends the passphrase in the entry that has its certificate; null for one that is not here, or is revoked. */
export interface EnrolledTwice {
  readonly kept: string | null;
  readonly other: string | null;
}

export function enrolledTwice(state: StateView, { rowId, keptStamp, lostStamp }: Conflict): EnrolledTwice {
  const counting = certificatesOf(state, rowId ?? '').filter(({ revokedStamp }) => revokedStamp === null);
  const of = (stamp: string | null) =>
    stamp === null ? null : (counting.find(({ createdStamp }) => createdStamp === stamp)?.id ?? null);
  return { kept: of(keptStamp), other: of(lostStamp) };
}
