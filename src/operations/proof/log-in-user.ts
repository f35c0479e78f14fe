/** LogInUser: for the modern proof a session of the key that the client made itself (D7); works on a locked KMA, so that users can unlock it. */
import { PROOF_KEY_BYTES, type Requests, type Responses, SHA256_BYTES } from '@openkma/protocol';
import { z } from 'zod';
import { type Fingerprint, toHex, type UserId } from '../../core/ids.ts';
import { workingUser } from '../../core/user-session.ts';
import { bytes, fields } from '../agent/wire-fields.ts';
import { operation } from '../operation.ts';
import { success } from '../success.ts';
import { begunSession } from './begun-session.ts';
import { failed, lapsed, type Proven, proofFields, proveOverTls } from './prove.ts';

type Request = Requests['LogInUser'];
type Reply = Responses['LogInUser'];

export const logInUser = operation<Request, Proven, Reply, Reply>({
  name: 'LogInUser',
  summary: 'Logs a user in with the modern proof: the key that he made counts as his for a while.',
  callers: 'stranger',
  quorum: false,
  needsUnlocked: false,
  changes: false,
  audit: { class: 'Certificate Service', retention: 'medium' },
  input: fields<Request>({ ...proofFields, clientKeySha256: bytes(SHA256_BYTES) }),
  output: fields<Reply>({ serverSignature: bytes(PROOF_KEY_BYTES), expiresAt: z.int() }),
  prepare: async (request, context) => proveOverTls('user', request, request.clientKeySha256, context),
  decide({ entityId, clientKeySha256 }, { state, self, nowMs, sessionOwner }, proven) {
    const refusal = lapsed(state, self, 'user', entityId, proven);
    if (refusal !== null) return refusal;
    const userId = proven.id as UserId;
    const user = workingUser(state, userId);
    const fingerprint = toHex(clientKeySha256) as Fingerprint;
    // Who took over another's key would have that client act in his own name.
    const owner = sessionOwner?.(fingerprint) ?? null;
    if (user === undefined || (owner !== null && owner !== userId))
      return failed('user', entityId, 'the key is of the session of another user');
    if (state.get('user_certificate', fingerprint) !== undefined)
      return failed('user', entityId, 'the key is of a saved certificate');
    const session = begunSession(user, fingerprint, proven, nowMs);
    return {
      facts: [],
      session,
      output: { serverSignature: proven.serverSignature, expiresAt: session.expiresAtMs },
      audit: success(`user=${entityId} key=${fingerprint} proof=modern`),
      effects: [{ effect: 'remember-sealing-key', fingerprint, privateKey: proven.oneTimePrivateKey() }],
    };
  },
});
