/** The fold of facts in any interleaving: equal rows and equal state hashes, no exception on well-formed entries; malformed ones are refused as such. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import type { Fact, LogEntry } from '../../src/core/facts.ts';
import { foldEntry } from '../../src/core/fold.ts';
import type { IncarnationId } from '../../src/core/ids.ts';
import { MapState } from '../../src/core/map-state.ts';
import { effectiveSecurityOfficers } from '../../src/core/security-officers.ts';
import { readSetting, SETTINGS, type SettingName } from '../../src/core/settings.ts';
import { hlc, type Stamp, stampOf } from '../../src/core/stamp.ts';
import type { Cell } from '../../src/core/table.ts';
import { type AnyRow, TABLE_NAMES, TABLES, type TableName, tableOf } from '../../src/core/tables.ts';
import { stateHash } from '../../src/store/state-hash.ts';
import { openStore, type Store } from '../../src/store/store.ts';
import { mutateJson } from '../mutate.ts';
import { Random } from '../random.ts';
import { type FuzzTarget, type OpenTarget, promise } from '../target.ts';

const LIVES = ['A1A1A1A1A1A1A1A1', 'B2B2B2B2B2B2B2B2', 'C3C3C3C3C3C3C3C3'] as IncarnationId[];
/** SQLite is asked once in this many well-formed inputs, since opening two stores takes longer than a hundred folds. */
const STORED_ONCE_IN = 100;

const cell = z.union([z.string(), z.number(), z.null()]);
const cells = z.record(z.string(), cell);
/** A name that no table has is for the fold to refuse. */
const place = { table: z.string().transform((text) => text as TableName), id: z.string() };
const entry = z.strictObject({
  v: z.literal(1),
  stamp: z
    .string()
    .regex(/^[0-9A-F]{32}$/)
    .transform((text) => text as Stamp),
  operation: z.string(),
  facts: z.array(
    z.union([
      z.strictObject({ ...place, set: cells }),
      z.strictObject({ ...place, event: z.string(), cells }),
    ]),
  ),
});
/** `order` is the seed of the interleaving. */
const input = z.strictObject({ order: z.int().min(0), entries: z.array(entry).min(1).max(40) });
type Input = z.infer<typeof input>;

function generate(random: Random): Uint8Array {
  const stamps = new Set<string>();
  const entries = Array.from({ length: 1 + random.small(20) }, () => {
    const stamp = stampOf(hlc(random.below(30), random.below(3)), random.pick(LIVES));
    return {
      v: 1,
      stamp,
      operation: 'Any',
      facts: Array.from({ length: 1 + random.below(4) }, () => anyFact(random)),
    };
  }).filter(({ stamp }) => !stamps.has(stamp) && stamps.add(stamp));
  return Buffer.from(JSON.stringify({ order: random.below(1000), entries }));
}

function anyFact(random: Random): Fact {
  const table = random.pick(TABLE_NAMES);
  const { columns, events } = tableOf(table);
  const id = random.pick(['X', 'Y', '__proto__', '']);
  const named = (rule: string) =>
    Object.fromEntries(
      Object.entries(columns)
        .filter(([, column]) => column.rule === rule && !random.onceIn(4))
        .map(([name, { type }]) => [name, anyCell(random, type)]),
    );
  if (random.onceIn(2)) return { table, id, set: named('lww') };
  const event = random.pick(events);
  return { table, id, event, cells: named(event) };
}

function anyCell(random: Random, type: 'text' | 'integer'): Cell {
  if (random.onceIn(5)) return null;
  return type === 'text' ? random.pick(['', 'a', 'b', '{}', '{"a":1}', 'Ä🔑', '1']) : random.below(4);
}

/** Whether every fact is about what its table has; nothing else may be refused. */
function isWellFormed({ facts }: LogEntry): boolean {
  return facts.every((fact) => {
    if (!Object.hasOwn(TABLES, fact.table)) return false;
    const { columns, events } = tableOf(fact.table);
    const known = (names: readonly string[], rule: string) =>
      names.every((name) => Object.hasOwn(columns, name) && columns[name]?.rule === rule);
    return 'set' in fact ? known(Object.keys(fact.set), 'lww') : events.includes(fact.event);
  });
}

const rowsOf = (state: MapState): Record<string, readonly AnyRow[]> =>
  Object.fromEntries(TABLE_NAMES.map((table) => [table, state.page(table, '', 1000)]));

