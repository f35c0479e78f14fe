/** The SQL of the long lists finds what looking at every shown row finds: each column, operator, order and page, over random stores. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { created, event, type Fact, removed, set } from '../core/facts.ts';
import type {
  AgentId,
  DataUnitId,
  IncarnationId,
  KeyGroupId,
  KeyId,
  KeyPolicyId,
  KmaId,
  ObjectId,
} from '../core/ids.ts';
import type { Place, RowId } from '../core/list-page.ts';
import { isRefusal } from '../core/refusal.ts';
import { hlc, stampOf } from '../core/stamp.ts';
import type { AuditRecord } from '../operations/audit-record.ts';
import type { Columns } from '../operations/lists/column.ts';
import type { Filter } from '../operations/lists/filter.ts';
import type { ListReader, StoredRows } from '../operations/lists/list.ts';
import { mapLists, STORED_COLUMNS, storedRows } from '../operations/lists/map-lists.fixture.ts';
import { readQuestion } from '../operations/lists/question.ts';
import { createAuditReader } from './audit-reader.ts';
import { createListReader } from './list-query.ts';
import { auditEntryOf, INCARNATION, temporaryStore } from './store.fixture.ts';
import type { Store } from './store.ts';

const NOW_MS = Date.UTC(2026, 0, 10);
const HOUR_MS = 3_600_000;
const OTHER = 'BBBBBBBBBBBBBBBB' as IncarnationId;
/** Of a KMA that was retired; of the log of the first there is more than is here. */
const UNHEARD = 'CCCCCCCCCCCCCCCC' as IncarnationId;
const HEARD = 'DDDDDDDDDDDDDDDD' as IncarnationId;
const LIVES = [INCARNATION, OTHER, UNHEARD, HEARD];
const isRetired = (id: IncarnationId) => id === UNHEARD || id === HEARD;
const AUDIT_RECORDS = 80;
const TEXTS = [
  '',
  'VOL001',
  'VOL002',
  'VOL',
  'vol001',
  'Ä-1',
  'a\u{1f511}b',
  'a\uffeeb',
  "x' OR 1=1 --",
  '%_',
  'a"q\\b',
];

/** A small generator with a seed, so that a failure can be repeated (mulberry32). */
function generator(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  const below = (n: number) => Math.floor(next() * n);
  const pick = <T>(of: readonly T[]): T => of[below(of.length)] as T;
  return { below, pick, chance: (part: number) => next() < part };
}
type Random = ReturnType<typeof generator>;

const hex = (n: number, digits: number) => n.toString(16).toUpperCase().padStart(digits, '0');
/** In another order than they are made in. */
const scattered = (n: number, digits: number) => hex((n * 7919) % 100_003, digits);

function policiesAndPeople(): Fact[] {
  const policy = (id: string, encryptionPeriodSeconds: number, cryptoperiodSeconds: number) =>
    created('key_policy', id, { name: id, createdAt: 1, encryptionPeriodSeconds, cryptoperiodSeconds });
  const group = (id: string, name: string, keyPolicyId: string) => [
    created('key_group', id, { name, createdAt: 1 }),
    set('key_group', id, { keyPolicyId: keyPolicyId as KeyPolicyId }),
  ];
  return [
    policy('P1', 3600 * 20, 3600 * 60),
    policy('P2', 3600 * 90, 3600 * 40),
    removed('key_policy', 'P2'),
    ...group('G1', 'tapes', 'P1'),
    ...group('G2-AAAA', 'tapes', 'P2'),
    ...group('G3', 'no policy', 'missing'),
    ...['A1', 'A2-BBBB', 'A3'].map((id) =>
      created('agent', id, { name: id === 'A3' ? 'other' : 'drive', createdAt: 1 }),
    ),
    removed('agent', 'A3'),
    created('kma', 'RETIRED', { name: 'retired', createdAt: 1, number: 1 }),
    event('kma', 'RETIRED', 'removed', { removedHow: 'retired' }),
    ...LIVES.map((id) =>
      created('incarnation', id, {
        kmaId: (isRetired(id) ? 'RETIRED' : 'KMA') as KmaId,
        createdAt: 1,
        reason: 'quickstart',
        logPublicKey: '',
        replicationPublicKey: '',
        clusterEpochId: 'EPOCH',
        baseVectorJson: '{}',
      }),
    ),
    ...LIVES.filter(isRetired).flatMap((id) => [
      event('incarnation', id, 'ended', { endedAt: 1 }),
      created('log_end', `${id}:${INCARNATION}`, {
        incarnationId: id,
        byIncarnationId: INCARNATION,
        length: id === HEARD ? 0 : 3,
      }),
    ]),
  ];
}

function backups(random: Random): Fact[] {
  return Array.from({ length: 4 }, (_, n) => {
    const id = `BACKUP-${n}`;
    const createdAt = NOW_MS - random.below(100) * HOUR_MS;
    return [
      created('backup', id, { createdAt, kmaId: 'KMA' as KmaId }),
      ...(random.chance(0.6)
        ? [event('backup', id, 'destroyed', { destroyedAt: NOW_MS, destroyedComment: '' })]
        : []),
    ];
  }).flat();
}

