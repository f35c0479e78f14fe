/** What the core keeps in memory only: the opened core security and the tables that die with the process. It touches no disk. */
import { randomBytes } from 'node:crypto';
import { EnrolmentChallenges } from '../../security/enrolment-challenge.ts';
import type { KeyPairPool } from '../../security/key-pair-pool.ts';
import type { KwkTable } from '../../security/kwk.ts';
import { ProofChallenges } from '../../security/proof-challenges.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { QuorumGuesses } from './quorum-guesses.ts';
import { SealingKeys } from './sealing-keys.ts';
import { SessionTable } from './session-table.ts';

export class CoreMemory {
  /** Root key material; null = locked. */
  #root: SecretBytes | null = null;
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
    return this.#root !== null;
  }
  get rootKeyMaterial(): SecretBytes {
    if (this.#root === null) throw new Error('locked: there is no root key material');
    return this.#root;
  }
  /** Takes a copy: the caller wipes his own. */
  unlock(root: SecretBytes): void {
    this.lock();
    this.#root = new SecretBytes(Buffer.from(root.reveal()));
  }
  /** Wipes what the runtime lets us wipe; the process is replaced right after (D5). */
  lock(): void {
    this.#root?.wipe();
    this.#root = null;
    for (const key of this.#masterKeys.values()) key.wipe();
    this.#masterKeys.clear();
  }

  /** The master key of an epoch, opened with `open` at the first use. */
  masterKey(epoch: string, open: (root: SecretBytes) => SecretBytes): SecretBytes {
    const known = this.#masterKeys.get(epoch);
    if (known !== undefined) return known;
    const key = open(this.rootKeyMaterial);
    this.#masterKeys.set(epoch, key);
    return key;
  }
}
