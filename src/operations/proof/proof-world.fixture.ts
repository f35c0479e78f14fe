/** The agents' world with passphrases for the modern proof, and a client that can be told to lie in any part of it. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import {
  NONCE_BYTES,
  PreparedProof,
  type ProofAnswer,
  type ProofRole,
  publicKeySha256,
  type Responses,
} from '@openkma/protocol';
import { created, set } from '../../core/facts.ts';
import { idFrom, type KmaId, type ObjectId, type UserId } from '../../core/ids.ts';
import { makeVerifier } from '../../security/passphrase-verifier.ts';
import { SecretBytes } from '../../security/secret-bytes.ts';
import { AgentWorld } from '../agent/agent-world.fixture.ts';
import type { Origin } from '../operation.ts';
import { certificateAuthority } from '../world-authority.fixture.ts';
import { beginProof } from './begin-proof.ts';

export const PASSPHRASE = 'Right-one-1';
export const CLIENT_KEY = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({
  type: 'spki',
  format: 'der',
});

export interface Lies {
  readonly passphrase?: string;
  readonly provenRole?: ProofRole;
  readonly provenName?: string;
  readonly provenKey?: Uint8Array;
  readonly exporter?: Uint8Array;
  readonly first?: Partial<Responses['BeginProof']>;
}

export class ProofWorld extends AgentWorld {
  override origin: Origin = {
    service: 'certificate',
    address: '192.0.2.7',
    localAddress: '192.0.2.1',
    fingerprint: null,
    exporter: randomBytes(32),
  };

  static async create(): Promise<ProofWorld> {
    const world = new ProofWorld();
    const { certificatePem } = await certificateAuthority();
    const key = world.open('ca-private-key', randomBytes(1200));
    world.objects.set(key.id, key);
    world.commit([
      created('certificate_authority', 'root', {
        keyObjectId: key.id,
        keyObjectSha256: 'F'.repeat(64),
      }),
      set('certificate_authority', 'root', { certificatePem, digest: 'SHA-256' }),
    ]);
    return world;
  }

  async verifier(passphrase = PASSPHRASE): Promise<ObjectId> {
    const object = this.open('verifier', await makeVerifier(SecretBytes.fromText(passphrase)));
    this.objects.set(object.id, object);
    return object.id;
  }

  /** An entity of the role that proves PASSPHRASE; its internal ID. */
  async entity(role: ProofRole, name: string): Promise<string> {
    const verifierObjectId = await this.verifier();
    if (role === 'agent') {
      const id = this.agent(name);
      this.commit([set('agent', id, { verifierObjectId })]);
      return id;
    }
    const id = idFrom<UserId & KmaId>(randomBytes(16));
    const cells = { enabled: 1, proofDisabled: 0, verifierObjectId };
    this.commit(
      role === 'user'
        ? [created('user', id, { name, createdAt: this.nowMs }), set('user', id, cells)]
        : [created('kma', id, { name, createdAt: this.nowMs, number: 2 }), set('kma', id, cells)],
    );
    return id;
  }

  /** The second message for a name, and what the client would say to an answer. */
  async message(role: ProofRole, entityId: string, lies: Lies = {}) {
    const clientNonce = randomBytes(NONCE_BYTES);
    const first = await this.given(beginProof, { role, entityId, clientNonce });
    const question = { role: lies.provenRole ?? role, entityId: lies.provenName ?? entityId, clientNonce };
    const passphrase = Buffer.from(lies.passphrase ?? PASSPHRASE);
    const prepared = await PreparedProof.make(question, passphrase, { ...first, ...lies.first });
    const clientKeySha256 = publicKeySha256(lies.provenKey ?? CLIENT_KEY);
    const exporter = lies.exporter ?? this.origin.exporter ?? randomBytes(32);
    const answer: ProofAnswer = prepared.answer({ channel: 'tls', exporter, clientKeySha256 });
    const { clientProof } = answer;
    return { first, answer, common: { entityId, clientNonce, clientProof } };
  }

  async certified(role: 'agent' | 'kma', entityId: string, lies: Lies = {}) {
    const { answer, common } = await this.message(role, entityId, lies);
    return { answer, fields: { ...common, clientPublicKey: CLIENT_KEY } };
  }
  async loggedIn(entityId: string, lies: Lies = {}) {
    const { first, answer, common } = await this.message('user', entityId, lies);
    return { first, answer, fields: { ...common, clientKeySha256: publicKeySha256(CLIENT_KEY) } };
  }
}