function dataUnits(random: Random, count: number): Fact[] {
  return Array.from({ length: count }, (_, n) => {
    const id = scattered(n, 32);
    const facts: Fact[] = [
      set('data_unit', id, {
        externalTag: random.chance(0.2) ? null : random.pick(TEXTS),
        description: random.chance(0.2) ? null : random.pick(TEXTS),
        externalUniqueId: random.chance(0.4) ? null : hex(random.below(12), 4),
      }),
    ];
    const createdBy = random.pick<string | null>([null, 'A1', 'A2-BBBB', 'A3', 'gone']) as AgentId | null;
    if (random.chance(0.9))
      facts.unshift(created('data_unit', id, { createdAt: NOW_MS - random.below(50) * HOUR_MS, createdBy }));
    if (random.chance(0.1)) facts.push(removed('data_unit', id));
    return facts;
  }).flat();
}

function keys(random: Random, count: number, units: number): Fact[] {
  return Array.from({ length: count }, (_, n) => {
    const id = scattered(n, 60) as KeyId;
    const objectId = `O${n}` as ObjectId;
    const at = () => NOW_MS - random.below(100) * HOUR_MS;
    const facts: Fact[] = [
      created('key', id, {
        objectId,
        objectSha256: '',
        incarnationId: random.pick([INCARNATION, OTHER]),
        madeSeq: n,
        createdAt: NOW_MS - random.below(30) * HOUR_MS,
      }),
    ];
    if (random.chance(0.8)) facts.push(...handedOut(random, id, at()));
    if (random.chance(0.7)) facts.push(...associations(random, id, units));
    if (random.chance(0.15)) facts.push(event('key', id, 'revoked', { revokedAt: at() }));
    if (random.chance(0.2))
      facts.push(
        event('key', id, 'compromised', { compromisedAt: at(), compromisedComment: comment(random) }),
      );
    if (random.chance(0.3))
      facts.push(event('key', id, 'destroyed', { destroyedAt: at(), destroyedComment: comment(random) }));
    for (const life of [INCARNATION, OTHER, UNHEARD])
      if (random.chance(0.7))
        facts.push(
          created('object_erasure', `${objectId}:${life}`, { objectId, incarnationId: life, erasedAt: 1 }),
        );
    return facts;
  }).flat();
}

/** Longer than the order goes by, and with the same beginning. */
const comment = (random: Random) =>
  random.chance(0.3) ? 'c'.repeat(99 + random.below(4)) : random.pick(TEXTS);

function handedOut(random: Random, id: KeyId, activatedAt: number): Fact[] {
  const facts: Fact[] = [
    event('key', id, 'activated', {
      activatedAt,
      processOnly: random.chance(0.1) ? 1 : 0,
      activatedByAgentId: random.pick(['A1', 'A2-BBBB', 'A3']) as AgentId,
      activatedKeyGroupId: random.pick(['G1', 'G2-AAAA', 'G3']) as KeyGroupId,
    }),
  ];
  if (random.chance(0.2)) facts.push(set('key', id, { changedKeyGroupId: 'G1' as KeyGroupId }));
  return facts;
}

/** Keys whose hand-out is not known here have some too. */
function associations(random: Random, id: KeyId, units: number): Fact[] {
  const facts: Fact[] = [];
  for (let n = random.below(4); n > 0; n--) {
    const dataUnitId = scattered(random.below(units), 32) as DataUnitId;
    const pair = `${dataUnitId}:${id}`;
    facts.push(
      created('data_unit_key', pair, { dataUnitId, keyId: id }),
      set('data_unit_key', pair, { present: random.chance(0.9) ? 1 : 0, inUse: random.pick([null, 0, 1]) }),
    );
  }
  return facts;
}

function randomStore(t: TestContext, random: Random): Store {
  const { store } = temporaryStore(t);
  const facts = [
    ...policiesAndPeople(),
    ...backups(random),
    ...dataUnits(random, 60),
    ...keys(random, 90, 60),
  ];
  // Each in an entry of its own, so that of namesakes one is the earlier.
  store.transaction(() => {
    for (const [n, fact] of facts.entries()) {
      const stamp = stampOf(hlc(1000 + n, 0), INCARNATION);
      store.appendEntry(INCARNATION, { v: 1, stamp, operation: 'Test', facts: [fact] });
    }
    for (let n = 1; n <= AUDIT_RECORDS; n++)
      store.appendAudit(
        INCARNATION,
        auditEntryOf(n, {
          createdAt: NOW_MS - random.below(20) * HOUR_MS,
          operation: random.pick(['CreateKey', 'ListUsers', 'LockKma']),
          severity: random.pick(['success', 'warning', 'error'] as const),
          message: random.pick(TEXTS),
          entityId: random.pick(['', 'agent-1', 'olga']),
          term: random.pick(['short', 'medium', 'long'] as const),
        }),
      );
  });
  return store;
}

