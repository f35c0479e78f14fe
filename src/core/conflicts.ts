/** What an entry of another KMA collides with: changes of one thing where neither writer knew of the other. It finds what can be known for certain, says where it cannot, and stores nothing. */
import { columnStamp } from './column-stamps.ts';
import type { Fact, LogEntry, SetFact } from './facts.ts';
import { isOfRemoved, kmaOfIncarnation } from './life.ts';
import { incarnationOf, type Stamp } from './stamp.ts';
import type { StateView } from './state.ts';
import type { Cell } from './table.ts';
import type { AnyRow, EventCells, TableName } from './tables.ts';

/**
 * What people change, and what says that a passphrase was spent. Of a passphrase the verifier alone, since its other
 * columns change with it. What agents do by the thousand is theirs: associations, new data units and keys.
 */
const WATCHED: { readonly [T in TableName]?: readonly string[] } = {
  kma: [
    'description',
    'siteId',
    'enabled',
    'hostName',
    'serviceAddress',
    'serviceAddressIPv6',
    'managementAddress',
    'minimumTls',
    'verifierObjectId',
    'enrolled',
  ],
  site: ['description'],
  user: ['description', 'enabled', 'verifierObjectId'],
  user_role: ['present'],
  key_policy: ['description', 'allowExportFrom', 'allowImportTo', 'allowAgentsToRevoke'],
  key_group: ['description', 'keyPolicyId'],
  agent: [
    'description',
    'siteId',
    'defaultKeyGroupId',
    'enabled',
    'oneTimePassphrase',
    'modernOnly',
    'verifierObjectId',
    'enrolled',
  ],
  agent_group: ['present'],
  data_unit: ['description', 'externalTag'],
  data_unit_key: ['inUse'],
  key: ['changedKeyGroupId'],
  certificate_authority: ['certificatePem'],
  snmp_manager: ['description', 'address', 'port', 'enabled', 'protocol', 'userName', 'secretObjectId'],
  setting: ['valueJson'],
};
/** Long values that tell people nothing. */
const UNSHOWN: ReadonlySet<string> = new Set(['verifierObjectId', 'secretObjectId', 'certificatePem']);
const VALUE_CHARACTERS_MAX = 512;
/** Another member may have written any name; what is not ours is not repeated. */
const ROW_ID_CHARACTERS_MAX = 128;

export type FoundConflict = Omit<EventCells<'conflict', 'created'>, 'foundAt' | 'foundByKmaId'> & {
  readonly id: string;
};

type Rows = Pick<StateView, 'get'>;

/** This KMA, and the life that it leads now. */
interface Own {
  readonly kmaId: string;
  readonly incarnationId: string;
}

/**
 * To be asked when the entry has just been folded, in the same transaction. What lost here came before what counts by the
 * clocks, so its writer did not know of that; and the writer of what counts is this KMA, which learns of the other only
 * now. So of two writers the one whose change counts finds it, always: the other one, and third ones, cannot tell it from
 * an ordinary later change. Where that KMA is gone for good, whoever folds it says that it may be so; and so does a KMA of
 * what it wrote in an earlier life, since a copy or an older store has forgotten what it knew then.
 */
export function conflictsOf(state: Rows, entry: LogEntry, own: Own): readonly FoundConflict[] {
  return entry.facts.flatMap((fact, place) => ofFact(state, entry, fact, place, own));
}

function ofFact(state: Rows, entry: LogEntry, fact: Fact, place: number, own: Own): readonly FoundConflict[] {
  if (!('set' in fact) || fact.id.length > ROW_ID_CHARACTERS_MAX) return [];
  const columns = WATCHED[fact.table]?.filter((name) => Object.hasOwn(fact.set, name)) ?? [];
  const row = columns.length === 0 ? undefined : (state.get(fact.table, fact.id) as AnyRow | undefined);
  if (row === undefined) return [];
  const { stamp, operation } = entry;
  const common = { inTable: fact.table, rowId: fact.id, lostStamp: stamp, lostOperation: operation };
  const removed = row['removedStamp'] as Stamp | null;
  if (removed !== null) {
    const who = knowledge(state, removed, own);
    if (!['own', 'earlier'].includes(who) || removes(entry, fact)) return [];
    const lost = Object.fromEntries(columns.map((name) => [name, shown(name, fact.set[name] ?? null)]));
    const values = { keptStamp: removed, keptValueJson: 'null', lostValueJson: json(lost) };
    return [
      { ...common, ...values, id: `${stamp}:${place}:`, kind: 'removed', inColumn: '', sure: sureOf(who) },
    ];
  }
  return columns.flatMap((column): FoundConflict[] => {
    const kept = columnStamp(row, column);
    const kind = kindOf(row, column, fact);
    if (kept === null || kept <= stamp || kind === null) return [];
    const who = knowledge(state, kept, own);
    if (who === 'unknown') return [];
    const values = {
      keptStamp: kept,
      keptValueJson: json(shown(column, row[column] ?? null)),
      lostValueJson: json(shown(column, fact.set[column] ?? null)),
    };
    const sure = sureOf(who);
    return [{ ...common, ...values, id: `${stamp}:${place}:${column}`, kind, inColumn: column, sure }];
  });
}

/** Both sides removed it. */
function removes({ facts }: LogEntry, { table, id }: SetFact): boolean {
  return facts.some(
    (fact) => 'event' in fact && fact.event === 'removed' && fact.table === table && fact.id === id,
  );
}

type Knowledge = 'own' | 'earlier' | 'silent' | 'unknown';

/** `own`: this life wrote it without what it folds now. `earlier`: another life of this KMA did. `silent`: whoever wrote it can find nothing any more. */
function knowledge(state: Rows, stamp: Stamp, own: Own): Knowledge {
  const incarnationId = incarnationOf(stamp);
  if (incarnationId === own.incarnationId) return 'own';
  if (kmaOfIncarnation(state, incarnationId) === own.kmaId) return 'earlier';
  return isOfRemoved(state, incarnationId) ? 'silent' : 'unknown';
}
function sureOf(who: Knowledge): 0 | 1 {
  return who === 'own' ? 1 : 0;
}

/** Null where both say the same and nothing was spent twice. */
function kindOf(row: AnyRow, column: string, { table, set }: SetFact): 'field' | 'spent' | null {
  if (column !== 'enrolled') return same(row[column], set[column]) ? null : 'field';
  const once = table === 'kma' || row['oneTimePassphrase'] !== 0;
  return row[column] === 1 && set[column] === 1 && once ? 'spent' : null;
}

/** Nothing and the empty text are one to people. */
function same(one: Cell | undefined, other: Cell | undefined): boolean {
  return (one ?? '') === (other ?? '');
}

function shown(column: string, value: Cell): Cell {
  return UNSHOWN.has(column) ? null : value;
}

function json(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= VALUE_CHARACTERS_MAX
    ? text
    : JSON.stringify(`${text.slice(0, VALUE_CHARACTERS_MAX / 2)}...`);
}