function folded(entries: readonly LogEntry[]): MapState {
  const state = new MapState();
  for (const one of entries) foldEntry(state, one);
  return state;
}

function run(bytes: Uint8Array): string {
  const read = parse(bytes);
  if (read === null) return 'not of the form';
  const entries: readonly LogEntry[] = read.entries;
  if (!entries.every(isWellFormed)) return refused(entries);
  if (new Set(entries.map(({ stamp }) => stamp)).size < entries.length) return 'a stamp twice';
  const random = new Random(read.order);
  const state = folded(entries);
  const others = [random.shuffled(entries), [...random.shuffled(entries), ...random.shuffled(entries)]];
  for (const other of others) assert.deepEqual(rowsOf(folded(other)), rowsOf(state));
  for (const name of Object.keys(SETTINGS) as SettingName[]) readSetting(state, name);
  effectiveSecurityOfficers(state);
  if (isTyped(entries) && new Random(bytes.length ^ read.order).onceIn(STORED_ONCE_IN)) {
    const [forwards, backwards] = [entries, others[0] ?? entries].map(hashInSqlite);
    promise(forwards === backwards, 'another order gave another state hash');
    return `stored ${sizeOf(entries)}`;
  }
  return `folded ${sizeOf(entries)}`;
}

/** SQLite's tables are strict. */
function isTyped(entries: readonly LogEntry[]): boolean {
  const fits = (table: TableName, [name, value]: [string, Cell]) => {
    const type = tableOf(table).columns[name]?.type;
    return value === null || type === undefined || (type === 'text') === (typeof value === 'string');
  };
  const whole = (value: Cell) => typeof value !== 'number' || Number.isSafeInteger(value);
  return entries.every(({ facts }) =>
    facts.every((fact) =>
      Object.entries('set' in fact ? fact.set : fact.cells).every(
        (one) => fits(fact.table, one) && whole(one[1]) && isUnicode(one[1]),
      ),
    ),
  );
}
const isUnicode = (value: Cell) => typeof value !== 'string' || value.isWellFormed();

/** How much was folded: the first facts of a table are another matter than its tenth. */
function sizeOf(entries: readonly LogEntry[]): string {
  const tables = new Set(entries.flatMap(({ facts }) => facts.map(({ table }) => table)));
  return `${Math.min(tables.size, 4)} tables, ${Math.min(entries.length, 10)} entries`;
}

function parse(bytes: Uint8Array): Input | null {
  try {
    return input.safeParse(JSON.parse(Buffer.from(bytes).toString())).data ?? null;
  } catch {
    return null;
  }
}

function refused(entries: readonly LogEntry[]): string {
  try {
    folded(entries);
  } catch (error) {
    promise(error instanceof Error && error.constructor === Error, `a malformed fact gave ${String(error)}`);
    return `refused: ${/has no event|cannot be set|there is no table/.exec(error.message)?.[0]}`;
  }
  throw new Error('a malformed fact was folded');
}

function hashInSqlite(entries: readonly LogEntry[]): string {
  const folder = mkdtempSync(join(tmpdir(), 'fold-'));
  const store: Store = openStore({ path: join(folder, 'kma.db'), mode: 'create' });
  try {
    store.transaction(() => {
      for (const one of entries) store.appendEntry(one.stamp.slice(16) as IncarnationId, one);
    });
    return stateHash(store);
  } finally {
    store.close();
    rmSync(folder, { recursive: true });
  }
}

function mutate(random: Random, bytes: Uint8Array): Uint8Array | null {
  const read = parse(bytes);
  if (read === null) return null;
  const at = random.below(read.entries.length);
  const entries = read.entries.map((one, i) => (i === at ? mutateJson(random, one) : one));
  return Buffer.from(JSON.stringify({ order: random.below(1000), entries }));
}

const open: OpenTarget = { generate, mutate, run: async (bytes) => run(bytes), close: async () => undefined };

export const fold: FuzzTarget = {
  name: 'fold',
  smokeInputs: 800,
  words: [
    '__proto__',
    'constructor',
    'toString',
    'created',
    'removed',
    'hasOwnProperty',
    '"set":',
    '"event":',
    ...TABLE_NAMES,
  ],
  steered: true,
  open: async () => open,
};
