/** Who the members are, as the core last told it: by the key of the certificate, and with their lives. It decides nothing else. */

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
  /** Of the certificate's public key, SHA-256; "" where it has none, and then nobody connects as this member. */
  readonly keySha256: string;
  readonly incarnations: readonly MemberLife[];
}

export class Roster {
  readonly #byId: ReadonlyMap<string, Member>;
  readonly #byKey: ReadonlyMap<string, Member>;

  constructor(members: readonly Member[]) {
    this.#byId = new Map(members.map((member) => [member.kmaId, member]));
    this.#byKey = new Map(
      members.filter(({ keySha256 }) => keySha256 !== '').map((member) => [member.keySha256, member]),
    );
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
}
