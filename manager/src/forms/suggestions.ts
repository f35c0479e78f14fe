/** Fields that name something there is: its list, so that a form offers the names. What is not offered can be typed all the same. */
import type { Input } from '../api/call.ts';
import type { Operation } from '../api/catalogue.ts';
import type { ListId } from '../api/types.ts';

export interface Source {
  readonly list: ListId;
  readonly column: string;
  readonly by?: Input;
}

const SOURCES: Readonly<Record<string, Source>> = {
  site: { list: 'listSites', column: 'site' },
  policy: { list: 'listKeyPolicies', column: 'policy' },
  group: { list: 'listAllKeyGroups', column: 'group' },
  agent: { list: 'listAgents', column: 'agent' },
  kma: { list: 'listKmas', column: 'kma' },
};

/** Undefined where the field names what the operation itself makes. */
export function sourceOf(field: string, { id }: Operation): Source | undefined {
  const source = SOURCES[field];
  const makes = id.startsWith('create') && id.slice('create'.length).toLowerCase().endsWith(field);
  return makes || (id === 'createKeyPolicy' && field === 'policy') ? undefined : source;
}
