/** The columns of the list of data units in SQL. Number and state of a unit's keys stand nowhere and are worked out here, for few units at a time. */
import { DATA_UNIT_STATES, type DataUnitState } from '../core/data-unit-state.ts';
import type { Bounds } from '../operations/lists/filter.ts';
import {
  type Derived,
  encrypts,
  groupOf,
  integer,
  type Joined,
  type Many,
  periods,
  type Rank,
  type Source,
  shownNames,
  text,
} from './list-source.ts';
import type { Store } from './store.ts';

export function dataUnits(store: Store, nowMs: number): Source {
  const shared = sharedIds(store);
  const numbers = keyNumbers(store, shared);
  const states = keyStates();
  return {
    table: 'data_unit',
    key: 't.id',
    living: LIVING.map((condition) => `t.${condition}`),
    columns: {
      dataUnitId: text('t.id', { filled: true }),
      externalTag: text('t.externalTag', { index: 'data_unit_by_tag' }),
      description: text('t.description'),
      keys: integer(numbers.sql, { filled: true, needs: ['shared'], derived: numbers.derived }),
      state: text(states.sql, { filled: true, needs: ['periods', 'shared'], derived: states.derived }),
      createdAt: integer('t.createdAt', { filled: true, index: 'data_unit_by_created' }),
      createdBy: text('agents.shown', { needs: ['agents'] }),
      externalUniqueId: text('t.externalUniqueId', { index: 'data_unit_by_external' }),
    },
    joined: {
      periods: periods(nowMs, ''),
      shared,
      agents: shownNames('agent', 't.createdBy'),
    },
  };
}

const LIVING = ['createdStamp IS NOT NULL', 'removedStamp IS NULL'];
const all = (conditions: readonly string[]) => conditions.join(' AND ');

/** External IDs that several units have: these count as one (core/data-units.ts). Hardly ever are there any, so all other units need not look for their like. */
function sharedIds({ statements }: Store): Joined {
  let known: string | undefined;
  const found = () => {
    const rows = statements
      .prepare(
        `SELECT externalUniqueId AS id FROM data_unit INDEXED BY data_unit_by_external WHERE externalUniqueId <> ''
         GROUP BY externalUniqueId HAVING count(*) > 1`,
      )
      .all();
    return JSON.stringify(rows.map(({ id }) => id));
  };
  return {
    select: 'SELECT value AS id FROM json_each($shared)',
    on: '',
    parameters: () => {
      known ??= found();
      return { shared: known };
    },
  };
}

const IS_SHARING = 't.externalUniqueId IN (SELECT id FROM shared)';

/** Units with a shared external ID. */
const SHARING = `SELECT u.id FROM data_unit u INDEXED BY data_unit_by_external
  WHERE u.externalUniqueId <> '' AND u.externalUniqueId IN (SELECT id FROM shared)`;

/** What is found of a unit's own keys says nothing of one that shares its external ID. */
const DOUBT = { doubtful: SHARING, inDoubt: IS_SHARING };
const withSharing = (units: string | null) => (units === null ? null : `${units} UNION ALL ${SHARING}`);

/** The same of a unit's own associations, and for one with a shared external ID of all its like. */
function ofAssociations(own: string, ofLike = own): string {
  const like = `SELECT t.id UNION ALL SELECT u.id FROM data_unit u INDEXED BY data_unit_by_external
    WHERE u.externalUniqueId = t.externalUniqueId AND u.externalUniqueId <> '' AND ${all(LIVING.map((condition) => `u.${condition}`))}`;
  return `CASE WHEN ${IS_SHARING}
    THEN (${ofLike} AND a.dataUnitId IN (${like})) ELSE (${own} AND a.dataUnitId = t.id) END`;
}

interface WorkedOut {
  readonly sql: string;
  readonly derived: Derived;
}

function keyNumbers({ statements }: Store, shared: Joined): WorkedOut {
  const counted = (what: string) => `SELECT count(${what}) FROM data_unit_key a WHERE a.present = 1`;
  const sql = ofAssociations(counted('*'), counted('DISTINCT a.keyId'));
  const numbers = `SELECT dataUnitId AS id, count(*) AS keys FROM data_unit_key INDEXED BY data_unit_key_by_unit
    WHERE present = 1 GROUP BY dataUnitId`;
  const select: Many['select'] = ({ atLeast, above, atMost, below }, bind) => {
    if (Number(atLeast ?? 0) <= 0 && Number(above ?? -1) < 0) return null;
    const bounds = [
      ...(atLeast === undefined ? [] : [`keys >= ${bind(atLeast)}`]),
      ...(above === undefined ? [] : [`keys > ${bind(above)}`]),
      ...(atMost === undefined ? [] : [`keys <= ${bind(atMost)}`]),
      ...(below === undefined ? [] : [`keys < ${bind(below)}`]),
    ];
    return `SELECT id FROM (${numbers}) WHERE ${all(bounds)}`;
  };
  return {
    sql,
    derived: {
      candidates: (bounds, bind) => withSharing(select(bounds, bind)),
      many: { select, ...DOUBT },
      ranks(fewRows) {
        const occurring = `WITH shared AS MATERIALIZED (${shared.select}) SELECT keys, count(*) AS units
          FROM (SELECT keys FROM (${numbers}) UNION ALL
            SELECT ${sql} FROM data_unit t WHERE t.id IN (${SHARING})) GROUP BY keys HAVING keys > 0 ORDER BY keys`;
        const found = statements.prepare(occurring).all(shared.parameters?.() ?? {});
        return ranksOf(
          found.map((row) => ({ value: Number(row['keys']), rows: Number(row['units']) })),
          fewRows,
        );
      },
    },
  };
}

