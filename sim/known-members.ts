/** Who is a member as one state of the simulated world says, found out once until a row of a KMA changes: it is asked at every message. It admits nobody. */
import type { Row } from '../src/core/tables.ts';
import { memberKeySha256 } from '../src/operations/cluster/member-key.ts';
import type { HashedState } from './hashed-state.ts';

export class KnownMembers {
  readonly #state: HashedState;
  readonly #changes: number;
  readonly #known = new Map<string, boolean>();

  constructor(state: HashedState) {
    this.#state = state;
    this.#changes = state.changes('kma');
  }

  /** Of this state as it is now. */
  isOf(state: HashedState): boolean {
    return this.#state === state && this.#changes === state.changes('kma');
  }
  has(kmaId: string): boolean {
    const known = this.#known.get(kmaId);
    if (known !== undefined) return known;
    const member = this.#state.get('kma', kmaId);
    const isMember = member !== undefined && memberKey(member) !== '';
    this.#known.set(kmaId, isMember);
    return isMember;
  }
}

/** Rows are replaced and never changed, and reading a certificate takes a while. */
const keys = new WeakMap<Row<'kma'>, string>();
export function memberKey(member: Row<'kma'>): string {
  const key = keys.get(member) ?? memberKeySha256(member);
  keys.set(member, key);
  return key;
}
