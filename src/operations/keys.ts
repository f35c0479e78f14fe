/** Operations on keys: list, move to another group, declare compromised, destroy. No operation here ever opens a key. */
import { z } from 'zod';
import { backupsHolding } from '../core/backup-holding.ts';
import { keysOfUnit } from '../core/data-units.ts';
import { isEndedLife } from '../core/ended-life.ts';
import { event, type Fact, set } from '../core/facts.ts';
import type { IncarnationId, KeyGroupId, ObjectId } from '../core/ids.ts';
import { keyGroupOf } from '../core/key-group.ts';
import {
  livesHolding,
  type OtherHolders,
  otherHolders,
  periodsOfGroup,
  stateOfKey,
  statesOfIssuedKeys,
} from '../core/key-standing.ts';
import { KEY_STATES, type KeyState, keyState } from '../core/key-state.ts';
import { isNotBegun, kmaOfLife, lifeOfNow } from '../core/life.ts';
import { live } from '../core/live.ts';
import { ENTRY_BYTES_MAX } from '../core/log-bounds.ts';
import { readyThroughSeq } from '../core/readiness.ts';
import { isRefusal, refuse } from '../core/refusal.ts';
import { repeatedThrough } from '../core/repeated-tail.ts';
import type { StateView } from '../core/state.ts';
import type { Row } from '../core/tables.ts';
import { compliance, reading } from './common-settings.ts';
import { find, held, nameOf, walk } from './entities.ts';
import { comment, dataUnitId, dateText, flag, keyId, name } from './fields.ts';
import { listOperation, storedListOperation } from './lists/list.ts';
import { operation } from './operation.ts';
import { success } from './success.ts';

const EXAMINED_MAX = 200_000;
/** Keys of one destruction: one transaction, which agents wait for, and one audit record that names them. */
const DESTROYED_AT_ONCE_MAX = 200;
/** Of the fact in the log, without the comment. */
const BYTES_OF_DESTRUCTION = 512;
const DATA_UNITS_SHOWN_MAX = 10;
/** Beyond this many units a key counts as in use: nobody has looked at them all. */
const UNITS_EXAMINED_MAX = 1000;
const OBSTACLES_SHOWN_MAX = 100;
/** There is no other (product reference 1.1). */
const KEY_TYPE = 'AES-256' as const;

const keyFields = {
  keyId: z.string(),
  keyType: z.literal(KEY_TYPE),
  state: z.enum(KEY_STATES),
  group: z.string(),
  activatedBy: z.string(),
  createdAt: z.string(),
  activatedAt: z.string(),
  encryptionEndsAt: z.string(),
  deactivatesAt: z.string(),
  revokedAt: z.string(),
  compromisedAt: z.string(),
  destroyedAt: z.string(),
  inUse: z.boolean(),
};

/** The states of many keys: what they have in common is looked up once. */
function statesOfKeys(state: StateView, nowMs: number): (key: Row<'key'>) => KeyState {
  const issued = statesOfIssuedKeys(state, nowMs);
  const readyThrough = new Map<IncarnationId, number>();
  let others: OtherHolders | undefined;
  return (key) => {
    if (key.destroyedStamp !== null) {
      others ??= otherHolders(state);
      return stateOfKey(state, key, nowMs, others);
    }
    if (key.activatedStamp !== null || key.incarnationId === null || key.madeSeq === null) return issued(key);
    const through = readyThrough.get(key.incarnationId) ?? readyThroughSeq(state, key.incarnationId);
    readyThrough.set(key.incarnationId, through);
    return keyState(key, null, { ready: key.madeSeq <= through, erasedEverywhere: false }, nowMs);
  };
}

export const listedKey = z.strictObject({
  ...keyFields,
  dataUnitId: z.string(),
  compromisedComment: z.string(),
  destroyedComment: z.string(),
});

/** `dataUnitId`: the first by ID of those that hold it. */
export function keysListed(state: StateView, nowMs: number): (key: Row<'key'>) => z.infer<typeof listedKey> {
  const stateOf = statesOfKeys(state, nowMs);
  return (key) => ({
    ...shown(state, key, stateOf(key)),
    dataUnitId: firstUnitOf(state, key),
    compromisedComment: key.compromisedComment ?? '',
    destroyedComment: key.destroyedComment ?? '',
  });
}

