/** ShowKeyGroup: a key group as people see it, and the version of what they see. It changes nothing. */
import { z } from 'zod';
import { isRefusal } from '../core/refusal.ts';
import type { StateView } from '../core/state.ts';
import type { Row } from '../core/tables.ts';
import { find, nameOf, shownName } from './entities.ts';
import { dateText, name } from './fields.ts';
import { namedEntity } from './named-entity.ts';
import { operation } from './operation.ts';

export const keyGroupEntity = namedEntity('key_group', 'group');

export const shownKeyGroup = z.strictObject({
  group: z.string(),
  description: z.string(),
  policy: z.string(),
  agents: z.number(),
  createdAt: z.string(),
});

export function keyGroupShown(state: StateView, row: Row<'key_group'>): z.infer<typeof shownKeyGroup> {
  return {
    group: shownName(state, 'key_group', row),
    description: row.description ?? '',
    policy: nameOf(state, 'key_policy', row.keyPolicyId),
    agents: state.count('agent_group', 'group', { equals: [row.id, 1] }),
    createdAt: dateText(row.createdAt),
  };
}

export const showKeyGroup = operation({
  callers: ['COMPLIANCE_OFFICER', 'OPERATOR'],
  quorum: false,
  needsUnlocked: false,
  changes: false,
  audit: { class: 'Management', retention: 'short' },
  name: 'ShowKeyGroup',
  http: { method: 'GET', path: '/v1/key-groups/{group}' },
  entity: keyGroupEntity,
  summary: 'Shows a key group.',
  input: z.strictObject({ group: name('key group ID') }),
  output: shownKeyGroup,
  command: {
    words: ['group', 'show'],
    arguments: ['group'],
    example: 'kma group show tapes-2026 --user compliance',
  },
  view(input, { state }) {
    const keyGroup = find(state, 'key_group', input.group, 'KEY_GROUP_DOES_NOT_EXIST');
    return isRefusal(keyGroup) ? keyGroup : keyGroupShown(state, keyGroup);
  },
});
