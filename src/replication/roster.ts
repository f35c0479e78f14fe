/** Who the members are, as the core last told it: by the key of the certificate, and with their lives. It decides nothing else. */

import type { ClusterStanding } from './standing-messages.ts';

export interface MemberLife {
  readonly incarnationId: string;
  /** Raw Ed25519, upper-case hex. */
  readonly replicationPublicKey: string;
  readonly live: boolean;
}

export interface Member {
  readonly kmaId: string;
  readonly name: string;
  /** On the management network; "" where none is known. */
  readonly address: string;
  /** On the service network, where agents reach it; "" where none is known. */
  readonly serviceAddress: string;
  /** Of the certificate's public key, SHA-256; "" where it has none, and then nobody connects as this member. */
  readonly keySha256: string;
  readonly incarnations: readonly MemberLife[];
}

/** A KMA that was a member, by the key that it had. */
export interface FormerMember {
  readonly keySha256: string;
  readonly why: Exclude<ClusterStanding, 'member'>;
}

export class Roster {
  readonly #byId: ReadonlyMap<string, Member>;
  readonly #byKey: ReadonlyMap<string, Member>;
  readonly #former: ReadonlyMap<string, FormerMember['why']>;

  constructor(members: readonly Member[], former: readonly FormerMember[] = []) {
    this.#byId = new Map(members.map((member) => [member.kmaId, member]));
    this.#byKey = new Map(
      members.filter(({ keySha256 }) => keySha256 !== '').map((member) => [member.keySha256, member]),
    );
    this.#former = new Map(former.map(({ keySha256, why }) => [keySha256, why]));
  }

  all(): Iterable<Member> {
    return this.#byId.values();
  }

  member(kmaId: string): Member | undefined {
    return this.#byId.get(kmaId);
  }

  ofKey(keySha256: string): Member | undefined {
    return this.#byKey.get(keySha256);
  }

  /** Null of a stranger's key. */
  standingOf(keySha256: string): ClusterStanding | null {
    return this.#byKey.has(keySha256) ? 'member' : (this.#former.get(keySha256) ?? null);
  }
}
