/** VoidAfterLoss: what a lost KMA knows counts no more: keys of the pool that nobody has, passphrases that can still be proven. What is in use goes on. */
import { z } from 'zod';
import { columnStamp } from '../../core/column-stamps.ts';
import { event, type Fact, set } from '../../core/facts.ts';
import type { ObjectId } from '../../core/ids.ts';
import { isLive } from '../../core/live.ts';
import { lostKmas } from '../../core/root-epochs.ts';
import { readSetting } from '../../core/settings.ts';
import type { StateView } from '../../core/state.ts';
import type { Row, TableName } from '../../core/tables.ts';
import type { Effect } from '../effects.ts';
import { livingRows } from '../entities.ts';
import { operation, type Self } from '../operation.ts';
import { warning } from '../success.ts';

/** Of one commit, which agents wait for; and so many agents are looked at in one go. */
const AT_ONCE_MAX = 200;
const COMMENT = 'in the pool when a KMA was lost';

/** Rows, as they were when they were looked at. */
export interface KnownToLost {
  readonly keys: readonly Row<'key'>[];
  readonly agents: readonly Row<'agent'>[];
  readonly kmas: readonly Row<'kma'>[];
  /** Behind which agent to look on; null once all were looked at. */
  readonly agentsAfter: string | null;
}
const NOTHING: KnownToLost = { keys: [], agents: [], kmas: [], agentsAfter: null };

type Own = Pick<Self, 'incarnationId'>;

/** The first keys and KMAs, and what is found among the next agents, or without agents. Null where nothing was ever lost. `epochOf`: the master key that an object is sealed under. */
export function knownToLost(
  state: StateView,
  { incarnationId }: Own,
  epochOf: (id: ObjectId) => string,
  agentsAfter: string | null,
): KnownToLost | null {
  const today = readSetting(state, 'currentMasterEpochId');
  // A KMA that one side of a cut network deletes as retired, and the other as lost, may stay retired: the later master key says that it was lost.
  const loss = lostKmas(state).at(-1)?.removedStamp ?? null;
  if (today === null || (loss === null && state.page('master_epoch', '', 2).length < 2)) return null;
  // One that is on its way here is judged by who made it, or later.
  const isOld = (id: ObjectId | null) => id !== null && !['', today].includes(epochOf(id));
  const pool = (limit: number) => state.scan('key', 'pool', { equals: [incarnationId], limit });
  // The pool is in the order of making, and so are the epochs.
  const anyOld = pool(1).some(({ objectId }) => isOld(objectId));
  const agents = agentsAfter === null ? [] : state.page('agent', agentsAfter, AT_ONCE_MAX);
  return {
    keys: anyOld ? pool(AT_ONCE_MAX).filter(({ objectId }) => isOld(objectId)) : [],
    // The secret of the legacy proof serves as the passphrase, once it is opened.
    agents: agents.filter(
      (agent) => isLive(agent) && agent.proofDisabled !== 1 && isOld(agent.legacySecretObjectId),
    ),
    kmas: livingRows(state, 'kma').filter((kma) => loss !== null && isUnproven(kma) && setBefore(kma, loss)),
    agentsAfter: agents.length < AT_ONCE_MAX ? null : (agents.at(-1)?.id ?? null),
  };
}

export function isAnythingKnown({ keys, agents, kmas }: KnownToLost): boolean {
  return keys.length + agents.length + kmas.length > 0;
}

function isUnproven({ verifierObjectId, enrolled, proofDisabled }: Row<'kma'>): boolean {
  return verifierObjectId !== null && enrolled !== 1 && proofDisabled !== 1;
}
function setBefore(kma: Row<'kma'>, loss: string): boolean {
  return (columnStamp(kma, 'verifierObjectId') ?? '') < loss;
}

export const voidAfterLoss = operation({
  callers: 'local',
  quorum: false,
  needsUnlocked: false,
  changes: true,
  audit: { class: 'System', retention: 'long' },
  name: 'VoidAfterLoss',
  summary: 'Takes keys that a lost KMA knows out of the pool, and voids passphrases that it may prove.',
  input: z.strictObject({ agentsAfter: z.string().nullable() }),
  output: z.null(),
  prepare: async ({ agentsAfter }, { state, self, security }) =>
    knownToLost(state, self, security.epochOf, agentsAfter) ?? NOTHING,
  decide(_input, { state, nowMs }, { keys, agents, kmas }: KnownToLost) {
    const still = <T extends TableName>(table: T, rows: readonly Row<T>[], same: readonly (keyof Row<T>)[]) =>
      rows.filter((row) => {
        const now = state.get(table, row.id);
        return isLive(now) && same.every((column) => now?.[column] === row[column]);
      });
    const compromised = still('key', keys, ['activatedStamp', 'compromisedStamp', 'destroyedStamp']);
    const voidedAgents = still('agent', agents, ['legacySecretObjectId', 'proofDisabled']);
    const voidedKmas = still('kma', kmas, ['verifierObjectId', 'enrolled']);
    const cells = { compromisedAt: nowMs, compromisedComment: COMMENT };
    return {
      facts: [
        ...compromised.map(({ id }): Fact => event('key', id, 'compromised', cells)),
        ...voidedAgents.map(({ id }): Fact => set('agent', id, { proofDisabled: 1 })),
        ...voidedKmas.map(({ id }): Fact => set('kma', id, { proofDisabled: 1 })),
      ],
      output: null,
      audit: warning(
        'Void after a KMA was lost',
        `poolKeys=${compromised.length} agents=${voidedAgents.length} kmas=${voidedKmas.map(({ name }) => name).join(',')}`,
      ),
      effects: [
        ...(compromised.length > 0 ? [{ effect: 'pool-changed' } as const] : []),
        ...voidedAgents.map(({ name }): Effect => ({ effect: 'passphrase-set', entity: `agent:${name}` })),
        ...voidedKmas.map(({ name }): Effect => ({ effect: 'passphrase-set', entity: `kma:${name}` })),
      ],
    };
  },
});
