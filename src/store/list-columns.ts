/** The columns of the large lists in SQL, by the names under which operations show them. Each must give what is shown (lists.contract.ts); nothing is asked here. */
import { BACKUP_MARGIN_MS } from '../core/backup-holding.ts';
import { readyThroughSeq } from '../core/readiness.ts';
import type { StateView } from '../core/state.ts';
import type { StoredRows } from '../operations/lists/list.ts';
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
  /** JSON text that the value is a part of: looking into it is faster than reading it. */
  readonly json?: string;
  /** Tables of `Source.joined` that the SQL speaks of. */
  readonly needs?: readonly string[];
}
interface Joined {
  /** A SELECT of few rows, made once for a question. */
  readonly select: string;
  readonly on: string;
  readonly parameters?: Readonly<Record<string, string | number>>;
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

const text = (sql: string, more: Partial<SqlColumn> = {}): SqlColumn => ({ sql, type: 'text', ...more });
const integer = (sql: string, more: Partial<SqlColumn> = {}): SqlColumn => ({
  sql,
  type: 'integer',
  ...more,
});

export function sourceOf(rows: StoredRows, state: StateView, nowMs: number): Source {
  switch (rows) {
    case 'data_unit':
      return dataUnits(nowMs);
    case 'key':
      return keys(state, nowMs);
    case 'audit':
      return AUDIT;
  }
}

/** As operations/entities.ts shows names: of namesakes the earliest living one has the bare name. */
function shownNames(table: 'agent' | 'key_group', reference: string): Joined {
  const name = quoted(table);
  return {
    select: `SELECT a.id, CASE WHEN a.name IS NULL THEN '' WHEN a.createdStamp IS NOT NULL AND a.removedStamp IS NULL
        AND NOT EXISTS (SELECT 1 FROM ${name} b WHERE b.name = a.name AND b.removedStamp IS NULL
          AND b.createdStamp IS NOT NULL AND b.createdStamp || b.id < a.createdStamp || a.id)
        THEN a.name ELSE a.name || '~' || substr(a.id, -4) END AS shown FROM ${name} a`,
    on: reference,
  };
}

/** Key groups with the periods of their policies in milliseconds, removed ones too (core/key-standing.ts). */
const PERIODS = `SELECT g.id, p.encryptionPeriodSeconds * 1000 AS encrypts, p.cryptoperiodSeconds * 1000 AS decrypts
  FROM key_group g JOIN key_policy p ON p.id = g.keyPolicyId
  WHERE p.encryptionPeriodSeconds IS NOT NULL AND p.cryptoperiodSeconds IS NOT NULL`;
const groupOf = (key: string) => `coalesce(${key}.changedKeyGroupId, ${key}.activatedKeyGroupId)`;
/** Whether a key that was handed out is neither over nor only for reading; core/key-state.ts says the same. */
const encrypts = (key: string, nowMs: number) =>
  `(${key}.processOnly IS NOT 1 AND ${nowMs} - coalesce(${key}.activatedAt, 0) < min(periods.encrypts, periods.decrypts))`;

function dataUnits(nowMs: number): Source {
  // 2 encrypts, 1 reads, 0 destroyed: the greatest of a unit's keys is its state.
  const standing = `CASE WHEN k.destroyedStamp IS NOT NULL THEN 0
      WHEN k.compromisedStamp IS NULL AND k.revokedStamp IS NULL AND ${encrypts('k', nowMs)} THEN 2 ELSE 1 END`;
  const group = `SELECT t.id UNION ALL SELECT u.id FROM data_unit u WHERE u.externalUniqueId = t.externalUniqueId
      AND u.externalUniqueId <> '' AND u.createdStamp IS NOT NULL AND u.removedStamp IS NULL`;
  const greatest = `SELECT max(${standing}) FROM data_unit_key a CROSS JOIN key k ON k.id = a.keyId
      LEFT JOIN periods ON periods.id = ${groupOf('k')}
      WHERE a.dataUnitId IN (${group}) AND a.present = 1 AND k.activatedStamp IS NOT NULL`;
  const counted = `SELECT count(DISTINCT a.keyId) FROM data_unit_key a CROSS JOIN key k ON k.id = a.keyId
      WHERE a.dataUnitId IN (${group}) AND a.present = 1 AND k.activatedStamp IS NOT NULL`;
  return {
    table: 'data_unit',
    key: 't.id',
    living: ['t.createdStamp IS NOT NULL', 't.removedStamp IS NULL'],
    columns: {
      dataUnitId: text('t.id', { filled: true }),
      externalTag: text('t.externalTag', { index: 'data_unit_by_tag' }),
      description: text('t.description'),
      keys: integer(`(${counted})`, { filled: true }),
      state: text(
        `CASE (${greatest}) WHEN 2 THEN 'READABLE_NORMAL' WHEN 1 THEN 'READABLE_NEEDS_REKEY' WHEN 0 THEN 'SHREDDED' ELSE 'NO_KEY' END`,
        { filled: true, needs: ['periods'] },
      ),
      createdAt: integer('t.createdAt', { filled: true, index: 'data_unit_by_created' }),
      createdBy: text('agents.shown', { needs: ['agents'] }),
      externalUniqueId: text('t.externalUniqueId', { index: 'data_unit_by_external' }),
    },
    joined: {
      periods: { select: PERIODS, on: '' },
      agents: shownNames('agent', 't.createdBy'),
    },
  };
}

function keys(state: StateView, nowMs: number): Source {
  const periods = { needs: ['periods'] };
  const unit = `SELECT min(a.dataUnitId) FROM data_unit_key a WHERE a.keyId = t.id AND a.present = 1`;
  const inUse = `SELECT 1 FROM data_unit_key a WHERE a.keyId = t.id AND a.present = 1 AND a.inUse IS NOT 0`;
  const encrypted =
    'CASE WHEN t.processOnly = 1 THEN t.activatedAt ELSE t.activatedAt + periods.encrypts END';
  return {
    table: 'key',
    key: 't.id',
    living: ['t.createdStamp IS NOT NULL'],
    columns: {
      keyId: text('t.id', { filled: true }),
      keyType: text(`'AES-256'`, { filled: true }),
      state: text(keyState(nowMs), { filled: true, needs: ['periods', 'ready'] }),
      group: text('groups.shown', { needs: ['groups'] }),
      dataUnitId: text(`(${unit})`),
      activatedBy: text('agents.shown', { needs: ['agents'] }),
      createdAt: integer('t.createdAt', { filled: true, index: 'key_by_created' }),
      activatedAt: integer('t.activatedAt'),
      encryptionEndsAt: integer(earlier(encrypted, 't.revokedAt'), periods),
      deactivatesAt: integer(earlier('t.activatedAt + periods.decrypts', 't.revokedAt'), periods),
      revokedAt: integer('t.revokedAt'),
      compromisedAt: integer('t.compromisedAt'),
      compromisedComment: text('t.compromisedComment', { long: true }),
      destroyedAt: integer('t.destroyedAt'),
      destroyedComment: text('t.destroyedComment', { long: true }),
      inUse: integer(`EXISTS (${inUse})`, { filled: true }),
    },
    joined: {
      periods: { select: PERIODS, on: groupOf('t') },
      ready: { ...readyThrough(state), on: 't.incarnationId' },
      groups: shownNames('key_group', groupOf('t')),
      agents: shownNames('agent', 't.activatedByAgentId'),
    },
  };
}

/** Of two that may be missing. */
const earlier = (one: string, other: string) => `coalesce(min(${one}, ${other}), ${one}, ${other})`;

/** core/key-state.ts and core/key-standing.ts in SQL. */
function keyState(nowMs: number): string {
  const waitsForKma = `EXISTS (SELECT 1 FROM incarnation life WHERE life.createdStamp IS NOT NULL AND life.endedStamp IS NULL
    AND NOT EXISTS (SELECT 1 FROM object_erasure e
      WHERE e.id = coalesce(t.objectId, 'null') || ':' || life.id AND e.createdStamp IS NOT NULL))`;
  const mayBeInBackup = `EXISTS (SELECT 1 FROM backup b WHERE b.destroyedStamp IS NULL
    AND b.createdAt >= coalesce(t.createdAt, 0) - ${BACKUP_MARGIN_MS}
    AND (t.destroyedAt IS NULL OR b.createdAt <= t.destroyedAt + ${BACKUP_MARGIN_MS}))`;
  return `CASE WHEN t.destroyedStamp IS NOT NULL THEN 'DESTROYED_' ||
      CASE WHEN t.compromisedStamp IS NULL THEN '' ELSE 'COMPROMISED_' END ||
      CASE WHEN ${waitsForKma} OR ${mayBeInBackup} THEN 'INCOMPLETE' ELSE 'COMPLETE' END
    WHEN t.compromisedStamp IS NOT NULL THEN 'COMPROMISED'
    WHEN t.revokedStamp IS NOT NULL THEN 'DEACTIVATED'
    WHEN t.activatedStamp IS NULL THEN CASE WHEN t.madeSeq <= ready.through THEN 'READY' ELSE 'GENERATED' END
    WHEN ${nowMs} - coalesce(t.activatedAt, 0) >= periods.decrypts THEN 'DEACTIVATED'
    WHEN ${encrypts('t', nowMs)} THEN 'PROTECT_AND_PROCESS' ELSE 'PROCESS_ONLY' END`;
}

/** Lives of KMAs, far more than a cluster has. */
const LIVES_MAX = 10_000;

function readyThrough(state: StateView): Omit<Joined, 'on'> {
  const lives = state.page('incarnation', '', LIVES_MAX);
  const ready = lives.map(({ id }) => [
    id,
    readyThroughSeq(state, id as Parameters<typeof readyThroughSeq>[1]),
  ]);
  return {
    select: 'SELECT key AS id, value AS through FROM json_each($ready)',
    parameters: { ready: JSON.stringify(Object.fromEntries(ready)) },
  };
}

const recorded = (field: string) =>
  text(`json_extract(t.record, '$.${field}')`, { long: true, json: 't.record' });

const AUDIT: Source = {
  table: 'audit',
  key: 't.row',
  living: [],
  columns: {
    row: integer('t.row', { filled: true }),
    createdAt: integer('t.created_at', { filled: true, index: 'audit_by_created_at' }),
    operation: text('t.operation', { filled: true, index: 'audit_by_operation' }),
    severity: text('t.severity', { filled: true }),
    condition: recorded('condition'),
    message: recorded('message'),
    entityId: text('t.entity', { index: 'audit_by_entity' }),
    entityAddress: recorded('entityAddress'),
    kmaName: recorded('kmaName'),
    class: recorded('class'),
    term: text('t.term', { filled: true }),
    solution: recorded('solution'),
    id: recorded('id'),
  },
  joined: {},
};
