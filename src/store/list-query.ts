/** Finds the rows of the large lists with SQL: which ones, in which order, from where on. Values are bound, never written into SQL; it shows no row. */
import { compareCells, ORDERED_CHARACTERS, type Place, pageFrom, type RowId } from '../core/list-page.ts';
import type { Cell } from '../core/table.ts';
import type { Bounds, Filter } from '../operations/lists/filter.ts';
import type { ListReader } from '../operations/lists/list.ts';
import type { Question } from '../operations/lists/question.ts';
import { sourceOf } from './list-columns.ts';
import type { Rank, Source, SqlColumn } from './list-source.ts';
import type { Store } from './store.ts';

/** So many rows are looked at one by one through an index; beyond that reading the whole table in its order is faster. */
export const WALKED_ROWS = 20_000;
/** Of these at the beginning of the order: more than so many rows fit, and in most stores a page of them is among the first. */
const FIRST_PART = 1 / 4;

/** `walkedRows` is smaller in tests, so that a few rows take every way. */
export function createListReader(store: Store, nowMs: number, walkedRows = WALKED_ROWS): ListReader {
  return {
    page(rows, question) {
      const source = sourceOf(rows, store, nowMs);
      const found = new Search(store, source, question, walkedRows).rows();
      return pageFrom(
        found.map((place) => ({ row: place.id, place })),
        question.limit,
      );
    },
  };
}

/** Rows with a value in the column of the order come first, then those without. */
type Part = 'filled' | 'empty';
/** `walked`: the first rows of the order; `index` and `candidates`: those of a filter that few fit; `many`: those of one that many fit, then sorted; `table`: all, then sorted. */
type Way =
  | { readonly by: 'order' | 'walked' | 'table' }
  | { readonly by: 'index' | 'candidates' | 'many'; readonly filter: Filter };

class Search {
  readonly #store: Store;
  readonly #source: Source;
  readonly #question: Question;
  readonly #walkedRows: number;
  readonly #sorted: SqlColumn;
  readonly #orderSql: string;
  #parameters: Record<string, Cell> = {};

  constructor(store: Store, source: Source, question: Question, walkedRows: number) {
    this.#store = store;
    this.#source = source;
    this.#question = question;
    this.#walkedRows = walkedRows;
    this.#sorted = this.#column(question.sort.column);
    const { sql, long } = this.#sorted;
    this.#orderSql = long === true ? `substr(${sql}, 1, ${ORDERED_CHARACTERS})` : sql;
  }