/** Pairs lie in the order of their IDs, which begin with the unit's. */
function firstUnitOf(state: StateView, key: Row<'key'>): string {
  return state.scan('data_unit_key', 'key', { equals: [key.id, 1], limit: 1 })[0]?.dataUnitId ?? '';
}

function shown(state: StateView, key: Row<'key'>, current: KeyState) {
  return {
    keyId: key.id,
    keyType: KEY_TYPE,
    state: current,
    group: nameOf(state, 'key_group', keyGroupOf(key)),
    activatedBy: nameOf(state, 'agent', key.activatedByAgentId),
    createdAt: dateText(key.createdAt),
    activatedAt: dateText(key.activatedAt),
    ...ends(state, key),
    revokedAt: dateText(key.revokedAt),
    compromisedAt: dateText(key.compromisedAt),
    destroyedAt: dateText(key.destroyedAt),
    inUse: isInUse(state, key.id),
  };
}

/** When its periods end or have ended, or when it was revoked; "" for a key that was not handed out or has no policy. */
function ends(state: StateView, key: Row<'key'>) {
  const periods = periodsOfGroup(state, keyGroupOf(key) ?? '');
  const after = (seconds: number | undefined) =>
    key.activatedAt === null || seconds === undefined ? null : key.activatedAt + seconds * 1000;
  const encryptionEnds = key.processOnly === 1 ? key.activatedAt : after(periods?.encryptionPeriodSeconds);
  const deactivated = after(periods?.cryptoperiodSeconds);
  return {
    encryptionEndsAt: dateText(earlier(encryptionEnds, key.revokedAt)),
    deactivatesAt: dateText(earlier(deactivated, key.revokedAt)),
  };
}
function earlier(one: number | null, other: number | null): number | null {
  return one === null || other === null ? (one ?? other) : Math.min(one, other);
}

/** By any data unit; a key of none is not. */
function isInUse(state: StateView, id: string): boolean {
  const pairs = state.scan('data_unit_key', 'key', { equals: [id, 1], limit: UNITS_EXAMINED_MAX });
  return pairs.length === UNITS_EXAMINED_MAX || pairs.some((pair) => pair.inUse !== 0);
}

export const listKeys = storedListOperation({
  ...reading,
  name: 'ListKeys',
  http: { method: 'GET', path: '/v1/keys' },
  summary: 'Lists keys, the newest first.',
  row: listedKey,
  key: 'keyId',
  order: 'createdAt',
  descending: true,
  scope: { dataUnitId: dataUnitId().optional().meta({ description: 'only keys of this data unit' }) },
  command: {
    words: ['key', 'list'],
    example: 'kma key list --filter state=PROTECT_AND_PROCESS --sort activatedAt --limit 20 --user auditor',
  },
  stored: 'key',
  shown({ state, nowMs }) {
    const listed = keysListed(state, nowMs);
    return (id) => listed(held(state.get('key', String(id))));
  },
  few({ state, nowMs }, scope) {
    if (scope.dataUnitId === undefined) return null;
    const unit = live(state, 'data_unit', scope.dataUnitId);
    if (unit === undefined) return refuse('DATA_UNIT_NOT_FOUND', scope.dataUnitId);
    return keysOfUnit(state, unit).map(keysListed(state, nowMs));
  },
});

/** No KMA can know it of itself: a copy of its disk leads the life before where it was copied (ARCHITECTURE.md). */
const WHERE_GONE =
  'a copy of its disk may lead it; where there is none, another member deletes this KMA as retired, and it joins again';

const WHERE_HEARD = 'every member has to say how much it has of it, and that may tell of a backup';

/** Of a KMA that is a member and has begun another one since. */
function isEarlier(state: StateView, life: Row<'incarnation'>): boolean {
  const kmaId = kmaOfLife(life);
  if (kmaId === null || live(state, 'kma', kmaId) === undefined) return false;
  const now = lifeOfNow(state, kmaId);
  return now !== undefined && now.id !== life.id;
}

