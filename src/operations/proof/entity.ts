/** Who proves a passphrase, by role and name: the verifier that counts, and what stands in the way of a right proof. It checks no proof. */
import type { ProofRole } from '@openkma/protocol';
import type { ObjectId, UserId } from '../../core/ids.ts';
import { byName } from '../../core/live.ts';
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

/** Why a right proof is not enough, for the audit; null where nothing stands in the way. To be asked after the proof: it takes time. */
export function obstacleOf(
  state: StateView,
  self: Self,
  role: ProofRole,
  { id, proofDisabled }: ProofEntity,
): string | null {
  if (proofDisabled === 1) return 'passphrase is disabled after too many failures';
  if (role === 'agent') return agentObstacle(state.get('agent', id));
  if (role === 'kma') return kmaObstacle(self, state.get('kma', id));
  return workingUser(state, id as UserId) === undefined ? 'user is disabled' : null;
}

function agentObstacle(agent: Row<'agent'> | undefined): string | null {
  if (agent?.enabled !== 1) return 'agent is disabled';
  return isPassphraseSpent(agent) ? 'one-time passphrase is spent' : null;
}

export function isPassphraseSpent({
  oneTimePassphrase,
  enrolled,
}: Pick<Row<'agent'>, 'oneTimePassphrase' | 'enrolled'>): boolean {
  return oneTimePassphrase !== 0 && enrolled === 1;
}

/** A KMA's certificate may serve agents, so its passphrase works once, always. */
function kmaObstacle(self: Self, kma: Row<'kma'> | undefined): string | null {
  if (kma?.enabled !== 1) return 'KMA is disabled';
  if (kma.id === self.kmaId) return 'this KMA itself';
  return kma.enrolled === 1 ? 'passphrase is spent' : null;
}
