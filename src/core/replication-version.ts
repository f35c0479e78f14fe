/** Which version of what stands in logs may be written now: the least that all living members read; and which facts need a later one than the first. It writes nothing. */
import type { Fact } from './facts.ts';
import { kmaOfLife } from './life.ts';
import { livingKmas } from './members.ts';
import type { StateView } from './state.ts';
import type { Row } from './tables.ts';

/** What a life reads that never said. */
const FIRST = 1;
const LIVES_MAX = 10_000;

/**
 * Since which version there is a table ("conflict"), an event of one ("kma left"), a column ("kma.rack") or a setting
 * ("setting acceptedLogClockMs"). What is not named was there from the first. Whoever adds one adds its line, raises the
 * version of src/version.ts, and keeps what the version before has written in test/wire-format.
 */
export const SINCE: Readonly<Record<string, number>> = {
  conflict: 2,
  'log_end.laterLength': 4,
  /** Every cluster begins with one; the next one came with objects that name their epoch, which the first version cannot open. */
  master_epoch: 2,
  member_key: 2,
  root_copy: 2,
  snmp_manager: 3,
  kma_hour: 4,
  /** The first version would take nothing of what all write after it. */
  'setting acceptedLogClockMs': 2,
};

const WITH_NEWER: ReadonlySet<string> = new Set(
  Object.keys(SINCE).map((part) => part.split(/[ .]/)[0] ?? part),
);

export interface Reading {
  readonly kma: Row<'kma'>;
  readonly version: number;
}

type Rows = Pick<StateView, 'get' | 'page'>;

/** Members with a life, each by its newest one: what it reads. One that is entered and has not joined reads nothing yet. */
export function readingVersions(state: Rows): readonly Reading[] {
  const lives = state.page('incarnation', '', LIVES_MAX).filter(({ endedStamp }) => endedStamp === null);
  return livingKmas(state).flatMap((kma) => {
    const [newest] = lives.filter((life) => kmaOfLife(life) === kma.id).sort(newestFirst);
    return newest === undefined ? [] : [{ kma, version: newest.replicationVersion ?? FIRST }];
  });
}

/** What may be written; the first version in a cluster that knows nobody. */
export function writableVersion(state: Rows): number {
  const versions = readingVersions(state).map(({ version }) => version);
  return versions.length === 0 ? FIRST : Math.min(...versions);
}

/** Whether all can read a table, event or column that was not there from the first. */
export function mayWrite(state: Rows, part: string): boolean {
  return writableVersion(state) >= (SINCE[part] ?? FIRST);
}

/** The version that these facts need. Agents wait for it, and hardly any table has something newer. */
export function neededVersion(facts: readonly Fact[]): number {
  let needed = FIRST;
  for (const fact of facts)
    if (WITH_NEWER.has(fact.table))
      needed = Math.max(needed, ...partsOf(fact).map((part) => SINCE[part] ?? FIRST));
  return needed;
}

function partsOf(fact: Fact): readonly string[] {
  const { table } = fact;
  const cells = Object.keys('set' in fact ? fact.set : fact.cells).map((column) => `${table}.${column}`);
  if ('event' in fact) return [table, `${table} ${fact.event}`, ...cells];
  return table === 'setting' ? [table, `${table} ${fact.id}`, ...cells] : [table, ...cells];
}

/** Who cannot read these facts yet. */
export function behind(state: Rows, facts: readonly Fact[]): readonly Reading[] {
  const needed = neededVersion(facts);
  return needed === FIRST ? [] : readingVersions(state).filter(({ version }) => version < needed);
}

function newestFirst(one: Row<'incarnation'>, other: Row<'incarnation'>): number {
  return beganAt(one) < beganAt(other) ? 1 : -1;
}
function beganAt(life: Row<'incarnation'>): string {
  return life.createdStamp ?? life.admittedStamp ?? '';
}
