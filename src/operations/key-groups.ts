/** Operations on key groups and on which agent may use which; the group is the unit of access to keys. */
import { z } from 'zod';
import { created, type Fact, removed, set } from '../core/facts.ts';
import { type AgentId, INTERNAL_ID_BYTES, idFrom, type KeyGroupId, type KeyPolicyId } from '../core/ids.ts';
import { byName, live } from '../core/live.ts';
import { isRefusal, type Refusal, refuse } from '../core/refusal.ts';
import type { StateView } from '../core/state.ts';
import type { Row } from '../core/tables.ts';
import { compliance } from './common-settings.ts';
import { find, isUsed, livingRows, nameOf, shownName } from './entities.ts';
import { description, flag, name } from './fields.ts';
import { listOperation } from './lists/list.ts';
import { newName } from './new-name.ts';
import { operation } from './operation.ts';
import { keyGroupEntity, keyGroupShown, showKeyGroup, shownKeyGroup } from './show-key-group.ts';
import { success } from './success.ts';

const listing = {
  callers: ['COMPLIANCE_OFFICER', 'OPERATOR'],
  changes: false,
  audit: { class: 'Management', retention: 'short' },
} as const;

export const createKeyGroup = operation({
  ...compliance,
  name: 'CreateKeyGroup',
  http: { method: 'POST', path: '/v1/key-groups' },
  summary: 'Creates a key group with its key policy.',
  input: z.strictObject({
    group: newName('key group ID'),
    policy: name('key policy ID'),
    description: description().default(''),
  }),
  output: z.null(),
  command: {
    words: ['group', 'create'],
    arguments: ['group'],
    example: 'kma group create tapes-2026 --policy tapes --user compliance',
  },
  decide(input, { state, nowMs, random }) {
    if (byName(state, 'key_group', input.group) !== undefined) return refuse('KEY_GROUP_EXISTS', input.group);
    const policy = find(state, 'key_policy', input.policy, 'KEY_POLICY_DOES_NOT_EXIST');
    if (isRefusal(policy)) return policy;
    const id = idFrom(random(INTERNAL_ID_BYTES));
    const facts = [
      created('key_group', id, { name: input.group, createdAt: nowMs }),
      set('key_group', id, { description: input.description, keyPolicyId: policy.id as KeyPolicyId }),
    ];
    return { facts, output: null, audit: success(`group=${input.group} policy=${input.policy}`) };
  },
});

export const listKeyGroups = listOperation({
  ...compliance,
  ...listing,
  name: 'ListAllKeyGroups',
  http: { method: 'GET', path: '/v1/key-groups' },
  summary: 'Lists the key groups.',
  row: shownKeyGroup,
  key: ['group'],
  order: 'group',
  command: { words: ['group', 'list'], example: 'kma group list --user compliance' },
  rows({ state }) {
    return livingRows(state, 'key_group').map((row) => keyGroupShown(state, row));
  },
});

export const modifyKeyGroup = operation({
  ...compliance,
  name: 'ModifyKeyGroup',
  http: { method: 'PATCH', path: '/v1/key-groups/{group}' },
  entity: keyGroupEntity,
  summary: "Changes a key group's description or key policy.",
  input: z.strictObject({
    group: name('key group ID'),
    description: description().optional(),
    policy: name('key policy ID').optional(),
  }),
  output: z.null(),
  command: {
    words: ['group', 'modify'],
    arguments: ['group'],
    example: 'kma group modify tapes-2026 --policy tapes-long --user compliance',
  },
  decide(input, { state }) {
    const group = find(state, 'key_group', input.group, 'KEY_GROUP_DOES_NOT_EXIST');
    if (isRefusal(group)) return group;
    const policy =
      input.policy === undefined
        ? null
        : find(state, 'key_policy', input.policy, 'KEY_POLICY_DOES_NOT_EXIST');
    if (isRefusal(policy)) return policy;
    const cells = {
      ...(input.description === undefined ? {} : { description: input.description }),
      ...(policy === null ? {} : { keyPolicyId: policy.id as KeyPolicyId }),
    };
    const facts = Object.keys(cells).length === 0 ? [] : [set('key_group', group.id, cells)];
    return {
      facts,
      output: null,
      audit: success(`group=${input.group} policy=${input.policy ?? '(unchanged)'}`),
    };
  },
});