/** Filters with values that are shown in the column, and with each operator that its kind has. */
function randomFilter(random: Random, columns: Columns, shown: readonly object[]): string {
  const name = random.pick(Object.keys(columns));
  const row = random.pick(shown) as Readonly<Record<string, unknown>>;
  const type = columns[name]?.type ?? 'text';
  if (random.chance(0.15)) return `${name} ${random.pick(['empty', 'notempty'])}`;
  const operators = ['=', '<>', '<', '>', '<=', '>=', ...(type === 'text' ? ['~'] : [])];
  const operator = random.pick(operators);
  const value = String(row[name]);
  if (value.trim() === '') return `${name} ${operator === '=' ? 'empty' : 'notempty'}`;
  const begun = [...value].slice(0, operator === '~' ? 1 + random.below(3) : undefined).join('');
  return `${name}${operator}${type === 'date' && random.chance(0.5) ? value.slice(0, 10) : begun}`;
}

/** All rows, page by page, with where each page ended. */
function paged(
  lists: ListReader,
  rows: StoredRows,
  asked: { filter: readonly string[]; sort: string; limit: number },
): (RowId | Place)[] {
  const found: (RowId | Place)[] = [];
  let after: string | undefined;
  for (let pages = 0; pages < 1000; pages++) {
    const read = readQuestion(
      { ...asked, after },
      {
        list: rows,
        columns: STORED_COLUMNS[rows],
        order: { column: '', descending: false },
        scope: {},
      },
    );
    if (isRefusal(read)) throw new Error(`${JSON.stringify(asked)}: ${read.refused} ${read.detail}`);
    const page = lists.page(rows, read.question);
    found.push(...page.rows);
    if (page.last === null) return found;
    found.push(page.last);
    after = read.cursor(page.last);
  }
  throw new Error('the list does not end');
}

/** Numbered from 1, none of them cut. */
function recordsOf(store: Store): AuditRecord[] {
  const { record } = createAuditReader(store, 'KMA');
  return Array.from({ length: AUDIT_RECORDS }, (_, n) => record(n + 1));
}

for (const seed of [1, 2, 3])
  for (const rows of ['data_unit', 'key', 'audit'] as const)
    test(`${rows}: SQL and looking at every row agree (seed ${seed})`, (t) => {
      const random = generator(seed);
      const store = randomStore(t, random);
      const records = recordsOf(store);
      const shown = [...storedRows(rows, store.state, NOW_MS, records).values()];
      assert.ok(shown.length > 30);
      const columns = STORED_COLUMNS[rows];
      const oracle = mapLists(store.state, NOW_MS, records);
      // Few rows may be walked, so that each way of searching is taken.
      const readers = [3, 20_000].map((walkedRows) => createListReader(store, NOW_MS, walkedRows));
      const sorts = Object.keys(columns).flatMap((name) => [name, `-${name}`]);
      for (const sort of sorts)
        for (let n = 0; n < 12; n++) {
          const filter = Array.from({ length: n % 4 }, () => randomFilter(random, columns, shown));
          const asked = { filter, sort, limit: random.pick([1, 7, 50, 1000]) };
          const expected = paged(oracle, rows, asked);
          for (const reader of readers)
            assert.deepEqual(paged(reader, rows, asked), expected, JSON.stringify(asked));
        }
    });

test('what histories look for is found, whatever JSON makes of it, also where rows of one value are read in order', (t) => {
  const store = randomStore(t, generator(4));
  const oracle = mapLists(store.state, NOW_MS, recordsOf(store));
  const containing = (text: string): Filter => ({
    column: 'message',
    test: { is: 'containing', text },
    not: false,
  });
  const classes: Filter = {
    column: 'class',
    test: { is: 'one of', texts: ['Agent Access', 'Discovery'] },
    not: false,
  };
  const agent: Filter = {
    column: 'entityId',
    test: { is: 'within', bounds: { atLeast: 'agent-1', atMost: 'agent-1' } },
    not: false,
  };
  const sort = { column: 'row', descending: true };
  for (const filters of [
    [containing('VOL00')],
    [containing("' OR")],
    [containing('"q\\')],
    [containing('\u{1f511}')],
    [containing('none has this')],
    [agent],
    [agent, classes],
    [{ ...agent, not: true }, classes],
  ])
    for (const walkedRows of [3, 20_000])
      for (const after of [null, { cell: 40, id: 40 }]) {
        const question = { filters, sort, after, limit: 5 };
        assert.deepEqual(
          createListReader(store, NOW_MS, walkedRows).page('audit', question),
          oracle.page('audit', question),
          JSON.stringify(question),
        );
      }
  const found = createListReader(store, NOW_MS).page('audit', {
    filters: [containing('"q\\')],
    sort,
    after: null,
    limit: 100,
  });
  assert.ok(found.rows.length > 0, 'a message with quotes is found');
});
