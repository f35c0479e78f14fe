/** LogInWeb: the modern proof from a page in a browser (docs/proof.md, 12) makes a session of a random token, which the page's cookie holds. The token itself is kept nowhere. */
import { hash } from 'node:crypto';
import { PROOF_KEY_BYTES } from '@openkma/protocol';
import { z } from 'zod';
import { type Fingerprint, toHex, type UserId } from '../../core/ids.ts';
import { workingUser } from '../../core/user-session.ts';
import { bytes } from '../agent/wire-fields.ts';
import { operation } from '../operation.ts';
import { success } from '../success.ts';
import { begunSession } from './begun-session.ts';
import { failed, lapsed, type ProofMessage, type Proven, proofFields, prove } from './prove.ts';

const WEB_TOKEN_BYTES = 32;

export interface WebLogIn {
  readonly serverSignature: Uint8Array;
  readonly token: Uint8Array;
  readonly expiresAt: number;
}

/** By which the KMA knows the session of a token; of no key of TLS, since no key has such an encoding. */
export function webSessionOf(token: Uint8Array): Fingerprint {
  return toHex(hash('sha256', token, 'buffer')) as Fingerprint;
}

export const logInWeb = operation<ProofMessage, Proven, WebLogIn, WebLogIn>({
  name: 'LogInWeb',
  summary:
    "Logs a user in from a browser with the modern proof: the token of the page's cookie counts as his for a while.",
  callers: 'stranger',
  quorum: false,
  needsUnlocked: false,
  changes: false,
  audit: { class: 'Management', retention: 'medium' },
  input: z.strictObject(proofFields),
  output: z.strictObject({
    serverSignature: bytes(PROOF_KEY_BYTES),
    token: bytes(WEB_TOKEN_BYTES),
    expiresAt: z.int(),
  }),
  async prepare(request, context) {
    const { webOrigin } = context.origin;
    if (webOrigin === undefined) return failed('user', request.entityId, 'not from a page of this KMA');
    return prove('user', request, { channel: 'web', origin: webOrigin }, context);
  },
  decide({ entityId }, { state, self, nowMs, random }, proven) {
    const refusal = lapsed(state, self, 'user', entityId, proven);
    if (refusal !== null) return refusal;
    const user = workingUser(state, proven.id as UserId);
    if (user === undefined) return failed('user', entityId, 'user is disabled');
    const token = random(WEB_TOKEN_BYTES);
    const fingerprint = webSessionOf(token);
    const session = begunSession(user, fingerprint, proven, nowMs);
    return {
      facts: [],
      session,
      output: { serverSignature: proven.serverSignature, token, expiresAt: session.expiresAtMs },
      audit: success(`user=${entityId} session=${fingerprint} proof=modern channel=web`),
      effects: [{ effect: 'remember-sealing-key', fingerprint, privateKey: proven.oneTimePrivateKey() }],
    };
  },
});