/** What keeps a destruction incomplete: files of a KMA, and backups whose own destruction nobody has confirmed. */
function obstaclesOf(state: StateView, key: Row<'key'>): string[] {
  return [
    ...livesHolding(state, key).map((life) => {
      const kmaId = kmaOfLife(life);
      const kma = nameOf(state, 'kma', kmaId);
      if (life.endedStamp !== null) return `the end of the log of ${kma}: ${WHERE_HEARD}`;
      if (live(state, 'kma', kmaId) === undefined || !isNotBegun(life, kmaId ?? ''))
        return `erasure at ${isEarlier(state, life) ? `an earlier life of ${kma}: ${WHERE_GONE}` : kma}`;
      return `the copy for a join that ${kma} has not finished; where it is gone: okm member end-joins ${kma}`;
    }),
    ...backupsHolding(state, key).map(({ id }) => `backup ${id}`),
  ].slice(0, OBSTACLES_SHOWN_MAX);
}

export const showKey = operation({
  ...reading,
  name: 'ShowKey',
  http: { method: 'GET', path: '/v1/keys/{keyId}' },
  summary: 'Shows everything known of a key except its value.',
  input: z.strictObject({ keyId: keyId() }),
  output: z.strictObject({
    ...keyFields,
    compromisedComment: z.string(),
    destroyedComment: z.string(),
    processOnly: z.boolean(),
    dataUnits: z.array(z.string()),
    destructionWaitsFor: z.array(z.string()),
  }),
  command: { words: ['key', 'show'], arguments: ['keyId'], example: 'kma key show KEYID --user auditor' },
  view(input, { state, nowMs }) {
    const key = live(state, 'key', input.keyId);
    if (key === undefined) return refuse('KEY_DOES_NOT_EXIST', input.keyId);
    return {
      ...shown(state, key, stateOfKey(state, key, nowMs)),
      compromisedComment: key.compromisedComment ?? '',
      destroyedComment: key.destroyedComment ?? '',
      processOnly: key.processOnly === 1,
      dataUnits: state
        .scan('data_unit_key', 'key', { equals: [key.id, 1], limit: DATA_UNITS_SHOWN_MAX })
        .map((pair) => pair.dataUnitId ?? ''),
      destructionWaitsFor: key.destroyedStamp === null ? [] : obstaclesOf(state, key),
    };
  },
});

export const listPerhapsIssuedKeys = listOperation({
  ...reading,
  name: 'ListPerhapsIssuedKeys',
  http: { method: 'GET', path: '/v1/perhaps-issued-keys' },
  summary:
    'Lists keys of before a restore or copy that may have been handed out although no record of it is left.',
  row: z.strictObject({ keyId: z.string(), createdAt: z.string(), incarnationId: z.string() }),
  key: ['keyId'],
  order: 'createdAt',
  descending: true,
  command: { words: ['key', 'perhaps-issued'], example: 'kma key perhaps-issued --user operator' },
  rows({ state, self }) {
    const lives = walk(
      state,
      'incarnation',
      '',
      EXAMINED_MAX,
      EXAMINED_MAX,
      (row) => repeatedThrough(row) > 0 || isEndedLife(state, row, self),
    );
    return lives
      .flatMap((life) => {
        const all = isEndedLife(state, life, self) ? {} : { atMost: repeatedThrough(life) };
        return state.scan('key', 'pool', { equals: [life.id], ...all, limit: EXAMINED_MAX });
      })
      .map((key) => ({
        keyId: key.id,
        createdAt: dateText(key.createdAt),
        incarnationId: key.incarnationId ?? '',
      }));
  },
});

export const changeKeyGroup = operation({
  ...compliance,
  name: 'ChangeKeyGroup',
  http: { method: 'PUT', path: '/v1/keys/{keyId}/key-group' },
  summary: 'Moves a key that was handed out to another key group.',
  input: z.strictObject({ keyId: keyId(), group: name('key group ID') }),
  output: z.null(),
  command: {
    words: ['key', 'change-group'],
    arguments: ['keyId', 'group'],
    example: 'kma key change-group KEYID tapes-2026 --user compliance',
  },
  decide(input, { state }) {
    const key = live(state, 'key', input.keyId);
    if (key === undefined || key.activatedStamp === null) return refuse('KEY_DOES_NOT_EXIST', input.keyId);
    const group = find(state, 'key_group', input.group, 'KEY_GROUP_DOES_NOT_EXIST');
    if (isRefusal(group)) return group;
    const before = nameOf(state, 'key_group', keyGroupOf(key));
    return {
      facts: [set('key', key.id, { changedKeyGroupId: group.id as KeyGroupId })],
      output: null,
      audit: success(`key=${key.id} group=${input.group} before=${before}`),
    };
  },
});

