/** A sound request for each operation of the agent service; nothing of it is refused to an agent with a default group. */
import { randomBytes } from 'node:crypto';
import type { OperationOf, Requests } from '@openkma/protocol';
import { type RawAgent, unitOf } from './raw-agent.ts';

export const QUERY: Requests['ListKeyGroups']['queryParameters'] = {
  nextPageSize: 100,
  sortFieldName: '',
  sortOrder: 'SORT-ORDER-ASCENDING',
  filterParameters: [],
  previousPageLastIdValue: '',
  previousPageLastSortFieldValue: '',
};
export const EMPTY_ABOUT = { externalTag: '', description: '' };
export const RECORD: Requests['CreateAuditLog'] = {
  retention: 'AUDIT-LOG-LONG-TERM-RETENTION',
  condition: 'AUDIT-LOG-SUCCESS-CONDITION',
  issueAlert: false,
  message: 'plain',
};
export const externalId = (bytes = 16) => randomBytes(bytes).toString('hex').toUpperCase();

export type SoundRequests = { readonly [Name in OperationOf<'agent'>]: Requests[Name] };

/** About things of the caller; strings that may be empty are empty. */
export async function soundRequests(caller: RawAgent): Promise<SoundRequests> {
  const { id: agentKwkId } = await caller.registerKwk();
  const dataUnit = unitOf(await caller.createUnit());
  const { keyId } = await caller.createKey(dataUnit.dataUnitId);
  const create = { dataUnit, keyGroupId: '' };
  const retrieve = { keyId, ...create };
  const page = { dataUnit, pageSize: 32, pageOffset: 0 };
  return {
    ListKeyGroups: { queryParameters: QUERY },
    CreateDataUnit: { externalUniqueId: '', ...EMPTY_ABOUT },
    RetrieveDataUnit: { dataUnitId: dataUnit.dataUnitId, externalUniqueId: '', ...EMPTY_ABOUT },
    RetrieveDataUnitByExternalUniqueID: { externalUniqueId: externalId(), ...EMPTY_ABOUT },
    DisassociateDataUnitKeys: { dataUnit },
    CreateKey: create,
    CreateKey2: { ...create, agentKwkId },
    RetrieveKey: retrieve,
    RetrieveKey2: { ...retrieve, agentKwkId },
    RetrieveDataUnitKeys: page,
    RetrieveDataUnitKeys2: { ...page, agentKwkId },
    RetrieveProtectAndProcessKey: create,
    RetrieveProtectAndProcessKey2: { ...create, agentKwkId },
    CreateAuditLog: RECORD,
    GetAgentKWKPublicKey: {},
    RegisterAgentKWK: { agentKwk: randomBytes(256) },
    RevokeKey: { keyId: (await caller.createKey()).keyId },
  };
}