export const deleteKeyGroup = operation({
  ...compliance,
  name: 'DeleteKeyGroup',
  http: { method: 'DELETE', path: '/v1/key-groups/{group}' },
  entity: keyGroupEntity,
  summary: 'Deletes a key group that has no key and no agent.',
  input: z.strictObject({ group: name('key group ID') }),
  output: z.null(),
  command: {
    words: ['group', 'delete'],
    arguments: ['group'],
    example: 'kma group delete tapes-2026 --user compliance',
  },
  decide(input, { state }) {
    const group = find(state, 'key_group', input.group, 'KEY_GROUP_DOES_NOT_EXIST');
    if (isRefusal(group)) return group;
    if (
      hasKeys(state, group.id) ||
      state.count('agent_group', 'group', { equals: [group.id, 1] }) > 0 ||
      isUsed(state, 'agent', 'group', group.id)
    )
      return refuse('KEY_GROUP_IN_USE', input.group);
    return { facts: [removed('key_group', group.id)], output: null, audit: success(`group=${input.group}`) };
  },
});

function hasKeys(state: StateView, groupId: string): boolean {
  const one = { equals: [groupId], limit: 1 };
  return state.scan('key', 'activatedGroup', one).length + state.scan('key', 'changedGroup', one).length > 0;
}

/** An agent and a key group by their names. */
function pairOf(
  state: StateView,
  names: { readonly agent: string; readonly group: string },
): { agent: Row<'agent'>; group: Row<'key_group'> } | Refusal {
  const agent = find(state, 'agent', names.agent, 'AGENT_DOES_NOT_EXIST');
  if (isRefusal(agent)) return agent;
  const group = find(state, 'key_group', names.group, 'KEY_GROUP_DOES_NOT_EXIST');
  return isRefusal(group) ? group : { agent, group };
}

/** Agents are told this many at most (product reference 1.3). */
const GROUPS_PER_AGENT_MAX = 100;

/** Why one more key group cannot be given, or null. */
function noRoom(state: StateView, agent: Row<'agent'>, groupId: string): Refusal | null {
  if (state.get('agent_group', `${agent.id}:${groupId}`)?.present === 1) return null;
  const groups = state.count('agent_group', 'agent', { equals: [agent.id, 1] });
  return groups < GROUPS_PER_AGENT_MAX
    ? null
    : refuse('LIMIT_EXCEEDED', `${GROUPS_PER_AGENT_MAX} key groups of agent ${agent.name}`);
}

/** The membership of an agent in a key group, written only when it differs. */
export function membershipFacts(state: StateView, agentId: string, groupId: string, present: 0 | 1): Fact[] {
  const id = `${agentId}:${groupId}`;
  const known = state.get('agent_group', id);
  if ((known?.present ?? 0) === present) return [];
  const facts = [set('agent_group', id, { present })];
  return known === undefined
    ? [
        created('agent_group', id, { agentId: agentId as AgentId, keyGroupId: groupId as KeyGroupId }),
        ...facts,
      ]
    : facts;
}

export const assignKeyGroup = operation({
  ...compliance,
  name: 'AssignKeyGroup',
  http: { method: 'PUT', path: '/v1/agents/{agent}/key-groups/{group}' },
  summary: 'Lets an agent use a key group, on request also as the group of its new keys.',
  input: z.strictObject({
    agent: name('agent ID'),
    group: name('key group ID'),
    default: flag("make it the agent's default key group").default(false),
  }),
  output: z.null(),
  command: {
    words: ['group', 'assign'],
    arguments: ['agent', 'group'],
    example: 'kma group assign drive-1 tapes-2026 --default --user compliance',
  },
  decide(input, { state }) {
    const pair = pairOf(state, input);
    if (isRefusal(pair)) return pair;
    const full = noRoom(state, pair.agent, pair.group.id);
    if (full !== null) return full;
    const membership = membershipFacts(state, pair.agent.id, pair.group.id, 1);
    if (membership.length === 0 && !input.default)
      return refuse('AGENT_ALREADY_IN_KEY_GROUP', `${input.agent} ${input.group}`);
    const facts = [
      ...membership,
      ...(input.default
        ? [set('agent', pair.agent.id, { defaultKeyGroupId: pair.group.id as KeyGroupId })]
        : []),
    ];
    return {
      facts,
      output: null,
      audit: success(`agent=${input.agent} group=${input.group} default=${input.default}`),
    };
  },
});

