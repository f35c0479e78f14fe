/** ListKeyGroups: the key groups an agent may use, its default first (protocol 6.2). It offers neither sorting nor filters, which no agent asks for. */
import { KEY_GROUPS_LISTED, type KeyGroup, type QueryParameters, type Responses } from '@openkma/protocol';
import { z } from 'zod';
import { groupsOfAgent } from '../../core/agent-access.ts';
import { refuse } from '../../core/refusal.ts';
import { operation } from '../operation.ts';
import { success } from '../success.ts';
import { callingAgent, forAgents } from './calling-agent.ts';
import { groupNameForAgents } from './key-group-choice.ts';
import { fields, queryParameters } from './wire-fields.ts';

type Request = { readonly queryParameters: QueryParameters };
type Reply = Responses['ListKeyGroups'];

export const listKeyGroups = operation<Request, undefined, Reply, Reply>({
  ...forAgents('short'),
  name: 'ListKeyGroups',
  summary: 'Lists the key groups an agent may use.',
  input: fields<Request>({ queryParameters }),
  output: fields<Reply>({
    keyGroups: z.array(fields<KeyGroup>({ keyGroupId: z.string(), description: z.string() })),
    lastPage: z.boolean(),
    nextPageQueryParameters: queryParameters,
  }),
  decide({ queryParameters: query }, context) {
    if (query.sortFieldName !== '' || query.filterParameters.length > 0)
      return refuse('AGENT_INVALID_PARAMETERS', 'key groups are neither sorted nor filtered');
    const { state } = context;
    const agent = callingAgent(context);
    const rank = (id: string, name: string) => `${id === agent.defaultKeyGroupId ? 0 : 1}${name}`;
    const groups = groupsOfAgent(state, agent.id)
      .map((group) => ({
        id: group.id,
        name: groupNameForAgents(state, group.id),
        description: group.description ?? '',
      }))
      .sort((a, b) => (rank(a.id, a.name) < rank(b.id, b.name) ? -1 : 1));
    const start = groups.findIndex(({ name }) => name === query.previousPageLastIdValue) + 1;
    const size = Math.min(Math.max(query.nextPageSize, 1), KEY_GROUPS_LISTED);
    const page = groups.slice(start, start + size);
    return {
      facts: [],
      output: {
        keyGroups: page.map(({ name, description }) => ({ keyGroupId: name, description })),
        lastPage: start + size >= groups.length,
        nextPageQueryParameters: {
          ...query,
          nextPageSize: size,
          previousPageLastIdValue: page.at(-1)?.name ?? '',
        },
      },
      audit: success(`groups=${page.length}`),
    };
  },
});
