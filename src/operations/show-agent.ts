/** ShowAgent: an agent as people see it, and the version of what they see. It changes nothing. */
import { z } from 'zod';
import { isRefusal } from '../core/refusal.ts';
import type { StateView } from '../core/state.ts';
import type { Row } from '../core/tables.ts';
import { find, nameOf, shownName } from './entities.ts';
import { dateText, name } from './fields.ts';
import { namedEntity } from './named-entity.ts';
import { operation } from './operation.ts';
import { isPassphraseSpent } from './proof/entity.ts';

export const agentEntity = namedEntity('agent', 'agent');

export const shownAgent = z.strictObject({
  agent: z.string(),
  description: z.string(),
  site: z.string(),
  defaultKeyGroup: z.string(),
  enabled: z.boolean(),
  enrolled: z.boolean(),
  oneTimePassphrase: z.boolean(),
  modernOnly: z.boolean(),
  passphraseUsable: z.boolean(),
  failedLogins: z.number(),
  createdAt: z.string(),
});

export function agentShown(
  state: StateView,
  row: Row<'agent'>,
  failures: ReadonlyMap<string, number>,
): z.infer<typeof shownAgent> {
  return {
    agent: shownName(state, 'agent', row),
    description: row.description ?? '',
    site: nameOf(state, 'site', row.siteId),
    defaultKeyGroup: nameOf(state, 'key_group', row.defaultKeyGroupId),
    enabled: row.enabled === 1,
    enrolled: row.enrolled === 1,
    oneTimePassphrase: row.oneTimePassphrase === 1,
    modernOnly: row.modernOnly === 1,
    passphraseUsable: row.proofDisabled !== 1 && !isPassphraseSpent(row),
    failedLogins: failures.get(`agent:${row.name}`) ?? 0,
    createdAt: dateText(row.createdAt),
  };
}

export const showAgent = operation({
  callers: ['COMPLIANCE_OFFICER', 'OPERATOR'],
  quorum: false,
  needsUnlocked: false,
  changes: false,
  audit: { class: 'Management', retention: 'short' },
  name: 'ShowAgent',
  http: { method: 'GET', path: '/v1/agents/{agent}' },
  entity: agentEntity,
  summary: 'Shows an agent.',
  input: z.strictObject({ agent: name('agent ID') }),
  output: shownAgent,
  command: {
    words: ['agent', 'show'],
    arguments: ['agent'],
    example: 'kma agent show drive-1 --user operator',
  },
  view(input, { state, proofFailures }) {
    const agent = find(state, 'agent', input.agent, 'AGENT_DOES_NOT_EXIST');
    return isRefusal(agent) ? agent : agentShown(state, agent, proofFailures());
  },
});
