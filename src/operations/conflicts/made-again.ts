/** What the operation that makes a thing takes, of what the deleted one was like and of what was changed on it last. It knows no passphrase and runs nothing. */
import type { UserId } from '../../core/ids.ts';
import type { StateView } from '../../core/state.ts';
import type { Cell } from '../../core/table.ts';
import { type Named, named, nameOf } from '../entities.ts';
import { durationText } from '../fields.ts';
import { rolesOf } from '../roles-of.ts';
import { type Conflict, readValue } from './subject.ts';

type Like = Readonly<Record<string, unknown>>;
type FieldsOf = (like: Like, state: StateView, rowId: string) => Readonly<Record<string, unknown>>;

const FIELDS: Readonly<Record<Named, FieldsOf>> = {
  site: () => ({}),
  user: (_like, state, rowId) => ({ roles: rolesOf(state, rowId as UserId) }),
  key_policy: (like) => ({
    encryptionPeriod: period(like['encryptionPeriodSeconds']),
    cryptoperiod: period(like['cryptoperiodSeconds']),
    allowExportFrom: set(like['allowExportFrom']),
    allowImportTo: set(like['allowImportTo']),
    allowAgentsToRevoke: set(like['allowAgentsToRevoke']),
  }),
  key_group: (like, state) => ({ policy: living(state, 'key_policy', like['keyPolicyId']) }),
  agent: (like, state) => ({
    site: living(state, 'site', like['siteId']),
    oneTimePassphrase: unset(like['oneTimePassphrase']),
    modernOnly: set(like['modernOnly']),
  }),
  kma: (like, state) => ({
    site: living(state, 'site', like['siteId']),
    serviceAddress: text(like['serviceAddress']),
    managementAddress: text(like['managementAddress']),
  }),
  snmp_manager: (like) => ({
    address: text(like['address']),
    port: typeof like['port'] === 'number' ? like['port'] : undefined,
    enabled: unset(like['enabled']),
    protocol: text(like['protocol']),
    userName: text(like['userName']),
    authentication: text(like['authentication']),
    privacy: text(like['privacy']),
  }),
};

/** Without what is empty, or as it is where nobody says it. */
export function madeAgain(state: StateView, table: Named, conflict: Conflict): Record<string, unknown> {
  const rowId = conflict.rowId ?? '';
  const row: Readonly<Record<string, Cell>> = { ...state.get(table, rowId) };
  const lost = readValue(conflict.lostValueJson);
  const like: Like = { ...row, ...(typeof lost === 'object' ? lost : {}) };
  const fields = { description: text(like['description']), ...FIELDS[table](like, state, rowId) };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => isSaid(value)));
}

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
}
/** Of flags that are not set unless somebody says so, and of those that are. */
function set(cell: unknown): true | undefined {
  return cell === 1 ? true : undefined;
}
function unset(cell: unknown): false | undefined {
  return cell === 0 ? false : undefined;
}

function text(cell: unknown): string {
  return typeof cell === 'string' ? cell : '';
}
function period(cell: unknown): string {
  return typeof cell === 'number' ? durationText(cell) : '';
}
/** Its name, where it is still there. */
function living(state: StateView, table: Named, id: unknown): string {
  const name = nameOf(state, table, text(id));
  return named(state, table, name) === undefined ? '' : name;
}
