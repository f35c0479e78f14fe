/** Who proves a passphrase, by role and name: the verifier that counts, and what stands in the way of a right proof. It checks no proof. */
import type { ProofRole } from '@openkma/protocol';
import type { ObjectId, UserId } from '../../core/ids.ts';
import { byName } from '../../core/live.ts';
import { lostKmas } from '../../core/root-epochs.ts';
import type { StateView } from '../../core/state.ts';
import type { Row } from '../../core/tables.ts';
import { workingUser } from '../../core/user-session.ts';
import type { Self } from '../operation.ts';

export interface ProofEntity {
  readonly id: string;
  readonly verifierObjectId: ObjectId | null;
  readonly proofDisabled: number | null;
}

export function proofEntity(state: StateView, role: ProofRole, name: string): ProofEntity | undefined {
  return byName(state, role, name);
}

const SPENT = 'the passphrase is spent: it was good for one enrolment';

/** Why a right proof is not enough, for the audit; null where nothing stands in the way. To be asked after the proof: it takes time. */
export function obstacleOf(
  state: StateView,
  self: Self,
  role: ProofRole,
  { id, proofDisabled }: ProofEntity,
): string | null {
  if (role === 'agent') return agentObstacle(state, state.get('agent', id));
  if (role === 'kma') return kmaObstacle(state, self, state.get('kma', id));
  if (proofDisabled === 1) return whyDisabled(state, role);
  return workingUser(state, id as UserId) === undefined ? 'user is disabled' : null;
}

/** What is spent is told first: proving it again and again disables it too, and so does a loss, but a new one is needed anyhow. */
export function agentObstacle(state: StateView, agent: Row<'agent'> | undefined): string | null {
  if (agent?.enabled !== 1) return 'agent is disabled';
  if (isPassphraseSpent(agent)) return SPENT;
  return agent.proofDisabled === 1 ? whyDisabled(state, 'agent') : null;
}

export function isPassphraseSpent({
  oneTimePassphrase,
  enrolled,
}: Pick<Row<'agent'>, 'oneTimePassphrase' | 'enrolled'>): boolean {
  return oneTimePassphrase !== 0 && enrolled === 1;
}

/** A KMA's certificate may serve agents, so its passphrase works once, always. */
function kmaObstacle(state: StateView, self: Self, kma: Row<'kma'> | undefined): string | null {
  if (kma?.enabled !== 1) return 'KMA is disabled';
  if (kma.id === self.kmaId) return 'this KMA itself';
  if (kma.enrolled === 1) return SPENT;
  return kma.proofDisabled === 1 ? whyDisabled(state, 'kma') : null;
}

/** No row says why; where a KMA was lost, it may have been that (VoidAfterLoss). */
function whyDisabled(state: StateView, role: ProofRole): string {
  const mayBeVoid =
    role !== 'user' && (lostKmas(state).length > 0 || state.page('master_epoch', '', 2).length > 1);
  return mayBeVoid
    ? 'passphrase is disabled: after too many failures, or since it was set before a KMA was lost'
    : 'passphrase is disabled after too many failures';
}
