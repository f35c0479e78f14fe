/** Agents' key wrapping keys (protocol 7): in memory only, gone with the process. It never calls an ID unknown that was just issued. */
import {
  constants,
  createHmac,
  generateKeyPair,
  type KeyObject,
  privateDecrypt,
  randomBytes,
} from 'node:crypto';
import { promisify } from 'node:util';
import { assertRsaPair, makeSound } from './pair-check.ts';
import { SecretBytes } from './secret-bytes.ts';

const KWK_BYTES = 32;
/** Protocol 13.4: a larger public key crashes agents. */
const TRANSPORT_KEY_BITS = 2048;

export interface KwkLimits {
  /** Every process of an agent registers its own, and may do so at the same time (protocol 7). */
  readonly perAgent: number;
  readonly total: number;
  /** Not used for so long: forgotten. A client that comes back registers anew. */
  readonly idleMs: number;
}
const LIMITS: KwkLimits = { perAgent: 64, total: 65_536, idleMs: 24 * 60 * 60 * 1000 };

interface Entry {
  readonly agentId: string;
  readonly kwk: SecretBytes;
  readonly usedMs: number;
}

/** Makes the transport key pair for this life of the process. */
export async function createKwkTable(): Promise<KwkTable> {
  return makeSound(async () => {
    const pair = await promisify(generateKeyPair)('rsa', { modulusLength: TRANSPORT_KEY_BITS });
    assertRsaPair(pair.publicKey, pair.privateKey);
    return new KwkTable(pair);
  });
}

export class KwkTable {
  readonly #privateKey: KeyObject;
  readonly #publicKeyPem: string;
  readonly #limits: KwkLimits;
  readonly #clockMs: () => number;
  readonly #substituteKey = randomBytes(32);
  /** In order of last use, oldest first: all, and the IDs of each agent. */
  readonly #entries = new Map<string, Entry>();
  readonly #idsOfAgent = new Map<string, Set<string>>();

  /** `clockMs` is monotonic: a wall clock set forward must not expire everything. */
  constructor(
    pair: { readonly publicKey: KeyObject; readonly privateKey: KeyObject },
    limits: KwkLimits = LIMITS,
    clockMs: () => number = () => performance.now(),
  ) {
    this.#privateKey = pair.privateKey;
    this.#publicKeyPem = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    this.#limits = limits;
    this.#clockMs = clockMs;
  }

  publicKeyPem(): string {
    return this.#publicKeyPem;
  }

  /**
   * RSAES-PKCS1-v1_5 without a padding oracle: for anything that is not 32 bytes in a good block comes a pseudo-random
   * key, the same for the same ciphertext. A fresh one each time would tell: key wrapping is deterministic, so an agent
   * that registers one ciphertext twice could compare what the two wrap.
   */
  decrypt(ciphertext: Uint8Array): SecretBytes {
    const substitute = createHmac('sha256', this.#substituteKey).update(ciphertext).digest();
    try {
      const key = privateDecrypt({ key: this.#privateKey, padding: constants.RSA_PKCS1_PADDING }, ciphertext);
      return new SecretBytes(key.length === KWK_BYTES ? key : substitute);
    } catch {
      return new SecretBytes(substitute);
    }
  }

  /** Makes room among what was unused longest: of this agent first, then of all. */
  remember(kwkId: string, agentId: string, kwk: SecretBytes): void {
    const id = kwkId.toUpperCase();
    this.#drop(id);
    this.#dropIdle();
    const ids = this.#idsOfAgent.get(agentId);
    if (ids !== undefined && ids.size >= this.#limits.perAgent) this.#dropFirst(ids);
    if (this.#entries.size >= this.#limits.total) this.#dropFirst(this.#entries);
    this.#put(id, { agentId, kwk, usedMs: this.#clockMs() });
  }

  find(kwkId: string, agentId: string): SecretBytes | 'unknown' | 'mismatch' {
    this.#dropIdle();
    const id = kwkId.toUpperCase();
    const entry = this.#entries.get(id);
    if (entry === undefined) return 'unknown';
    if (entry.agentId !== agentId) return 'mismatch';
    this.#drop(id);
    this.#put(id, { ...entry, usedMs: this.#clockMs() });
    return entry.kwk;
  }

  forgetAgent(agentId: string): void {
    for (const id of [...(this.#idsOfAgent.get(agentId) ?? [])]) this.#drop(id);
  }

  get size(): number {
    return this.#entries.size;
  }

  #put(id: string, entry: Entry): void {
    this.#entries.set(id, entry);
    const ids = this.#idsOfAgent.get(entry.agentId) ?? new Set();
    this.#idsOfAgent.set(entry.agentId, ids.add(id));
  }

  /** The key is not wiped: an answer under way may be about to wrap with it. */
  #drop(id: string): void {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    this.#entries.delete(id);
    const ids = this.#idsOfAgent.get(entry.agentId);
    ids?.delete(id);
    if (ids?.size === 0) this.#idsOfAgent.delete(entry.agentId);
  }

  #dropFirst(ids: Set<string> | Map<string, Entry>): void {
    const first = ids.keys().next();
    if (!first.done) this.#drop(first.value);
  }

  /** Stops at the first that is still wanted, so that it costs nothing when nothing is due. */
  #dropIdle(): void {
    const dueMs = this.#clockMs() - this.#limits.idleMs;
    for (const [id, entry] of this.#entries) {
      if (entry.usedMs >= dueMs) return;
      this.#drop(id);
    }
  }
}
