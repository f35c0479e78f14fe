/** Goes through the keys of an opened backup: each has its sealed bytes, and those of a sample open under the master keys. It shows none of them. */
import { randomInt } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import { keyGroupOf } from '../../core/key-group.ts';
import { otherHolders, stateOfKey } from '../../core/key-standing.ts';
import { isDestroyed, type KeyState } from '../../core/key-state.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import type { Row } from '../../core/tables.ts';
import { nameOf } from '../../operations/entities.ts';
import { openSealedObject, sha256Hex } from '../../security/sealing.ts';
import type { SecretBytes } from '../../security/secret-bytes.ts';
import type { Store, StoredObject } from '../../store/store.ts';
import { KeySample, type SampledStratum } from './key-sample.ts';

const KEY_BYTES = 32;
const PAGE_ROWS = 1000;
/** More broken ones are counted and not named. */
const NAMED_MAX = 5;

export interface CheckedKeys {
  readonly keys: number;
  readonly keysByState: Readonly<Partial<Record<KeyState, number>>>;
  /** Keys that were opened. */
  readonly opened: number;
  readonly sample: readonly { group: string; state: KeyState; keys: number; opened: number }[];
}

interface KeyQuestion {
  /** Of the epoch; undefined where the backup lacks it. */
  readonly masterKey: (epoch: string) => SecretBytes | undefined;
  readonly sample: number | 'all';
  readonly nowMs: number;
}

export async function checkKeys(store: Store, question: KeyQuestion): Promise<CheckedKeys | Refusal> {
  const { masterKey, sample, nowMs } = question;
  const counts = new Map<KeyState, number>();
  const chosen = new KeySample(sample === 'all' ? 0 : sample, randomInt);
  const [lost, closed] = [new Broken(), new Broken()];
  const others = otherHolders(store.state);
  for await (const key of keysOf(store)) {
    const state = stateOfKey(store.state, key, nowMs, others);
    counts.set(state, (counts.get(state) ?? 0) + 1);
    if (isDestroyed(state)) continue;
    const object = sealedBytesOf(store, key);
    if (object === null) lost.add(key.id);
    else if (sample === 'all' && !opens(object, masterKey)) closed.add(key.id);
    chosen.offer(stratumOf(key, state), key.id);
  }
  const strata = chosen.choose();
  for (const id of strata.flatMap((stratum) => stratum.chosen)) {
    const key = store.state.get('key', id);
    const object = key === undefined ? null : sealedBytesOf(store, key);
    if (object !== null && !opens(object, masterKey)) closed.add(id);
  }
  if (lost.count > 0) return refuse('BACKUP_UNSOUND', `sealed bytes are missing or altered: ${lost.text}`);
  if (closed.count > 0) return refuse('BACKUP_UNSOUND', `keys do not decrypt: ${closed.text}`);
  const shown = strata.map((stratum) => shownStratum(store, stratum, sample === 'all'));
  return {
    keys: [...counts.values()].reduce((sum, count) => sum + count, 0),
    keysByState: Object.fromEntries(counts),
    opened: shown.reduce((sum, { opened }) => sum + opened, 0),
    sample: shown,
  };
}

/** A page at a time, and with a turn of the event loop between: signals end this at once. */
async function* keysOf(store: Store): AsyncGenerator<Row<'key'>> {
  let after = '';
  for (;;) {
    const page = store.state.page('key', after, PAGE_ROWS);
    for (const key of page) if (key.createdStamp !== null) yield key;
    const last = page.at(-1);
    if (last === undefined) return;
    after = last.id;
    await turn();
  }
}

/** Null where they are not there, or are not those that the key was made with. */
function sealedBytesOf(store: Store, key: Row<'key'>): StoredObject | null {
  const object = key.objectId === null ? undefined : store.getObject(key.objectId);
  if (object === undefined || object.kind !== 'key' || object.owner !== key.id) return null;
  return sha256Hex(object.bytes) === key.objectSha256 ? object : null;
}

function opens(object: StoredObject, masterKey: KeyQuestion['masterKey']): boolean {
  const master = masterKey(object.epoch);
  if (master === undefined) return false;
  try {
    const key = openSealedObject(master, object, object.bytes);
    key.wipe();
    return key.length === KEY_BYTES;
  } catch {
    return false;
  }
}

const stratumOf = (key: Row<'key'>, state: KeyState) => `${keyGroupOf(key) ?? ''} ${state}`;

function shownStratum(store: Store, { name, offered, chosen }: SampledStratum, all: boolean) {
  const [group = '', state = ''] = name.split(' ');
  return {
    group: nameOf(store.state, 'key_group', group === '' ? null : group),
    state: state as KeyState,
    keys: offered,
    opened: all ? offered : chosen.length,
  };
}

class Broken {
  count = 0;
  readonly #named: string[] = [];

  add(id: string): void {
    this.count += 1;
    if (this.#named.length < NAMED_MAX) this.#named.push(id);
  }
  get text(): string {
    return `${this.count} of them, such as ${this.#named.join(', ')}`;
  }
}
