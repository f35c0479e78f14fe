/** What the columns of the large lists are made of in SQL, and the parts that several lists share. Nothing is asked here. */
import type { Cell } from '../core/table.ts';
import type { Bounds } from '../operations/lists/filter.ts';
import { quoted } from './schema.ts';

export interface SqlColumn {
  readonly sql: string;
  /** Texts are empty as NULL and as "". */
  readonly type: 'text' | 'integer';
  /** May have more characters than the order goes by. */
  readonly long?: boolean;
  /** Has a value in every row. */
  readonly filled?: boolean;
  /** The index that begins with it. */
  readonly index?: string;
  /** Tables of `Source.joined` that the SQL speaks of. */
  readonly needs?: readonly string[];
  /** Where no index leads to the value in every row, as where it is worked out anew. */
  readonly derived?: Derived;
}
/** How to look at few rows of a column without an index of its values. */
export interface Derived {
  /** A SELECT of the `id` of every row that may have a value within, and of others; null where that would be nearly all. */
  candidates(bounds: Bounds, bind: (value: Cell) => string): string | null;
  readonly many?: Many;
  /** Every value that occurs is in one, in ascending order. What spans several values has few rows. */
  ranks(fewRows: number): readonly Rank[];
}
/** How to find rows of such a column where many fit, without working its value out for each. */
export interface Many {
  /** A SELECT of the `id` of each row with a value within, once, in the order of keys, but for those in doubt; null where there is none. */
  select(bounds: Bounds, bind: (value: Cell) => string): string | null;
  /** A SELECT of the `id` of each row in doubt, once: at these it has to be looked. */
  readonly doubtful: string;
  /** The same as a condition. */
  readonly inDoubt: string;
}
export interface Rank {
  readonly atLeast: string | number;
  readonly atMost: string | number;
}
export interface Joined {
  /** A SELECT of few rows, made once for a question. */
  readonly select: string;
  readonly on: string;
  /** Worked out where the table is needed. */
  readonly parameters?: () => Readonly<Record<string, string | number>>;
}
export interface Source {
  readonly table: string;
  /** Tells the rows apart; the table lies in its order. */
  readonly key: string;
  /** Which rows there are at all. */
  readonly living: readonly string[];
  readonly columns: Readonly<Record<string, SqlColumn>>;
  readonly joined: Readonly<Record<string, Joined>>;
}

export const text = (sql: string, more: Partial<SqlColumn> = {}): SqlColumn => ({
  sql,
  type: 'text',
  ...more,
});
export const integer = (sql: string, more: Partial<SqlColumn> = {}): SqlColumn => ({
  sql,
  type: 'integer',
  ...more,
});

/** As operations/entities.ts shows names: of namesakes the earliest living one has the bare name. */
export function shownNames(table: 'agent' | 'key_group', reference: string): Joined {
  const name = quoted(table);
  return {
    select: `SELECT a.id, CASE WHEN a.name IS NULL THEN '' WHEN a.createdStamp IS NOT NULL AND a.removedStamp IS NULL
        AND NOT EXISTS (SELECT 1 FROM ${name} b WHERE b.name = a.name AND b.removedStamp IS NULL
          AND b.createdStamp IS NOT NULL AND b.createdStamp || b.id < a.createdStamp || a.id)
        THEN a.name ELSE a.name || '~' || substr(a.id, -4) END AS shown FROM ${name} a`,
    on: reference,
  };
}

/** Key groups with the periods of their policies in milliseconds, removed ones too (core/key-standing.ts), and what time it is. */
export function periods(nowMs: number, reference: string): Joined {
  return {
    select: `SELECT g.id, $now AS now, p.encryptionPeriodSeconds * 1000 AS encrypts, p.cryptoperiodSeconds * 1000 AS decrypts
      FROM key_group g JOIN key_policy p ON p.id = g.keyPolicyId
      WHERE p.encryptionPeriodSeconds IS NOT NULL AND p.cryptoperiodSeconds IS NOT NULL`,
    on: reference,
    parameters: () => ({ now: nowMs }),
  };
}
export const groupOf = (key: string) => `coalesce(${key}.changedKeyGroupId, ${key}.activatedKeyGroupId)`;
/** Whether a key that was handed out is neither over nor only for reading; core/key-state.ts says the same. */
export const encrypts = (key: string) =>
  `(${key}.processOnly IS NOT 1 AND periods.now - coalesce(${key}.activatedAt, 0) < min(periods.encrypts, periods.decrypts))`;
