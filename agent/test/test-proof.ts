/** A KMA's half of the modern proof for the tests, written from docs/proof.md over the protocol package; it knows one passphrase. */
import { randomBytes, X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import {
  type Argon2Cost,
  authMessage,
  canonicalPem,
  EXPORTER_BYTES,
  EXPORTER_LABEL,
  type ProofOpening,
  provesClient,
  publicKeySha256,
  type Requests,
  type Responses,
  saltedPassword,
  scramKeys,
  serverSignature,
} from '@openkma/protocol';
import type { TestCluster } from './test-cluster.ts';

export class TestProof {
  readonly #cluster: TestCluster;
  #opening: ProofOpening | null = null;

  constructor(cluster: TestCluster) {
    this.#cluster = cluster;
  }

  begin({ role, entityId, clientNonce }: Requests['BeginProof'], cost: Argon2Cost): Responses['BeginProof'] {
    const caPem = canonicalPem(this.#cluster.authority.certificatePem);
    const first = {
      salt: randomBytes(16),
      serverChallenge: randomBytes(32),
      oneTimePublicKey: randomBytes(32),
    };
    const caCertificate = new X509Certificate(caPem).raw;
    this.#opening = { role, entityId, clientNonce, cost, caCertificate, ...first };
    return { ...first, ...cost, rootCaCertificate: Buffer.from(caPem) };
  }

  /** Null where the proof is wrong, or of somebody else. */
  async signatureFor(fields: Requests['EnrolAgent'], socket: TLSSocket): Promise<Buffer | null> {
    const opening = this.#opening;
    if (opening === null || fields.entityId !== this.#cluster.agentId) return null;
    const salted = await saltedPassword(Buffer.from(this.#cluster.passphrase), opening.salt, opening.cost);
    const { storedKey, serverKey } = scramKeys(salted);
    const message = authMessage(opening, {
      channel: 'tls',
      exporter: socket.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0)),
      clientKeySha256: publicKeySha256(fields.clientPublicKey),
    });
    return provesClient(storedKey, message, fields.clientProof) ? serverSignature(serverKey, message) : null;
  }
}