  /** In order, one more than the page holds where there are more. */
  rows(): Place[] {
    const { after, limit, filters } = this.#question;
    const { derived } = this.#sorted;
    if (derived !== undefined && filters.length === 0) return this.#ranked(derived.ranks(this.#walkedRows));
    const found: Place[] = [];
    if (after === null || after.cell !== null) found.push(...this.#part('filled', limit + 1));
    if (found.length <= limit && this.#sorted.filled !== true)
      found.push(...this.#part('empty', limit + 1 - found.length));
    return found;
  }

  /** The order of a derived column, rank by rank: where one has a single value its rows lie in the order of their keys. */
  #ranked(ascending: readonly Rank[]): Place[] {
    const { sort, after, limit } = this.#question;
    const ranks = sort.descending ? ascending.toReversed() : ascending;
    const found: Place[] = [];
    for (const rank of ranks) {
      if (found.length > limit) break;
      if (after !== null && this.#isBefore(rank, after.cell)) continue;
      const filter: Filter = { column: sort.column, test: { is: 'within', bounds: rank }, not: false };
      const rest = { filters: [filter], limit: limit - found.length };
      if (rank.atLeast === rank.atMost) found.push(...this.#ofValue(rank.atLeast, rest));
      else found.push(...this.#searched({ ...rest, sort, after }));
    }
    return found;
  }
  #isBefore({ atLeast, atMost }: Rank, cell: Cell): boolean {
    if (cell === null) return false;
    return this.#question.sort.descending ? compareCells(atLeast, cell) > 0 : compareCells(atMost, cell) < 0;
  }
  /** Rows of one value of the column of the order, as places in that order. */
  #ofValue(value: string | number, rest: Pick<Question, 'filters' | 'limit'>): Place[] {
    const { sort, after } = this.#question;
    const { key, columns } = this.#source;
    const column = Object.keys(columns).find((name) => columns[name]?.sql === key) ?? '';
    const beyond = after?.cell === value ? { cell: after.id, id: after.id } : null;
    const places = this.#searched({ ...rest, sort: { ...sort, column }, after: beyond });
    return places.map(({ id }) => ({ id, cell: value }));
  }
  #searched(question: Question): Place[] {
    return new Search(this.#store, this.#source, question, this.#walkedRows).rows();
  }

  #part(part: Part, limit: number): Place[] {
    if (!this.#inOrder(part)) return this.#select(part, limit, this.#narrow() ?? this.#wide());
    if (this.#others(part).length === 0) return this.#select(part, limit, { by: 'order' });
    const only = this.#onlyValue();
    if (only !== null) return this.#select(part, limit, { by: 'index', filter: only });
    const narrow = this.#narrow();
    if (narrow !== null) return this.#select(part, limit, narrow);
    const first = this.#select(part, limit, { by: 'walked' });
    return first.length >= limit ? first : this.#select(part, limit, this.#wide());
  }

  /** Whether the rows lie in the order asked for. */
  #inOrder(part: Part): boolean {
    if (part === 'empty') return this.#sorted.needs === undefined;
    return this.#sorted.sql === this.#source.key || this.#sorted.index !== undefined;
  }
  /** Filters that the order does not serve. */
  #others(part: Part): readonly Filter[] {
    const { filters, sort } = this.#question;
    return filters.filter(
      ({ column, not, test }) => part === 'empty' || column !== sort.column || not || test.is !== 'within',
    );
  }
  /** The only filter, where it is for one value of an index: rows of one value lie in the order of their keys. */
  #onlyValue(): Filter | null {
    const [filter, ...others] = this.#question.filters;
    if (filter === undefined || others.length > 0 || filter.not || filter.test.is !== 'within') return null;
    const { atLeast, atMost } = filter.test.bounds;
    const { index } = this.#column(filter.column);
    const byKey = this.#sorted.sql === this.#source.key;
    return byKey && index !== undefined && atLeast !== undefined && atLeast === atMost ? filter : null;
  }
  /** A filter that leaves few rows, found without looking at each. */
  #narrow(): Way | null {
    for (const filter of this.#question.filters) {
      const { index, derived } = this.#column(filter.column);
      if ((index ?? derived) === undefined || filter.not || filter.test.is !== 'within') continue;
      this.#parameters = {};
      const by = index === undefined ? 'candidates' : 'index';
      const rows =
        index === undefined
          ? this.#candidates(filter)
          : `SELECT 1 FROM ${this.#source.table} t INDEXED BY ${index} WHERE ${this.#condition(filter, true)}`;
      if (rows !== null && this.#areFew(rows, filter.column)) return { by, filter };
    }
    return null;
  }
  #areFew(rows: string, column: string): boolean {
    const { tables, parameters } = this.#joined([column]);
    const sql = `${tables} SELECT count(*) AS rows FROM (${rows} LIMIT ${this.#walkedRows + 1})`;
    const found = this.#store.statements.prepare(sql).get({ ...this.#parameters, ...parameters });
    return Number(found?.['rows']) <= this.#walkedRows;
  }
  /** Where many rows fit. */
  #wide(): Way {
    for (const filter of this.#question.filters) {
      this.#parameters = {};
      if (!filter.not && this.#many(filter) !== null) return { by: 'many', filter };
    }
    return { by: 'table' };
  }
  /** IDs, some of them perhaps twice. */
  #candidates({ column, test }: Filter): string | null {
    if (test.is !== 'within') return null;
    return this.#column(column).derived?.candidates(test.bounds, (value) => this.#bind(value)) ?? null;
  }
  /** IDs, and whether each is one of those in doubt; no pair of both twice. */
  #many({ column, test }: Filter): string | null {
    const many = this.#column(column).derived?.many;
    if (test.is !== 'within' || many === undefined) return null;
    const certain = many.select(test.bounds, (value) => this.#bind(value));
    if (certain === null) return null;
    return `SELECT id, 0 AS doubted FROM (${certain}) UNION ALL SELECT id, 1 FROM (${many.doubtful})`;
  }

  #select(part: Part, limit: number, way: Way): Place[] {
    this.#parameters = {};
    const { sort, filters } = this.#question;
    const { key, table, living } = this.#source;
    const raw = way.by === 'order' || way.by === 'walked';
    const order = part === 'empty' ? key : this.#reference(this.#orderSql, this.#sorted, raw);
    const direction = sort.descending ? 'DESC' : 'ASC';
    const orderBy = `ORDER BY ${order === key ? '' : `${order} ${direction}, `}${key} ${direction}`;
    const place = [...living, ...this.#placed(part, order, raw)];
    const wanted = filters.map((filter) => this.#wanted(filter, way));
    const rows = `${table} t ${this.#indexedBy(part, way)}`;
    const from =
      way.by === 'walked'
        ? `(SELECT * FROM ${rows} WHERE ${all(place)} ${orderBy} LIMIT ${Math.ceil(this.#walkedRows * FIRST_PART)}) t`
        : way.by === 'candidates'
          ? `(SELECT DISTINCT id FROM (${this.#candidates(way.filter)})) candidate CROSS JOIN ${rows} ON ${key} = candidate.id`
          : way.by === 'many'
            ? `(${this.#many(way.filter)}) candidate CROSS JOIN ${rows} ON ${key} = candidate.id`
            : rows;
    const columns = [sort.column, ...filters.map(({ column }) => column)];
    const { tables, joins, parameters } = this.#joined(columns);
    const sql = `${tables} SELECT ${key} AS id, ${part === 'empty' ? 'NULL' : this.#orderSql} AS cell FROM ${from} ${joins}
      WHERE ${all(way.by === 'walked' ? wanted : [...place, ...wanted])} ${orderBy} LIMIT ${limit}`;
    const found = this.#store.statements.prepare(sql).all({ ...this.#parameters, ...parameters });
    return found.map((row) => ({ id: row['id'] as RowId, cell: row['cell'] as Cell }));
  }

  /** Said, not left to SQLite, which has no statistics and does not know how few rows are wanted. */
  #indexedBy(part: Part, way: Way): string {
    const wanted = way.by === 'index' ? this.#column(way.filter.column) : this.#sorted;
    const { index } = wanted;
    return index === undefined ||
      way.by === 'table' ||
      way.by === 'candidates' ||
      way.by === 'many' ||
      (part === 'empty' && way.by !== 'index')
      ? ''
      : `INDEXED BY ${index}`;
  }

  /** Which rows belong to the part and come after the page before. */
  #placed(part: Part, order: string, raw: boolean): string[] {
    const { after, sort } = this.#question;
    const { key } = this.#source;
    const beyond = sort.descending ? '<' : '>';
    const conditions =
      this.#sorted.filled === true
        ? []
        : [part === 'empty' ? this.#isEmpty(this.#sorted, raw) : this.#isFilled(this.#sorted, raw)];
    if (after === null || (part === 'empty' && after.cell !== null)) return conditions;
    if (order === key) return [...conditions, `${key} ${beyond} ${this.#bind(after.id)}`];
    return [
      ...conditions,
      `(${order}, ${key}) ${beyond} (${this.#bind(after.cell)}, ${this.#bind(after.id)})`,
    ];
  }

  #wanted(filter: Filter, way: Way): string {
    const { by } = way;
    const raw =
      by === 'index' ? filter === way.filter : by === 'order' && filter.column === this.#question.sort.column;
    const condition = this.#condition(filter, raw);
    if (by !== 'many' || filter !== way.filter) return condition;
    const inDoubt = this.#column(filter.column).derived?.many?.inDoubt;
    return `CASE WHEN ${inDoubt} THEN candidate.doubted AND ${condition} ELSE NOT candidate.doubted END`;
  }
  #condition({ column: name, test, not }: Filter, raw: boolean): string {
    const column = this.#column(name);
    const sql = this.#reference(column.sql, column, raw);
    const holds = () => {
      switch (test.is) {
        case 'empty':
          return column.filled === true ? this.#never() : this.#isEmpty(column, raw);
        case 'containing':
          return `instr(${sql}, ${this.#bind(test.text)}) > 0`;
        case 'one of':
          return `${sql} IN (${test.texts.map((one) => this.#bind(one)).join(', ')})`;
        case 'within':
          return all([
            ...this.#bounds(sql, test.bounds),
            ...(column.filled === true ? [] : [this.#isFilled(column, raw)]),
          ]);
      }
    };
    return not ? `((${holds()}) IS NOT TRUE)` : `(${holds()})`;
  }
  #bounds(sql: string, { atLeast, above, atMost, below }: Bounds): string[] {
    if (atLeast !== undefined && atLeast === atMost) return [`${sql} = ${this.#bind(atLeast)}`];
    return [
      ...(atLeast === undefined ? [] : [`${sql} >= ${this.#bind(atLeast)}`]),
      ...(above === undefined ? [] : [`${sql} > ${this.#bind(above)}`]),
      ...(atMost === undefined ? [] : [`${sql} <= ${this.#bind(atMost)}`]),
      ...(below === undefined ? [] : [`${sql} < ${this.#bind(below)}`]),
    ];
  }
  /** Not a constant: with one SQLite drops the other conditions, and then has no use for the index it was told to take. */
  #never(): string {
    return `length(${this.#source.key}) = 0`;
  }
  #isEmpty(column: SqlColumn, raw: boolean): string {
    const sql = this.#reference(column.sql, column, raw);
    return column.type === 'text' ? `(${sql} IS NULL OR ${sql} = '')` : `${sql} IS NULL`;
  }
  /** For texts the condition of a partial index, which SQLite has to find literally. */
  #isFilled(column: SqlColumn, raw: boolean): string {
    const sql = this.#reference(column.sql, column, raw);
    return column.type === 'text' ? `${sql} <> ''` : `${sql} IS NOT NULL`;
  }
  /** A plus sign keeps SQLite from an index that it would take for better than it is. */
  #reference(sql: string, column: SqlColumn, raw: boolean): string {
    return raw || column.index === undefined ? sql : `+${sql}`;
  }

  #joined(columns: readonly string[]): { tables: string; joins: string; parameters: Record<string, Cell> } {
    const needed = new Set(columns.flatMap((column) => this.#column(column).needs ?? []));
    const used = Object.entries(this.#source.joined).filter(([name]) => needed.has(name));
    const tables = used.map(([name, { select }]) => `${name} AS MATERIALIZED (${select})`);
    return {
      tables: tables.length === 0 ? '' : `WITH ${tables.join(', ')}`,
      joins: used
        .filter(([, { on }]) => on !== '')
        .map(([name, { on }]) => `LEFT JOIN ${name} ON ${name}.id = ${on}`)
        .join(' '),
      parameters: Object.assign({}, ...used.map(([, { parameters }]) => parameters?.() ?? {})),
    };
  }
  #bind(value: Cell): string {
    const name = `p${Object.keys(this.#parameters).length}`;
    this.#parameters[name] = value;
    return `$${name}`;
  }
  #column(name: string): SqlColumn {
    const column = this.#source.columns[name];
    if (column === undefined) throw new Error(`${this.#source.table} has no list column ${name}`);
    return column;
  }
}

function all(conditions: readonly string[]): string {
  return conditions.length === 0 ? '1' : conditions.join(' AND ');
}
