/** Which sealed objects a row names, and so must be held, and what a change of rows names anew or lets go of. It holds no object. */
import type { ObjectId } from './ids.ts';
import { everWasSecurityOfficer } from './security-officers.ts';
import type { StateView } from './state.ts';
import { type AnyRow, TABLE_NAMES, type TableName, tableOf } from './tables.ts';

export interface NamedObject {
  readonly id: ObjectId;
  readonly table: TableName;
  readonly row: string;
  /** Of its bytes; an object that is not these is not the one. */
  readonly sha256: string;
  /** Null while the row does not say enough. */
  readonly form: ObjectForm | null;
  /** Of a key: where it stands in the log of its making. */
  readonly made: { readonly incarnationId: string; readonly seq: number } | null;
}

/** What an object has to be beside its bytes: what is sealed opens under nothing else, and stays for good as it came. */
export interface ObjectForm {
  readonly class: 'open' | 'self-protected' | 'root-sealed';
  readonly kind: string;
  /** Null where nothing is bound to it. */
  readonly owner: string | null;
  /** Null for the epoch of a master key. */
  readonly epoch: string | null;
}

/** A row before and after a log entry was folded. */
export interface RowChange {
  readonly table: TableName;
  readonly before: AnyRow | undefined;
  readonly after: AnyRow;
}

export interface ObjectChanges {
  readonly named: readonly NamedObject[];
  /** To be erased, for good. */
  readonly letGo: readonly ObjectId[];
}

/** A column names an object where the object's hash stands beside it. */
const NAMING: ReadonlyMap<TableName, readonly (readonly [id: string, sha256: string])[]> = new Map(
  TABLE_NAMES.map((table) => {
    const { columns } = tableOf(table);
    const pairs = Object.keys(columns)
      .filter((column) => /objectId$/i.test(column))
      .flatMap((column) => {
        const hashes = [column.replace(/Id$/, 'Sha256'), column.replace(/ObjectId$/, 'Sha256')];
        const sha256 = hashes.find((name) => name !== column && Object.hasOwn(columns, name));
        return sha256 === undefined ? [] : [[column, sha256] as const];
      });
    return [table, pairs] as const;
  }),
);

const VERIFIER: ObjectForm = { class: 'open', kind: 'passphrase-verifier', owner: null, epoch: '' };
const SNMP_SECRET: ObjectForm = { class: 'open', kind: 'snmp-secret', owner: null, epoch: '' };
const sealed = (kind: string, owner: string): ObjectForm => ({
  class: 'root-sealed',
  kind,
  owner,
  epoch: null,
});
const text = (row: AnyRow, column: string) => String(row[column] ?? '');

/** By table and column. */
const FORMS: Readonly<Record<string, (row: AnyRow) => ObjectForm | null>> = {
  'agent verifierObjectId': () => VERIFIER,
  'kma verifierObjectId': () => VERIFIER,
  'user verifierObjectId': () => VERIFIER,
  'pending_operation objectId': () => VERIFIER,
  'snmp_manager secretObjectId': () => SNMP_SECRET,
  // A passphrase may have been set where the agent was known, and come before the agent.
  'agent legacySecretObjectId': (row) =>
    typeof row['name'] === 'string' ? sealed('legacy-secret', row['name']) : null,
  'key objectId': ({ id }) => sealed('key', id),
  'certificate_authority keyObjectId': ({ id }) => sealed('ca-key', id),
  'key_split objectId': (row) => ({
    class: 'self-protected',
    kind: 'key-split',
    owner: row.id,
    epoch: text(row, 'rootEpochId'),
  }),
  'master_wrap objectId': (row) => ({
    class: 'root-sealed',
    kind: 'master-key',
    owner: text(row, 'masterEpochId'),
    epoch: text(row, 'rootEpochId'),
  }),
  'member_key objectId': (row) => ({
    class: 'root-sealed',
    kind: 'member-key',
    owner: row.id,
    epoch: text(row, 'rootEpochId'),
  }),
  'root_copy objectId': (row) => ({
    class: 'self-protected',
    kind: 'root-copy',
    owner: text(row, 'incarnationId'),
    epoch: text(row, 'rootEpochId'),
  }),
};

