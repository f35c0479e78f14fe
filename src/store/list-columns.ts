/** The columns of the large lists in SQL, by the names under which operations show them. Each must give what is shown (lists.contract.ts); nothing is asked here. */
import { BACKUP_MARGIN_MS } from '../core/backup-holding.ts';
import { readyThroughSeq } from '../core/readiness.ts';
import type { StateView } from '../core/state.ts';
import { unheardLives } from '../core/unheard-lives.ts';
import type { StoredRows } from '../operations/lists/list.ts';
import { dataUnits } from './data-unit-columns.ts';
import {
  type Derived,
  encrypts,
  groupOf,
  integer,
  type Joined,
  periods,
  type Source,
  shownNames,
  text,
} from './list-source.ts';
import type { Store } from './store.ts';

export function sourceOf(rows: StoredRows, store: Store, nowMs: number): Source {
  switch (rows) {
    case 'data_unit':
      return dataUnits(store, nowMs);
    case 'key':
      return keys(store.state, nowMs);
    case 'audit':
      return AUDIT;
  }
}

function keys(state: StateView, nowMs: number): Source {
  const inPeriods = { needs: ['periods'] };
  // The least: the IDs of these rows begin with that of the unit.
  const unit = `SELECT a.dataUnitId FROM data_unit_key a INDEXED BY data_unit_key_by_key
      WHERE a.keyId = t.id AND a.present = 1 ORDER BY a.id LIMIT 1`;
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
      state: text(keyState(), { filled: true, needs: ['periods', 'ready', 'unheard'] }),
      group: text('groups.shown', { needs: ['groups'] }),
      dataUnitId: text(`(${unit})`),
      activatedBy: text('agents.shown', { needs: ['agents'] }),
      createdAt: integer('t.createdAt', { filled: true, index: 'key_by_created' }),
      activatedAt: integer('t.activatedAt'),
      encryptionEndsAt: integer(earlier(encrypted, 't.revokedAt'), inPeriods),
      deactivatesAt: integer(earlier('t.activatedAt + periods.decrypts', 't.revokedAt'), inPeriods),
      revokedAt: integer('t.revokedAt'),
      compromisedAt: integer('t.compromisedAt'),
      compromisedComment: text('t.compromisedComment', { long: true }),
      destroyedAt: integer('t.destroyedAt'),
      destroyedComment: text('t.destroyedComment', { long: true }),
      inUse: integer(`EXISTS (${inUse})`, { filled: true }),
    },
    joined: {
      periods: periods(nowMs, groupOf('t')),
      ready: { ...readyThrough(state), on: 't.incarnationId' },
      unheard: unheard(state),
      groups: shownNames('key_group', groupOf('t')),
      agents: shownNames('agent', 't.activatedByAgentId'),
    },
  };
}

/** Of two that may be missing. */
const earlier = (one: string, other: string) => `coalesce(min(${one}, ${other}), ${one}, ${other})`;

/** core/key-state.ts and core/key-standing.ts in SQL. */
function keyState(): string {
  const waitsForKma = `EXISTS (SELECT 1 FROM incarnation life WHERE coalesce(life.createdStamp, life.admittedStamp) IS NOT NULL
    AND (life.endedStamp IS NULL OR life.id IN (SELECT id FROM unheard))
    AND NOT EXISTS (SELECT 1 FROM object_erasure e
      WHERE e.id = coalesce(t.objectId, 'null') || ':' || life.id AND e.createdStamp IS NOT NULL))`;
  const mayBeInBackup = `EXISTS (SELECT 1 FROM backup b WHERE b.destroyedStamp IS NULL
    AND (coalesce(b.createdAt, 0) >= coalesce(t.createdAt, 0) - ${BACKUP_MARGIN_MS} OR b.createdStamp IS NULL OR b.createdStamp > coalesce(t.createdStamp, ''))
    AND (t.destroyedAt IS NULL OR coalesce(b.createdAt, 0) <= t.destroyedAt + ${BACKUP_MARGIN_MS}
      OR b.createdStamp IS NULL OR NOT EXISTS (SELECT 1 FROM object_erasure e
        WHERE e.id = coalesce(t.objectId, 'null') || ':' || substr(b.createdStamp, 17) AND e.createdStamp < b.createdStamp)))`;
  return `CASE WHEN t.destroyedStamp IS NOT NULL THEN 'DESTROYED_' ||
      CASE WHEN t.compromisedStamp IS NULL THEN '' ELSE 'COMPROMISED_' END ||
      CASE WHEN ${waitsForKma} OR ${mayBeInBackup} THEN 'INCOMPLETE' ELSE 'COMPLETE' END
    WHEN t.compromisedStamp IS NOT NULL THEN 'COMPROMISED'
    WHEN t.revokedStamp IS NOT NULL THEN 'DEACTIVATED'
    WHEN t.activatedStamp IS NULL THEN CASE WHEN t.madeSeq <= ready.through THEN 'READY' ELSE 'GENERATED' END
    WHEN periods.now - coalesce(t.activatedAt, 0) >= periods.decrypts THEN 'DEACTIVATED'
    WHEN ${encrypts('t')} THEN 'PROTECT_AND_PROCESS' ELSE 'PROCESS_ONLY' END`;
}

/** Lives of KMAs, far more than a cluster has. */
const LIVES_MAX = 10_000;

function readyThrough(state: StateView): Omit<Joined, 'on'> {
  const ready = () =>
    state
      .page('incarnation', '', LIVES_MAX)
      .map(({ id }) => [id, readyThroughSeq(state, id as Parameters<typeof readyThroughSeq>[1])]);
  return {
    select: 'SELECT key AS id, value AS through FROM json_each($ready)',
    parameters: () => ({ ready: JSON.stringify(Object.fromEntries(ready())) }),
  };
}

function unheard(state: StateView): Joined {
  return {
    select: 'SELECT value AS id FROM json_each($unheard)',
    on: '',
    parameters: () => ({ unheard: JSON.stringify([...unheardLives(state)]) }),
  };
}

/** Trouble is rare and has an index of its own. */
const SEVERITIES: Derived = {
  candidates: ({ atLeast, atMost }, bind) =>
    atLeast === undefined || atLeast !== atMost || atLeast === 'success'
      ? null
      : `SELECT row AS id FROM audit INDEXED BY audit_by_trouble WHERE severity <> 'success' AND severity = ${bind(atLeast)}`,
  ranks: () => ['error', 'success', 'warning'].map((severity) => ({ atLeast: severity, atMost: severity })),
};

const AUDIT: Source = {
  table: 'audit',
  key: 't.row',
  living: [],
  columns: {
    row: integer('t.row', { filled: true }),
    createdAt: integer('t.created_at', { filled: true, index: 'audit_by_created_at' }),
    operation: text('t.operation', { filled: true, index: 'audit_by_operation' }),
    severity: text('t.severity', { filled: true, derived: SEVERITIES }),
    condition: text('t.condition', { long: true }),
    message: text('t.message', { long: true }),
    entityId: text('t.entity', { index: 'audit_by_entity' }),
    entityAddress: text('t.entity_address', { long: true }),
    kmaName: text('t.kma_name', { long: true }),
    class: text('t.class', { filled: true }),
    term: text('t.term', { filled: true }),
    solution: text('t.solution', { long: true }),
    id: text('t.id', { filled: true }),
  },
  joined: {},
};
