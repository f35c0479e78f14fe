/** What the core keeps in memory only: the opened core security and the tables that die with the process. It touches no disk. */
import { type KeyObject, randomBytes } from 'node:crypto';
import type { OwnAddresses } from '../../operations/entered-addresses.ts';
import { EnrolmentChallenges } from '../../security/enrolment-challenge.ts';
import type { KeyPairPool } from '../../security/key-pair-pool.ts';
import type { KwkTable } from '../../security/kwk.ts';
import type { Root } from '../../security/member-key.ts';
import { ProofChallenges } from '../../security/proof-challenges.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { QuorumGuesses } from './quorum-guesses.ts';
import { SealingKeys } from './sealing-keys.ts';
import { SessionTable } from './session-table.ts';

export class CoreMemory {
  /** Root key material by epoch; none = locked. More than one since a KMA was lost. */
  readonly #roots = new Map<string, SecretBytes>();
  /** The private half of this life's member key. */
  memberKey: KeyObject | null = null;
  /** Where this KMA is served, once the supervisor has said it. */
  served: OwnAddresses | null = null;
  /** Master keys by epoch, opened when first needed. */
  readonly #masterKeys = new Map<string, SecretBytes>();
  readonly #kwks: KwkTable | null;
  readonly sessions = new SessionTable();
  readonly sealingKeys = new SealingKeys();
  readonly quorumGuesses = new QuorumGuesses();
  readonly keyPairs: KeyPairPool;
  readonly challenges = new EnrolmentChallenges(new SecretBytes(randomBytes(32)));
  readonly proofChallenges = new ProofChallenges(new SecretBytes(randomBytes(32)));

  /** Without key wrapping keys where the core is not fit to have any. */
  constructor(kwks: KwkTable | null, keyPairs: KeyPairPool) {
    this.#kwks = kwks;
    this.keyPairs = keyPairs;
  }

  get kwks(): KwkTable {
    if (this.#kwks === null) throw new Error('a core in the error state has no key wrapping keys');
    return this.#kwks;
  }
  get unlocked(): boolean {
    return this.#roots.size > 0;
  }
  root(rootEpochId: string | null): SecretBytes | undefined {
    return this.#roots.get(rootEpochId ?? '');
  }
  get roots(): readonly Root[] {
    return [...this.#roots].map(([rootEpochId, rootKeyMaterial]) => ({ rootEpochId, rootKeyMaterial }));
  }
  /** Takes a copy: the caller wipes his own. What was known before stays. */
  unlock({ rootEpochId, rootKeyMaterial }: Root): void {
    this.#roots.get(rootEpochId)?.wipe();
    this.#roots.set(rootEpochId, new SecretBytes(Buffer.from(rootKeyMaterial.reveal())));
  }
  /** Wipes what the runtime lets us wipe; the process is replaced right after (D5). */
  lock(): void {
    for (const root of this.#roots.values()) root.wipe();
    this.#roots.clear();
    this.memberKey = null;
    for (const key of this.#masterKeys.values()) key.wipe();
    this.#masterKeys.clear();
  }

  /** The master key of an epoch, opened with `open` at the first use. */
  masterKey(epoch: string, open: () => SecretBytes): SecretBytes {
    const known = this.#masterKeys.get(epoch);
    if (known !== undefined) return known;
    const key = open();
    this.#masterKeys.set(epoch, key);
    return key;
  }
}
