/** Deterministic twins of what some operations prepare by themselves with slow hashes and key pairs. They decide nothing. */
import { z } from 'zod';
import type { AgentId, KeySplitId } from '../src/core/ids.ts';
import { INTERNAL_ID_BYTES, idFrom } from '../src/core/ids.ts';
import { byName } from '../src/core/live.ts';
import { isRefusal, refuse } from '../src/core/refusal.ts';
import type { PrepareContext } from '../src/operations/contexts.ts';
import { keySplitChange } from '../src/operations/modify-key-split.ts';
import type { Random } from './random.ts';
import { newObject } from './tools.ts';

type Twin = (input: unknown, context: PrepareContext, random: Random) => unknown;

const enrolment = z.object({ entityId: z.string() });

export const PREPARED: Readonly<Record<string, Twin>> = {
  /** The new credentials' names are all that counts; the passphrases are right where the names are. */
  ModifyKeySplit(_input, context, random) {
    const change = keySplitChange(context);
    if (isRefusal(change)) return change;
    const { newCredentials, random: bytes } = context;
    const id = idFrom<KeySplitId>(bytes(INTERNAL_ID_BYTES));
    const { rootKeyMaterial: _, ...about } = change;
    const object = {
      ...newObject(random, { class: 'self-protected', kind: 'key-split', owner: id }),
      epoch: about.rootEpochId,
    };
    return { ...about, id, names: newCredentials.map(({ name }) => name), object };
  },
  /** The passphrase is right, where the verifier of it has come. */
  async EnrolKma(input, { state, security, random: bytes }) {
    const { entityId } = enrolment.parse(input);
    const kma = byName(state, 'kma', entityId);
    if (kma?.verifierObjectId == null) return refuse('AUTHENTICATION_FAILED', entityId);
    const { id, verifierObjectId } = kma;
    security.readObject(verifierObjectId);
    const certificate = await security.issueCertificate({ kind: 'kma', name: entityId, publicKey: bytes(8) });
    return { id, verifierObjectId, serverSignature: bytes(32), certificate };
  },
  async RenewKmaCertificate(_input, { security, self, random: bytes }) {
    return security.issueCertificate({ kind: 'kma', name: self.kmaName, publicKey: bytes(8) });
  },
  /** The passphrase is right. */
  async RetrieveEntityCertificate(input, { state, security, random: bytes }) {
    const { entityId } = enrolment.parse(input);
    const agent = byName(state, 'agent', entityId);
    if (agent === undefined) return refuse('AUTHENTICATION_FAILED', entityId);
    const { publicKey, privateKeyPem } = await security.takeKeyPair();
    const certificate = await security.issueCertificate({ kind: 'agent', name: entityId, publicKey });
    const agentId = agent.id as AgentId;
    const secretObjectId = agent.legacySecretObjectId;
    return { agentId, secretObjectId, serverResponse: bytes(20), certificate, privateKeyPem };
  },
};