/** No key is a rank by itself, and so is each number that many units have. */
function ranksOf(
  occurring: readonly { readonly value: number; readonly rows: number }[],
  fewRows: number,
): readonly Rank[] {
  const ranks: Rank[] = [{ atLeast: 0, atMost: 0 }];
  let rowsOfLast = Number.POSITIVE_INFINITY;
  for (const { value, rows } of occurring) {
    const last = ranks.at(-1);
    if (last !== undefined && rowsOfLast + rows <= fewRows) {
      ranks[ranks.length - 1] = { ...last, atMost: value };
      rowsOfLast += rows;
    } else {
      ranks.push({ atLeast: value, atMost: value });
      rowsOfLast = rows;
    }
  }
  return ranks;
}

/** Of a unit's keys that were handed out 2 encrypts, 1 reads, 0 is destroyed; the greatest makes its state. */
const STATES: Readonly<Record<DataUnitState, number | null>> = {
  NO_KEY: null,
  READABLE_NORMAL: 2,
  READABLE_NEEDS_REKEY: 1,
  SHREDDED: 0,
};

const GREATEST = 2;

function keyStates(): WorkedOut {
  const standing = `CASE WHEN k.destroyedStamp IS NOT NULL THEN 0
      WHEN k.compromisedStamp IS NULL AND k.revokedStamp IS NULL AND ${encrypts('k')} THEN 2 ELSE 1 END`;
  const inPeriods = `LEFT JOIN periods ON periods.id = ${groupOf('k')}`;
  const greatest =
    ofAssociations(`SELECT max(${standing}) FROM data_unit_key a CROSS JOIN key k ON k.id = a.keyId ${inPeriods}
      WHERE a.present = 1 AND k.activatedStamp IS NOT NULL`);
  const keysThat = (condition: string) =>
    `SELECT k.id FROM key k ${inPeriods} WHERE k.activatedStamp IS NOT NULL AND (${standing}) ${condition}`;
  // The ID of an association is that of its unit and that of its key: the indexes have all that is asked here.
  const fewWith = (value: number | null) =>
    value === null
      ? WITHOUT_KEY
      : `SELECT substr(a.id, 1, length(a.id) - length(k.id) - 1) AS id FROM (${keysThat(`= ${value}`)}) k
      CROSS JOIN data_unit_key a INDEXED BY data_unit_key_by_key ON a.keyId = k.id AND a.present = 1`;
  const having = (condition: string) =>
    `SELECT DISTINCT a.dataUnitId AS id FROM data_unit_key a INDEXED BY data_unit_key_by_unit
      WHERE a.present = 1 AND substr(a.id, length(a.dataUnitId) + 2) IN (${keysThat(condition)})`;
  const allWith = (value: number | null) => {
    if (value === null)
      return `SELECT id FROM (SELECT id FROM data_unit EXCEPT ${having('>= 0')} ORDER BY 1)`;
    if (value === GREATEST) return having(`= ${value}`);
    return `SELECT id FROM (${having(`= ${value}`)} EXCEPT ${having(`> ${value}`)} ORDER BY 1)`;
  };
  const names = Object.entries(STATES).map(
    ([name, value]) => `WHEN ${value === null ? 'worked IS NULL' : `worked = ${value}`} THEN '${name}'`,
  );
  return {
    sql: `(SELECT CASE ${names.join(' ')} END FROM (SELECT ${greatest} AS worked))`,
    derived: {
      candidates: (bounds) => withSharing(ofState(bounds, fewWith)),
      many: { select: (bounds) => ofState(bounds, allWith), ...DOUBT },
      ranks: () => DATA_UNIT_STATES.toSorted().map((name) => ({ atLeast: name, atMost: name })),
    },
  };
}

function ofState({ atLeast, atMost }: Bounds, units: (value: number | null) => string): string | null {
  const state = DATA_UNIT_STATES.find((name) => name === atLeast && name === atMost);
  return state === undefined ? null : units(STATES[state]);
}

/** Both sides lie in the order of units, so that SQLite merges them, keeping nothing. */
const WITHOUT_KEY = `SELECT id FROM (SELECT id FROM data_unit EXCEPT
  SELECT a.dataUnitId FROM data_unit_key a INDEXED BY data_unit_key_by_unit CROSS JOIN key k ON k.id = a.keyId
  WHERE a.present = 1 AND k.activatedStamp IS NOT NULL ORDER BY 1)`;
