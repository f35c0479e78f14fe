/** The things that agents and KMAs talk about, as plain types in the words of the wire; it holds no behaviour. */

/** Texts in the order of their ordinals, which agents and KMAs may send instead (protocol 2.2, 6.1). */
export const KEY_TYPES = ['KEY-TYPE-AES-256'] as const;
export type KeyType = (typeof KEY_TYPES)[number];

export const KEY_STATES = [
  'KEY-STATE-GENERATED',
  'KEY-STATE-READY',
  'KEY-STATE-PROTECT-AND-PROCESS',
  'KEY-STATE-PROCESS-ONLY',
  'KEY-STATE-DEACTIVATED',
  'KEY-STATE-COMPROMISED',
  'KEY-STATE-DESTROYED-INCOMPLETE',
  'KEY-STATE-DESTROYED-COMPLETE',
  'KEY-STATE-DESTROYED-COMPROMISED-INCOMPLETE',
  'KEY-STATE-DESTROYED-COMPROMISED-COMPLETE',
] as const;
export type KeyState = (typeof KEY_STATES)[number];

/** The only key states that may be sent to agents (protocol 6.1). */
export const AGENT_KEY_STATES = [
  'KEY-STATE-PROTECT-AND-PROCESS',
  'KEY-STATE-PROCESS-ONLY',
  'KEY-STATE-DEACTIVATED',
  'KEY-STATE-COMPROMISED',
] as const satisfies readonly KeyState[];

export const DATA_UNIT_STATES = [
  'DATA-UNIT-STATE-NO-KEY',
  'DATA-UNIT-STATE-READABLE-NORMAL',
  'DATA-UNIT-STATE-READABLE-NEEDS-REKEY',
  'DATA-UNIT-STATE-SHREDDED',
] as const;
export type DataUnitState = (typeof DATA_UNIT_STATES)[number];

export const SORT_ORDERS = ['SORT-ORDER-ASCENDING', 'SORT-ORDER-DESCENDING'] as const;
export type SortOrder = (typeof SORT_ORDERS)[number];

export const FILTER_OPERATORS = [
  'FILTER-OPERATOR-EQUAL',
  'FILTER-OPERATOR-NOT-EQUAL',
  'FILTER-OPERATOR-GREATER-THAN',
  'FILTER-OPERATOR-LESS-THAN',
  'FILTER-OPERATOR-GREATER-THAN-OR-EQUAL',
  'FILTER-OPERATOR-LESS-THAN-OR-EQUAL',
  'FILTER-OPERATOR-STARTS-WITH',
] as const;
export type FilterOperator = (typeof FILTER_OPERATORS)[number];

export const AUDIT_LOG_RETENTIONS = [
  'AUDIT-LOG-LONG-TERM-RETENTION',
  'AUDIT-LOG-MEDIUM-TERM-RETENTION',
  'AUDIT-LOG-SHORT-TERM-RETENTION',
  'AUDIT-LOG-ZERO-RETENTION',
] as const;
export type AuditLogRetention = (typeof AUDIT_LOG_RETENTIONS)[number];

export const AUDIT_LOG_CONDITIONS = [
  'AUDIT-LOG-SUCCESS-CONDITION',
  'AUDIT-LOG-ERROR-CONDITION',
  'AUDIT-LOG-WARNING-CONDITION',
] as const;
export type AuditLogCondition = (typeof AUDIT_LOG_CONDITIONS)[number];

/** One volume, medium or object. Identifiers are upper-case hex; "" where nothing is given. */
export interface DataUnit {
  readonly dataUnitId: string;
  readonly externalUniqueId: string;
  readonly externalTag: string;
  readonly description: string;
  readonly state: DataUnitState;
}

/** A key as an agent receives it: `key` is 32 bytes, or 40 when wrapped under the agent's key-wrapping key. */
export interface AgentKey {
  readonly keyId: string;
  readonly keyState: KeyState;
  readonly keyType: KeyType;
  readonly keyGroupId: string;
  readonly key: Uint8Array;
}

export interface KeyGroup {
  readonly keyGroupId: string;
  readonly description: string;
}

export interface FilterParameter {
  readonly fieldName: string;
  readonly filterOperator: FilterOperator;
  readonly fieldValue: string;
}

export interface QueryParameters {
  readonly nextPageSize: number;
  readonly sortFieldName: string;
  readonly sortOrder: SortOrder;
  readonly filterParameters: readonly FilterParameter[];
  readonly previousPageLastIdValue: string;
  readonly previousPageLastSortFieldValue: string;
}

/** One KMA in discovery. `kmaId` is a bigint only where a foreign KMA sends one beyond the safe integers. */
export interface ClusterMember {
  readonly kmaId: number | bigint;
  readonly kmaName: string;
  readonly kmaSiteId: string;
  readonly kmaHostName: string;
  /** Where agents connect: IPv4 literal or DNS name, never an IPv6 literal (protocol 13, item 8). */
  readonly kmaNetworkAddress: string;
  readonly enabled: boolean;
  readonly load: number;
  readonly responding: boolean;
  readonly kmaVersion?: string | undefined;
  readonly kmaHostNameIpv6?: string | undefined;
  readonly kmaNetworkAddressIpv6?: string | undefined;
  readonly locked?: boolean | undefined;
}
