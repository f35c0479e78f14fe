/** What agents' operations have in common: the caller as an agent, and who may call. */
import type { AgentId } from '../../core/ids.ts';
import type { RetentionTerm } from '../audit-record.ts';
import type { Caller } from '../operation.ts';

/** The agent service answers nothing while locked; only keys and data units need that, but agents then try elsewhere (protocol 10). */
export function forAgents(retention: RetentionTerm) {
  return {
    callers: 'agent',
    quorum: false,
    needsUnlocked: true,
    changes: false,
    audit: { class: 'Agent Access', retention },
  } as const;
}

export interface CallingAgent {
  readonly id: AgentId;
  readonly name: string;
  readonly defaultKeyGroupId: string | null;
  readonly siteId: string | null;
}

/** The runtime proves callers; another kind here is a mistake in the program. */
export function callingAgent({ caller }: { readonly caller: Caller }): CallingAgent {
  if (caller.kind !== 'agent') throw new Error(`an agent's operation was called by a ${caller.kind}`);
  const { id, name, defaultKeyGroupId, siteId } = caller.agent;
  return { id: id as AgentId, name: name ?? '', defaultKeyGroupId, siteId };
}