function formOf(table: TableName, column: string, row: AnyRow): ObjectForm | null {
  const form = FORMS[`${table} ${column}`];
  if (form === undefined) throw new Error(`nothing says what ${column} of ${table} names`);
  return form(row);
}

/** What tables can name: the rest need not be looked through. */
export const NAMING_TABLES: readonly TableName[] = TABLE_NAMES.filter(
  (table) => (NAMING.get(table) ?? []).length > 0,
);

type Rows = Pick<StateView, 'get'>;

/** Objects that must be held for this row: none of a removed row, of a destroyed key, of a retired key split, of a finished pending operation. */
export function namedObjects(state: Rows, table: TableName, row: AnyRow | undefined): readonly NamedObject[] {
  return row === undefined || isOver(state, table, row) ? [] : mentionedObjects(table, row);
}

/** All that the row speaks of, over or not. */
function mentionedObjects(table: TableName, row: AnyRow | undefined): readonly NamedObject[] {
  return (NAMING.get(table) ?? []).flatMap(([idColumn, sha256Column]) => {
    const id = row?.[idColumn];
    if (row === undefined || typeof id !== 'string' || id === '') return [];
    const sha256 = text(row, sha256Column);
    const form = formOf(table, idColumn, row);
    return [{ id: id as ObjectId, table, row: row.id, sha256, form, made: madeAt(table, row) }];
  });
}

function isOver(state: Rows, table: TableName, row: AnyRow): boolean {
  // Of crossing deletions of officers one has to be survived, and then he has to log in.
  if (row['removedStamp'] !== null) return table !== 'user' || !everWasSecurityOfficer(state, row.id);
  if (table === 'key') return row['destroyedStamp'] !== null;
  if (table === 'key_split') return row['retiredStamp'] !== null;
  return table === 'pending_operation' && row['finishedStamp'] !== null;
}

function madeAt(table: TableName, row: AnyRow): NamedObject['made'] {
  const { incarnationId, madeSeq } = row;
  if (table !== 'key' || typeof incarnationId !== 'string' || typeof madeSeq !== 'number') return null;
  return { incarnationId, seq: madeSeq };
}

/** Of all rows that one entry changed together: an object may pass from one row to another. */
export function objectChanges(state: Rows, changed: readonly RowChange[]): ObjectChanges {
  const changes = changed.filter(({ table }) => NAMING_TABLES.includes(table));
  if (changes.length === 0) return { named: [], letGo: [] };
  const all = (of: typeof mentionedObjects, when: 'before' | 'after') =>
    new Map(changes.flatMap((change) => of(change.table, change[when]).map((object) => [object.id, object])));
  const named: typeof mentionedObjects = (table, row) => namedObjects(state, table, row);
  const before = all(named, 'before');
  const after = all(named, 'after');
  const knownBefore = all(mentionedObjects, 'before');
  const contested = new Set(contestedKeys(changes).map(({ objectId }) => objectId));
  const known = new Set([...knownBefore.keys(), ...all(mentionedObjects, 'after').keys()]);
  return {
    named: [...after.values()].filter(({ id, table, row }) => {
      const until = before.get(id);
      return until?.table !== table || until.row !== row;
    }),
    // Also what becomes known when it is over already, such as a key whose destruction came first.
    letGo: [...known].filter(
      (id) => !after.has(id) && (before.has(id) || !knownBefore.has(id)) && !contested.has(id),
    ),
  };
}

/** Keys that another log claims to have made, and earlier: nobody makes one by chance, and the object of the one that was here stays. */
export function contestedKeys(
  changes: readonly RowChange[],
): readonly { readonly keyId: string; readonly objectId: string }[] {
  return changes.flatMap(({ table, before, after }) => {
    const objectId = table === 'key' ? before?.['objectId'] : null;
    return typeof objectId === 'string' && objectId !== after['objectId']
      ? [{ keyId: after.id, objectId }]
      : [];
  });
}
