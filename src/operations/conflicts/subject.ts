/** What a conflict is about, in the words of people: the thing, the field, its values. It judges nothing. */
import { isLive } from '../../core/live.ts';
import type { StateView } from '../../core/state.ts';
import type { Row } from '../../core/tables.ts';
import { type Named, nameOf, shownName } from '../entities.ts';

export type Conflict = Row<'conflict'>;

export interface Subject {
  /** Of the thing as commands name it. */
  readonly name: string;
  /** What kind of thing it is. */
  readonly kind: string;
  readonly field: string;
}

export const NAMED_WORDS: Readonly<Record<Named, string>> = {
  kma: 'KMA',
  site: 'site',
  user: 'user',
  key_policy: 'policy',
  key_group: 'group',
  agent: 'agent',
  snmp_manager: 'SNMP manager',
};

/** Of fields whose column is called otherwise. */
const FIELDS: Readonly<Record<string, string>> = {
  siteId: 'site',
  serviceAddressIPv6: 'serviceIpv6Address',
  verifierObjectId: 'passphrase',
  enrolled: 'passphrase',
  keyPolicyId: 'policy',
  defaultKeyGroupId: 'default group',
  changedKeyGroupId: 'group',
  certificatePem: 'certificate',
  userName: 'SNMP user',
  secretObjectId: 'passphrase',
};
const FLAGS: ReadonlySet<string> = new Set([
  'enabled',
  'allowExportFrom',
  'allowImportTo',
  'allowAgentsToRevoke',
  'oneTimePassphrase',
  'modernOnly',
  'present',
  'inUse',
]);
const NAMED_BY: Readonly<Record<string, Named>> = {
  siteId: 'site',
  keyPolicyId: 'key_policy',
  defaultKeyGroupId: 'key_group',
  changedKeyGroupId: 'key_group',
};

export function isNamed(table: string | null): table is Named {
  return table !== null && Object.hasOwn(NAMED_WORDS, table);
}

export function subjectOf(state: StateView, { inTable, rowId, inColumn }: Conflict): Subject {
  const id = rowId ?? '';
  const field = FIELDS[inColumn ?? ''] ?? inColumn ?? '';
  if (isNamed(inTable)) return { name: nameIn(state, inTable, id), kind: NAMED_WORDS[inTable], field };
  const [first = '', second = ''] = id.split(':');
  switch (inTable) {
    case 'user_role':
      return { name: nameOf(state, 'user', first), kind: 'user', field: `role ${second}` };
    case 'agent_group':
      return {
        name: nameOf(state, 'agent', first),
        kind: 'agent',
        field: `group ${nameOf(state, 'key_group', second)}`,
      };
    case 'data_unit_key':
      return { name: first, kind: 'data unit', field: `use of key ${second}` };
    case 'data_unit':
      return { name: id, kind: 'data unit', field };
    case 'certificate_authority':
      return { name: id, kind: 'root CA', field };
    case 'setting':
      return { name: id, kind: 'setting', field: '' };
    default:
      return { name: id, kind: inTable ?? '', field };
  }
}

/** Also of what is deleted, as it was called. */
function nameIn(state: StateView, table: Named, id: string): string {
  const row = state.get(table, id);
  return isLive(row) ? shownName(state, table, row) : (row?.name ?? id);
}

/** A kept or lost value; "" for none, and for what is not shown. */
export function valueText(state: StateView, conflict: Conflict, json: string | null): string {
  const { inTable, rowId, inColumn } = conflict;
  const value = readValue(json);
  if (inTable === 'setting')
    return settingText(state, rowId, typeof value === 'string' ? readValue(value) : value);
  if (typeof value !== 'object' || value === null) return cellText(state, inColumn ?? '', value);
  return Object.entries(value)
    .map(([column, cell]) => `${FIELDS[column] ?? column}=${cellText(state, column, cell)}`)
    .join(', ');
}

/** The lost value as an operation takes it. */
export function inputValue(state: StateView, conflict: Conflict): string | number | boolean {
  const value = readValue(conflict.lostValueJson);
  if (FLAGS.has(conflict.inColumn ?? '')) return value === 1;
  return typeof value === 'number' ? value : valueText(state, conflict, conflict.lostValueJson);
}

function cellText(state: StateView, column: string, value: unknown): string {
  if (value === null) return '';
  if (FLAGS.has(column)) return value === 1 ? 'yes' : 'no';
  const table = NAMED_BY[column];
  return table === undefined ? String(value) : nameOf(state, table, String(value));
}

function settingText(state: StateView, name: string | null, value: unknown): string {
  const split = name === 'currentKeySplitId' ? state.get('key_split', String(value)) : undefined;
  if (split === undefined) return value === null ? '' : String(value);
  return `${split.threshold} of ${split.size}: ${String(readValue(split.namesJson))}`;
}

/** What stood in a cell; null where it is not known. */
export function readValue(json: string | null): unknown {
  try {
    return JSON.parse(json ?? 'null');
  } catch {
    return null;
  }
}
