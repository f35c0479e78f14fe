/** The client's half of the modern proof (docs/proof.md): from passphrase and first answer to the second message. It opens no connection. */
import { X509Certificate } from 'node:crypto';
import { authMessage, type ProofChannel, type ProofOpening, type ProofRole } from './auth-message.ts';
import type { Responses } from './operations.ts';
import { costObjection, saltedPassword } from './proof-cost.ts';
import { sameBytes } from './same-bytes.ts';
import { type ClientKeys, clientProof, scramKeys, serverSignature } from './scram.ts';

/** What the first message said. */
export interface ProofQuestion {
  readonly role: ProofRole;
  readonly entityId: string;
  readonly clientNonce: Uint8Array;
}

export interface ProofAnswer {
  readonly clientProof: Buffer;
  /** Whether this came from somebody who keeps the verifier of the passphrase. Constant time. */
  accepts(signature: Uint8Array): boolean;
}

/** The slow part, Argon2id, is done; answers for any number of connections follow at once. */
export class PreparedProof {
  readonly #opening: ProofOpening;
  readonly #keys: ClientKeys;

  private constructor(opening: ProofOpening, keys: ClientKeys) {
    this.#opening = opening;
    this.#keys = keys;
  }

  /** Throws where the cost is out of bounds, before anything is computed with it. */
  static async make(
    question: ProofQuestion,
    passphrase: Uint8Array,
    first: Responses['BeginProof'],
  ): Promise<PreparedProof> {
    const { memoryKib, passes, lanes } = first;
    const cost = { memoryKib, passes, lanes };
    const objection = costObjection(cost);
    if (objection !== null) throw new RangeError(`the cost of the passphrase proof is ${objection}`);
    const salted = await saltedPassword(passphrase, first.salt, cost);
    const keys = scramKeys(salted);
    salted.fill(0);
    const caCertificate = new X509Certificate(first.rootCaCertificate).raw;
    const { salt, serverChallenge, oneTimePublicKey } = first;
    const { role, entityId, clientNonce } = question;
    const asked = { role, entityId, clientNonce, salt, cost, caCertificate };
    return new PreparedProof({ ...asked, serverChallenge, oneTimePublicKey }, keys);
  }

  answer(channel: ProofChannel): ProofAnswer {
    const message = authMessage(this.#opening, channel);
    const { clientKey, storedKey, serverKey } = this.#keys;
    const expected = serverSignature(serverKey, message);
    return {
      clientProof: clientProof(clientKey, storedKey, message),
      accepts: (signature) => sameBytes(signature, expected),
    };
  }

  wipe(): void {
    for (const key of Object.values(this.#keys)) key.fill(0);
  }
}