export const compromiseKey = operation({
  ...compliance,
  name: 'CompromiseKey',
  http: { method: 'POST', path: '/v1/keys/{keyId}/compromise' },
  summary: 'Declares a key compromised: agents only decrypt with it from now on. It cannot be undone.',
  input: z.strictObject({ keyId: keyId(), comment: comment() }),
  output: z.null(),
  command: {
    words: ['key', 'compromise'],
    arguments: ['keyId'],
    example: 'kma key compromise KEYID --comment "drive 7 was stolen" --user compliance',
  },
  decide(input, { state, nowMs }) {
    const key = live(state, 'key', input.keyId);
    if (key === undefined) return refuse('KEY_DOES_NOT_EXIST', input.keyId);
    if (key.compromisedStamp !== null) return refuse('KEY_ALREADY_COMPROMISED', input.keyId);
    const cells = { compromisedAt: nowMs, compromisedComment: input.comment };
    return {
      facts: [event('key', key.id, 'compromised', cells)],
      output: null,
      audit: success(`key=${key.id} comment=${input.comment}`),
      effects: key.activatedStamp === null ? [{ effect: 'pool-changed' }] : [],
    };
  },
});

/** The states in which a key may be destroyed: nobody encrypts with it, and ordinary decryption has ended. */
const DESTROYABLE = { DEACTIVATED: 'deactivated', COMPROMISED: 'compromised' } as const;

export const destroyKeys = operation({
  callers: ['OPERATOR'],
  quorum: false,
  needsUnlocked: true,
  changes: true,
  audit: { class: 'Operator', retention: 'long' },
  name: 'DestroyKeys',
  http: { method: 'POST', path: '/v1/data-units/{dataUnitId}/destroyed-keys' },
  summary:
    'Destroys the deactivated and compromised keys of a data unit. What they encrypted can never be read again.',
  input: z.strictObject({
    dataUnitId: dataUnitId(),
    deactivated: flag('destroy deactivated keys').default(true),
    compromised: flag('destroy compromised keys').default(true),
    comment: comment(),
  }),
  output: z.strictObject({ destroyed: z.number(), left: z.number() }),
  command: {
    words: ['data-unit', 'destroy-keys'],
    arguments: ['dataUnitId'],
    example:
      'kma data-unit destroy-keys 000102030405060708090A0B0C0D0E0F --comment "end of retention" --user operator',
  },
  decide(input, { state, nowMs }) {
    const unit = live(state, 'data_unit', input.dataUnitId);
    if (unit === undefined) return refuse('DATA_UNIT_NOT_FOUND', input.dataUnitId);
    const stateOf = statesOfIssuedKeys(state, nowMs);
    const keys = keysOfUnit(state, unit).filter((key) => {
      const kind = Object.entries(DESTROYABLE).find(([name]) => name === stateOf(key))?.[1];
      return kind !== undefined && input[kind];
    });
    const now = keys.slice(0, destroyedAtOnce(input.comment));
    if (now.length === 0) return refuse('KEY_NOT_DESTROYABLE', input.dataUnitId);
    const cells = { destroyedAt: nowMs, destroyedComment: input.comment };
    return {
      facts: now.map((key): Fact => event('key', key.id, 'destroyed', cells)),
      erase: now.flatMap((key): ObjectId[] => (key.objectId === null ? [] : [key.objectId])),
      output: { destroyed: now.length, left: keys.length - now.length },
      audit: success(
        `dataUnit=${unit.id} keys=${now.length} comment=${input.comment} ids=${now.map((key) => key.id).join(',')}`,
      ),
    };
  },
});

/** Each key has the comment, and they share one entry of the log. */
function destroyedAtOnce(comment: string): number {
  const bytesOfOne = Buffer.byteLength(JSON.stringify(comment)) + BYTES_OF_DESTRUCTION;
  return Math.min(DESTROYED_AT_ONCE_MAX, Math.floor(ENTRY_BYTES_MAX / 2 / bytesOfOne));
}

export const keyOperations = [
  listKeys,
  showKey,
  listPerhapsIssuedKeys,
  changeKeyGroup,
  compromiseKey,
  destroyKeys,
];
