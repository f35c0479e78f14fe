/** RSA 2048 key pairs made ahead on the thread pool, so that an enrolment does not wait for primes. It gives no pair out twice, and none whose halves do not fit. */
import { generateKeyPair } from 'node:crypto';
import { promisify } from 'node:util';
import { type Refusal, refuse } from '../core/refusal.ts';
import { assertRsaPair, BAD_PAIRS_MAX, BadPairError } from './pair-check.ts';
import { SecretBytes } from './secret-bytes.ts';

const POOL_SIZE = 8;
const WAITING_MAX = 256;
const MODULUS_BITS = 2048;

/** Public half as SubjectPublicKeyInfo in DER, private half as PKCS#1 PEM, which the oldest agents read (protocol 4.1). */
export interface RsaKeyPair {
  readonly publicKey: Uint8Array;
  readonly privateKeyPem: SecretBytes;
}

interface Waiter {
  readonly resolve: (pair: RsaKeyPair) => void;
  readonly reject: (reason: Error | Refusal) => void;
}

/** `onBroken` is told when bad pairs follow each other; the pool then makes and gives no more. */
export function createKeyPairPool(size: number = POOL_SIZE, onBroken?: () => void): KeyPairPool {
  return new KeyPairPool(size, makeKeyPair, onBroken);
}

export class KeyPairPool {
  readonly #size: number;
  readonly #make: () => Promise<RsaKeyPair>;
  readonly #pairs: RsaKeyPair[] = [];
  readonly #waiting: Waiter[] = [];
  readonly #onBroken: () => void;
  #making = false;
  #closed = false;
  #badPairs = 0;
  #badInARow = 0;

  constructor(
    size: number,
    make: () => Promise<RsaKeyPair> = makeKeyPair,
    onBroken: () => void = () => undefined,
  ) {
    this.#size = size;
    this.#make = make;
    this.#onBroken = onBroken;
    this.#refill();
  }

  get ready(): number {
    return this.#pairs.length;
  }
  /** Discarded since the start, because their halves did not fit. */
  get badPairs(): number {
    return this.#badPairs;
  }

  /** Waits for the next pair where none is ready; rejects with the refusal SERVER_BUSY where too many wait already. */
  take(): Promise<RsaKeyPair> {
    if (this.#closed) return Promise.reject(new Error('the key pair pool is closed'));
    const pair = this.#pairs.shift();
    if (pair === undefined && this.#waiting.length >= WAITING_MAX)
      return Promise.reject(refuse('SERVER_BUSY', 'too many wait for a key pair'));
    const taken =
      pair === undefined
        ? new Promise<RsaKeyPair>((resolve, reject) => this.#waiting.push({ resolve, reject }))
        : Promise.resolve(pair);
    this.#refill();
    return taken;
  }

  close(): void {
    this.#closed = true;
    for (const pair of this.#pairs.splice(0)) pair.privateKeyPem.wipe();
    for (const waiter of this.#waiting.splice(0)) waiter.reject(new Error('the key pair pool is closed'));
  }

  /** One at a time: the thread pool has other work, and a pair takes some tens of milliseconds. */
  #refill(): void {
    const wanted = this.#waiting.length > 0 || this.#pairs.length < this.#size;
    if (this.#making || this.#closed || !wanted) return;
    this.#making = true;
    this.#make().then(
      (pair) => this.#made(pair),
      (error: unknown) => this.#failed(error),
    );
  }

  #made(pair: RsaKeyPair): void {
    this.#making = false;
    this.#badInARow = 0;
    const waiter = this.#waiting.shift();
    if (this.#closed) pair.privateKeyPem.wipe();
    else if (waiter !== undefined) waiter.resolve(pair);
    else this.#pairs.push(pair);
    this.#refill();
  }

  /** Tells one of those who wait; without any, the next `take` tries again, so that a broken source is no busy loop. */
  #failed(error: unknown): void {
    this.#making = false;
    if (error instanceof BadPairError) {
      this.#badPairs += 1;
      this.#badInARow += 1;
      if (this.#badInARow < BAD_PAIRS_MAX) return this.#refill();
      this.close();
      return this.#onBroken();
    }
    const waiter = this.#waiting.shift();
    if (waiter === undefined) return;
    waiter.reject(error instanceof Error ? error : new Error('a key pair could not be made'));
    this.#refill();
  }
}

export async function makeKeyPair(): Promise<RsaKeyPair> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: MODULUS_BITS });
  assertRsaPair(publicKey, privateKey);
  return {
    publicKey: publicKey.export({ type: 'spki', format: 'der' }),
    privateKeyPem: SecretBytes.fromText(privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()),
  };
}