export const unassignKeyGroup = operation({
  ...compliance,
  name: 'UnassignKeyGroup',
  http: { method: 'DELETE', path: '/v1/agents/{agent}/key-groups/{group}' },
  summary: 'Takes a key group away from an agent.',
  input: z.strictObject({ agent: name('agent ID'), group: name('key group ID') }),
  output: z.null(),
  command: {
    words: ['group', 'unassign'],
    arguments: ['agent', 'group'],
    example: 'kma group unassign drive-1 tapes-2026 --user compliance',
  },
  decide(input, { state }) {
    const pair = pairOf(state, input);
    if (isRefusal(pair)) return pair;
    const membership = membershipFacts(state, pair.agent.id, pair.group.id, 0);
    if (membership.length === 0) return refuse('AGENT_NOT_IN_KEY_GROUP', `${input.agent} ${input.group}`);
    const isDefault = pair.agent.defaultKeyGroupId === pair.group.id;
    const facts = [
      ...membership,
      ...(isDefault ? [set('agent', pair.agent.id, { defaultKeyGroupId: null })] : []),
    ];
    return { facts, output: null, audit: success(`agent=${input.agent} group=${input.group}`) };
  },
});

export const setDefaultKeyGroup = operation({
  ...compliance,
  name: 'SetDefaultKeyGroup',
  http: { method: 'PUT', path: '/v1/agents/{agent}/default-key-group' },
  summary: 'Sets which key group new keys of an agent belong to; it is assigned too.',
  input: z.strictObject({ agent: name('agent ID'), group: name('key group ID') }),
  output: z.null(),
  command: {
    words: ['group', 'set-default'],
    arguments: ['agent', 'group'],
    example: 'kma group set-default drive-1 tapes-2026 --user compliance',
  },
  decide(input, { state }) {
    const pair = pairOf(state, input);
    if (isRefusal(pair)) return pair;
    const full = noRoom(state, pair.agent, pair.group.id);
    if (full !== null) return full;
    const facts = [
      ...membershipFacts(state, pair.agent.id, pair.group.id, 1),
      set('agent', pair.agent.id, { defaultKeyGroupId: pair.group.id as KeyGroupId }),
    ];
    return { facts, output: null, audit: success(`agent=${input.agent} group=${input.group}`) };
  },
});

export const listAgentKeyGroups = listOperation({
  ...compliance,
  ...listing,
  name: 'ListAgentKeyGroups',
  http: { method: 'GET', path: '/v1/agent-key-groups' },
  summary: 'Lists which agent may use which key group.',
  row: z.strictObject({ agent: z.string(), group: z.string(), default: z.boolean() }),
  key: ['agent', 'group'],
  order: 'agent',
  command: {
    words: ['group', 'assignments'],
    example: 'kma group assignments --filter agent=drive-1 --user compliance',
  },
  rows({ state }) {
    return livingRows(state, 'agent').flatMap((agent) =>
      state
        .scan('agent_group', 'agent', { equals: [agent.id, 1], limit: 1000 })
        .filter((pair) => live(state, 'key_group', pair.keyGroupId) !== undefined)
        .map((pair) => ({
          agent: shownName(state, 'agent', agent),
          group: nameOf(state, 'key_group', pair.keyGroupId),
          default: agent.defaultKeyGroupId === pair.keyGroupId,
        })),
    );
  },
});

export const keyGroupOperations = [
  createKeyGroup,
  listKeyGroups,
  showKeyGroup,
  modifyKeyGroup,
  deleteKeyGroup,
  assignKeyGroup,
  unassignKeyGroup,
  setDefaultKeyGroup,
  listAgentKeyGroups,
];
