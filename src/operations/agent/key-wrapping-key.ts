/** Key wrapping keys of agents (protocol 7): the public key they are sent under, and their registration, which lives in memory only. */
import { ENCRYPTED_KWK_BYTES, KWK_ID_BYTES } from '@openkma/protocol';
import { z } from 'zod';
import { toHex } from '../../core/ids.ts';
import type { SecretBytes } from '../../security/secret-bytes.ts';
import { operation } from '../operation.ts';
import { success } from '../success.ts';
import { callingAgent, forAgents } from './calling-agent.ts';
import { bytes, fields } from './wire-fields.ts';

interface PublicKey {
  readonly kwkPublicKey: Uint8Array;
}
interface Registration {
  readonly agentKwk: Uint8Array;
}
interface Registered {
  readonly agentKwkId: string;
}

export const getAgentKwkPublicKey = operation<object, Uint8Array, PublicKey, PublicKey>({
  ...forAgents('short'),
  name: 'GetAgentKWKPublicKey',
  summary: 'Gives an agent the public key to send its key wrapping key under.',
  input: fields<object>({}),
  output: fields<PublicKey>({ kwkPublicKey: bytes(1, 4096) }),
  prepare: async (_input, { security }) => Buffer.from(security.kwkPublicKeyPem(), 'utf8'),
  decide: (_input, _context, kwkPublicKey) => ({ facts: [], output: { kwkPublicKey } }),
});

/** A ciphertext that does not decrypt is taken like any other, so that it tells nothing: keys wrapped for it open nowhere. */
export const registerAgentKwk = operation<Registration, SecretBytes, Registered, Registered>({
  ...forAgents('short'),
  name: 'RegisterAgentKWK',
  summary: 'Registers an agent key wrapping key at this KMA.',
  input: fields<Registration>({ agentKwk: bytes(1, ENCRYPTED_KWK_BYTES) }),
  output: fields<Registered>({ agentKwkId: z.string() }),
  prepare: async ({ agentKwk }, { security }) => security.decryptKwk(agentKwk),
  decide(_input, context, kwk) {
    const kwkId = toHex(context.random(KWK_ID_BYTES));
    return {
      facts: [],
      output: { agentKwkId: kwkId },
      audit: success(`kwk=${kwkId}`),
      effects: [{ effect: 'remember-kwk', kwkId, agentId: callingAgent(context).id, kwk }],
    };
  },
});
