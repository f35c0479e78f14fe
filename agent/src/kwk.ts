/** This process's key-wrapping keys, one a KMA, in memory only (protocol 7); it never sends a key in the clear. */
import { constants, createPublicKey, type KeyObject, publicEncrypt, randomBytes } from 'node:crypto';
import { KWK_BYTES, unwrapKey } from '@openkma/protocol';
import { AgentError } from './errors.ts';
import { KeyBytes } from './key-bytes.ts';
import type { Endpoint, Transport } from './transport.ts';

/** OKM's KMAs use 2048 bits; less than this is no protection, more than this no KMA of this protocol can offer. */
const MODULUS_BITS_MIN = 2048;
const MODULUS_BITS_MAX = 4096;

export interface KeyWrappingKey {
  readonly id: string;
  unwrap(wrapped: Uint8Array): KeyBytes;
}

export class KeyWrappingKeys {
  readonly #transport: Transport;
  readonly #keyOf = new Map<string, Promise<KeyWrappingKey>>();

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** The key registered with this KMA; the first call registers one, and others wait for it. */
  async of(kmaId: string, endpoint: Endpoint): Promise<KeyWrappingKey> {
    const known = this.#keyOf.get(kmaId);
    if (known !== undefined) return await known;
    const registering = register(this.#transport, endpoint);
    this.#keyOf.set(kmaId, registering);
    try {
      return await registering;
    } catch (error) {
      if (this.#keyOf.get(kmaId) === registering) this.#keyOf.delete(kmaId);
      throw error;
    }
  }

  /** Forgets a key that the KMA no longer knows, unless another call has replaced it meanwhile. */
  async forget(kmaId: string, key: KeyWrappingKey): Promise<void> {
    const known = this.#keyOf.get(kmaId);
    if (known !== undefined && (await known.catch(() => key)) === key && this.#keyOf.get(kmaId) === known)
      this.#keyOf.delete(kmaId);
  }
}

async function register(transport: Transport, endpoint: Endpoint): Promise<KeyWrappingKey> {
  const { kwkPublicKey } = await transport.call(endpoint, 'GetAgentKWKPublicKey', {});
  const publicKey = readPublicKey(kwkPublicKey);
  const kwk = new KeyBytes(randomBytes(KWK_BYTES));
  // PKCS #1 v1.5 is what the protocol asks for (RFC 8017 7.2); TLS around it is what protects this exchange.
  const agentKwk = publicEncrypt({ key: publicKey, padding: constants.RSA_PKCS1_PADDING }, kwk.reveal());
  const { agentKwkId } = await transport.call(endpoint, 'RegisterAgentKWK', { agentKwk });
  return { id: agentKwkId, unwrap: (wrapped) => new KeyBytes(unwrapKey(kwk.reveal(), wrapped)) };
}

function readPublicKey(pem: Uint8Array): KeyObject {
  try {
    const key = createPublicKey({ key: Buffer.from(pem), format: 'pem' });
    const bits = key.asymmetricKeyDetails?.modulusLength ?? 0;
    if (key.asymmetricKeyType === 'rsa' && bits >= MODULUS_BITS_MIN && bits <= MODULUS_BITS_MAX) return key;
  } catch {
    // Said below: whatever is not such a key is refused alike.
  }
  throw new AgentError('failure', 'the KMA offers no RSA key of at least 2048 bits for key wrapping');
}
