/** RetrieveDataUnitKeys and RetrieveDataUnitKeys2: the keys of a data unit in pages, the one to encrypt with first (protocol 6.2). */
import { type AgentKey, type DataUnit, KEYS_PER_PAGE } from '@openkma/protocol';
import { z } from 'zod';
import { live } from '../../core/live.ts';
import { isRefusal, refuse } from '../../core/refusal.ts';
import type { DecideContext } from '../contexts.ts';
import type { Accepted, Decision } from '../operation.ts';
import { readDataUnitId, readKeyId } from './identifiers.ts';
import { bothForms } from './key-forms.ts';
import { type HandOut, handOutNote } from './key-hand-out.ts';
import { decideRetrieveKey } from './retrieve-key.ts';
import { keysForAgent, newestProtecting, toHandOuts, type UnitKey } from './unit-keys.ts';
import { dataUnit, fields, identifier } from './wire-fields.ts';

export interface RetrieveDataUnitKeysRequest {
  readonly dataUnit: DataUnit;
  readonly pageSize: number;
  readonly pageOffset: number;
  readonly keyId?: string | undefined;
}
interface Page<Key> {
  readonly keysRemaining: number;
  readonly keys: readonly Key[];
}

export const { plain: retrieveDataUnitKeys, wrapped: retrieveDataUnitKeys2 } = bothForms<
  RetrieveDataUnitKeysRequest,
  Page<HandOut>,
  Page<AgentKey>
>({
  name: 'RetrieveDataUnitKeys',
  summary: 'Gives an agent the keys of a data unit, page by page.',
  changes: false,
  request: {
    dataUnit,
    pageSize: z.int().min(1).max(KEYS_PER_PAGE),
    pageOffset: z.int().min(0),
    keyId: identifier.optional(),
  },
  response: (key) => fields<Page<AgentKey>>({ keysRemaining: z.int().min(0), keys: z.array(key) }),
  names: ({ keyId = '', dataUnit: { dataUnitId } }) => ({ keyId, dataUnitId, gives: 'keys of the unit' }),
  decide(input, context) {
    const { keyId = '' } = input;
    return keyId === '' ? pageByOffset(input, context) : pageFromKey(input, keyId, context);
  },
  reply: ({ keysRemaining, keys }, give) => ({ keysRemaining, keys: keys.map(give) }),
});

/** The same order for every page, so that the first key is not repeated on a later one. */
function pageByOffset(input: RetrieveDataUnitKeysRequest, context: DecideContext): Decision<Page<HandOut>> {
  const id = readDataUnitId(input.dataUnit.dataUnitId);
  if (isRefusal(id)) return id;
  const unit = live(context.state, 'data_unit', id);
  if (unit === undefined) return refuse('DATA_UNIT_NOT_FOUND', `dataUnit=${id}`);
  const ascending = keysForAgent(unit, context);
  const first = newestProtecting(ascending);
  const ordered = first === undefined ? ascending : [first, ...ascending.filter((key) => key !== first)];
  return answer(id, ordered.slice(input.pageOffset), input.pageSize, context);
}

/** From this key on to those handed out later; a key that is not the unit's is retrieved by itself. */
function pageFromKey(
  input: RetrieveDataUnitKeysRequest,
  given: string,
  context: DecideContext,
): Decision<Page<HandOut>> {
  if (input.pageOffset !== 0) return refuse('AGENT_INVALID_PARAMETERS', 'an offset beside a key ID');
  const keyId = readKeyId(given);
  if (isRefusal(keyId)) return keyId;
  const id = readDataUnitId(input.dataUnit.dataUnitId);
  if (isRefusal(id)) return id;
  const unit = live(context.state, 'data_unit', id);
  const keys = unit === undefined ? [] : keysForAgent(unit, context);
  const start = keys.findIndex(({ row }) => row.id === keyId);
  if (start >= 0) return answer(id, keys.slice(start), input.pageSize, context);
  const single = decideRetrieveKey({ keyId, dataUnit: input.dataUnit, keyGroupId: '' }, context);
  return isRefusal(single) ? single : { ...single, output: { keysRemaining: 0, keys: [single.output] } };
}

function answer(
  dataUnitId: string,
  from: readonly UnitKey[],
  pageSize: number,
  context: DecideContext,
): Accepted<Page<HandOut>> {
  const keys = toHandOuts(from.slice(0, pageSize), context);
  return {
    facts: [],
    output: { keysRemaining: from.length - keys.length, keys },
    audit: handOutNote(keys, `dataUnit=${dataUnitId} keys=${keys.length}`),
  };
}
