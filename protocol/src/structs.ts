/** The structs of the Agent and Discovery services, field by field in wire order; it holds no operation. */
import * as limits from './limits.ts';
import {
  AGENT_KEY_STATES,
  type AgentKey,
  type ClusterMember,
  DATA_UNIT_STATES,
  type DataUnit,
  FILTER_OPERATORS,
  type FilterParameter,
  KEY_STATES,
  KEY_TYPES,
  type KeyGroup,
  type KeyState,
  type QueryParameters,
  SORT_ORDERS,
} from './model.ts';
import {
  address,
  array,
  attribute,
  boolean,
  element,
  enumeration,
  hexBinary,
  identifier,
  int,
  long,
  qualifiedAttribute,
  type StructType,
  struct,
  text,
} from './wire-type.ts';

/** Filters in one query; agents send none (protocol 6.2). */
const FILTERS_MAX = 32;

export const dataUnit: StructType<DataUnit> = struct('DataUnit', {
  dataUnitId: element('DataUnitID', identifier(limits.DATA_UNIT_ID_HEX)),
  externalUniqueId: element('ExternalUniqueID', identifier(0, limits.EXTERNAL_UNIQUE_ID_HEX)),
  externalTag: element('ExternalTag', text(limits.EXTERNAL_TAG_BYTES)),
  description: element('Description', text(limits.DESCRIPTION_BYTES)),
  state: element('DataUnitState', enumeration('DataUnitState', DATA_UNIT_STATES)),
});

const key = (bytes: number): StructType<AgentKey> =>
  struct('Key', {
    keyId: element('KeyID', identifier(limits.KEY_ID_HEX)),
    keyState: element('KeyState', enumeration<KeyState>('KeyState', KEY_STATES, AGENT_KEY_STATES)),
    keyType: element('KeyType', enumeration('KeyType', KEY_TYPES)),
    keyGroupId: element('KeyGroupID', text(limits.KEY_GROUP_ID_BYTES)),
    key: element('Key', hexBinary(bytes)),
  });
export const plainKey = key(limits.KEY_BYTES);
export const wrappedKey = key(limits.WRAPPED_KEY_BYTES);

export const keyGroup: StructType<KeyGroup> = struct('KeyGroup', {
  keyGroupId: element('KeyGroupID', text(limits.KEY_GROUP_ID_BYTES)),
  description: element('Description', text(limits.DESCRIPTION_BYTES)),
});

const filterParameter: StructType<FilterParameter> = struct('FilterParameters', {
  fieldName: element('FieldName', text(limits.KMS_STRING_CHARACTERS)),
  filterOperator: element('FilterOperator', enumeration('FilterOperator', FILTER_OPERATORS)),
  fieldValue: element('FieldValue', text(limits.KMS_STRING_CHARACTERS)),
});

export const queryParameters: StructType<QueryParameters> = struct('QueryParameters', {
  nextPageSize: element('NextPageSize', int()),
  sortFieldName: element('SortFieldName', text(limits.KMS_STRING_CHARACTERS)),
  sortOrder: element('SortOrder', enumeration('SortOrder', SORT_ORDERS)),
  filterParameters: element('FilterParameters', array('FilterParameters', filterParameter, 0, FILTERS_MAX)),
  previousPageLastIdValue: element('PreviousPageLastIDValue', text(limits.KMS_STRING_CHARACTERS)),
  previousPageLastSortFieldValue: element(
    'PreviousPageLastSortFieldValue',
    text(limits.KMS_STRING_CHARACTERS),
  ),
});

export const clusterMember: StructType<ClusterMember> = struct('KMS-Discovery-ClusterMember', {
  kmaVersion: attribute('KMAVersion', text(limits.KMA_VERSION_BYTES)),
  kmaHostNameIpv6: attribute('KMAHostNameIPv6', text(limits.NETWORK_ADDRESS_BYTES)),
  kmaNetworkAddressIpv6: attribute('KMANetworkAddressIPv6', text(limits.NETWORK_ADDRESS_BYTES)),
  locked: qualifiedAttribute('Locked', boolean()),
  kmaId: element('KMAID', long()),
  kmaName: element('KMAName', text(limits.KMA_NAME_BYTES)),
  kmaSiteId: element('KMASiteID', text(limits.SITE_ID_BYTES)),
  kmaHostName: element('KMAHostName', text(limits.NETWORK_ADDRESS_BYTES)),
  kmaNetworkAddress: element('KMANetworkAddress', address(limits.NETWORK_ADDRESS_BYTES)),
  enabled: element('Enabled', boolean()),
  load: element('Load', int()),
  responding: element('Responding', boolean()),
});
