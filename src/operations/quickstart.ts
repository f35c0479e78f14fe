/** QuickStart, the operation that founds a cluster of one KMA (product reference 2.1 a); it runs once, on an empty store. */
import { z } from 'zod';
import { created, type Fact, set } from '../core/facts.ts';
import { refuse } from '../core/refusal.ts';
import { settingFact } from '../core/settings.ts';
import { sha256Hex } from '../security/sealing.ts';
import type { Foundation } from '../setup/foundation.ts';
import { operation } from './operation.ts';

export const MINIMUM_TLS = ['1.0', '1.1', '1.2', '1.3'] as const;

/** What is not secret of the answers; credentials are used up while the foundation is made. */
const input = z.strictObject({
  kmaName: z.string().min(1).max(64),
  officerName: z.string().min(1).max(64),
  threshold: z.int().min(1).max(10),
  credentialNames: z.array(z.string().min(1).max(64)).min(1).max(10),
  keyPoolSize: z.int().min(1000).max(200_000),
  digest: z.enum(['SHA-1', 'SHA-256']),
  minimumTls: z.enum(MINIMUM_TLS),
  serviceAddress: z.string().max(255),
  managementAddress: z.string().max(255),
  hostName: z.string().max(255),
});

export const quickStart = operation<z.infer<typeof input>, Foundation, { kmaId: string }, { kmaId: string }>({
  name: 'QuickStart',
  summary: 'Creates the first KMA of a new cluster.',
  callers: 'local',
  quorum: false,
  needsUnlocked: false,
  changes: true,
  audit: { class: 'Appliance Management', retention: 'long' },
  input,
  output: z.strictObject({ kmaId: z.string() }),
  decide(answers, context, foundation) {
    if (context.state.page('kma', '', 1).length > 0) return refuse('DATA_DIRECTORY_INITIALISED');
    const o = foundation.objects;
    return {
      facts: [
        ...kmaFacts(answers, foundation, context.nowMs),
        ...securityFacts(answers, foundation, context.nowMs),
        ...officerFacts(answers, foundation, context.nowMs),
      ],
      objects: [o.keySplit, o.masterKey, o.caKey, o.officerVerifier],
      output: { kmaId: foundation.identity.kmaId },
      audit: {
        severity: 'success',
        condition: 'Success',
        message: `kma=${answers.kmaName} threshold=${answers.threshold} credentials=${answers.credentialNames.length}`,
      },
    };
  },
});

function kmaFacts(
  answers: z.infer<typeof input>,
  { identity, kmaNumber, kmaCertificate, clusterEpochId }: Foundation,
  nowMs: number,
): Fact[] {
  return [
    created('kma', identity.kmaId, { name: answers.kmaName, createdAt: nowMs, number: kmaNumber }),
    set('kma', identity.kmaId, {
      description: '',
      enabled: 1,
      hostName: answers.hostName,
      serviceAddress: answers.serviceAddress,
      managementAddress: answers.managementAddress,
      minimumTls: answers.minimumTls,
      certificatePem: kmaCertificate.pem,
    }),
    created('incarnation', identity.incarnationId, {
      kmaId: identity.kmaId,
      logPublicKey: identity.logPublicKey,
      replicationPublicKey: identity.replicationPublicKey,
      createdAt: nowMs,
      reason: 'quickstart',
      clusterEpochId,
      baseVectorJson: '{}',
    }),
  ];
}

function securityFacts(answers: z.infer<typeof input>, foundation: Foundation, nowMs: number): Fact[] {
  const { objects, rootEpochId, masterEpochId, keySplitId } = foundation;
  return [
    created('key_split', keySplitId, {
      rootEpochId,
      threshold: answers.threshold,
      size: answers.credentialNames.length,
      namesJson: JSON.stringify(answers.credentialNames),
      objectId: objects.keySplit.id,
      objectSha256: sha256Hex(objects.keySplit.bytes),
      createdAt: nowMs,
    }),
    created('master_epoch', masterEpochId, { createdAt: nowMs }),
    created('master_wrap', `${masterEpochId}:${rootEpochId}`, {
      masterEpochId,
      rootEpochId,
      objectId: objects.masterKey.id,
      objectSha256: sha256Hex(objects.masterKey.bytes),
    }),
    created('certificate_authority', 'root', {
      keyObjectId: objects.caKey.id,
      keyObjectSha256: sha256Hex(objects.caKey.bytes),
    }),
    set('certificate_authority', 'root', {
      certificatePem: foundation.certificatePem,
      digest: answers.digest,
    }),
    settingFact('currentKeySplitId', keySplitId),
    settingFact('currentMasterEpochId', masterEpochId),
    settingFact('keyPoolSize', answers.keyPoolSize),
    settingFact('currentRootEpochId', rootEpochId),
  ];
}

function officerFacts(
  answers: z.infer<typeof input>,
  { officerId, objects }: Foundation,
  nowMs: number,
): Fact[] {
  const role = `${officerId}:SECURITY_OFFICER`;
  return [
    created('user', officerId, { name: answers.officerName, createdAt: nowMs }),
    set('user', officerId, {
      description: 'Initial Security Officer',
      enabled: 1,
      verifierObjectId: objects.officerVerifier.id,
      verifierSha256: sha256Hex(objects.officerVerifier.bytes),
      proofDisabled: 0,
    }),
    created('user_role', role, { userId: officerId, role: 'SECURITY_OFFICER' }),
    set('user_role', role, { present: 1 }),
  ];
}
