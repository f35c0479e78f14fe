/** The operations that begin a new life of a data directory: after a restore, for a KMA that joins, and when it is found to be a copy. They run where no core runs yet. */
import { z } from 'zod';
import { created, event, type Fact, set } from '../core/facts.ts';
import {
  type BackupId,
  INTERNAL_ID_BYTES,
  type IncarnationId,
  idFrom,
  type RootEpochId,
} from '../core/ids.ts';
import { kmaNumber } from './cluster/create-kma.ts';
import type { DecideContext } from './contexts.ts';
import { internalId } from './fields.ts';
import { operation } from './operation.ts';
import { MINIMUM_TLS } from './quickstart.ts';
import { success, warning } from './success.ts';

const local = { callers: 'local', quorum: false, needsUnlocked: false, changes: true } as const;
const vector = z.record(z.string(), z.int().min(0));

/** What the new life begins with: its log's public keys, and how much of every log is in the store. */
const beginning = {
  logPublicKey: z.string().length(64),
  replicationPublicKey: z.string().length(64),
  baseVector: vector,
};

const restoreInput = z.strictObject({
  ...beginning,
  backupId: internalId('backup ID'),
  madeAt: z.iso.datetime(),
  rootEpochId: internalId('root epoch'),
  vector,
  heldVector: vector,
  stateHash: z.string().length(64),
  fileSha256: z.string().length(64),
  fileBytes: z.int().min(1),
  keyFileSha256: z.string().length(64),
  certificatePem: z.string().max(8192),
  serviceAddress: z.string().max(255),
  managementAddress: z.string().max(255),
  /** Who restored, from where, through which temporary KMA; "" at the appliance. */
  by: z.string().max(512),
});

export const restoreBackup = operation({
  ...local,
  audit: { class: 'Backup', retention: 'long' },
  name: 'RestoreBackup',
  summary:
    'Begins a new life from a backup (QuickStart mode 3): a new log and TLS key, and no old key is handed out as new.',
  input: restoreInput,
  output: z.null(),
  decide(input, context) {
    const clusterEpochId = idFrom<string>(context.random(INTERNAL_ID_BYTES));
    const { certificatePem, serviceAddress, managementAddress } = input;
    return {
      facts: [
        ...enteredAnew(context),
        ...endedLives(context),
        incarnationFact(context, input, 'restore', clusterEpochId),
        ...sourceFacts(input, context),
        set('kma', context.self.kmaId, {
          certificatePem,
          // Whatever had become of the KMA that made the backup: this one is let in by nobody, and begins a cluster.
          certificateVerifierObjectId: context.state.get('kma', context.self.kmaId)?.verifierObjectId ?? null,
          serviceAddress,
          managementAddress,
        }),
      ],
      output: null,
      audit: warning(
        'Restored',
        `backup=${input.backupId} made=${input.madeAt} ${input.by}`.trim() +
          '; keys that were destroyed after it was made are not destroyed here',
      ),
    };
  },
});

/** A backup may be of a KMA that had been removed from its cluster, which is for good: what is restored from it is another KMA of that name. */
function enteredAnew({ state, self, nowMs, random }: DecideContext): Fact[] {
  if (state.get('kma', self.kmaId) !== undefined) return [];
  return [
    created('kma', self.kmaId, { name: self.kmaName, createdAt: nowMs, number: kmaNumber(random(4)) }),
    set('kma', self.kmaId, { description: '', enabled: 1, hostName: '', minimumTls: '1.2' }),
  ];
}

/** What brings a KMA to begin a new life. */
export const LIFE_REASONS = ['put-back', 'lived-elsewhere', 'forked', 'cut-short'] as const;
export type LifeReason = (typeof LIFE_REASONS)[number];
const WHY_TEXT: Readonly<Record<LifeReason, string>> = {
  'put-back': 'its data directory is a copy, or an older state of itself',
  'lived-elsewhere': 'a member has more of its log than it has itself',
  forked: 'members have another end of its log',
  'cut-short': 'a member ends its log before its last entry, although nobody has removed it',
};

export const beginIncarnation = operation({
  ...local,
  audit: { class: 'System', retention: 'long' },
  name: 'BeginIncarnation',
  summary:
    'Begins a new life of a store that is a copy, or an older state, of one that lived on, or whose log others have closed; keys it had in its pool are not handed out.',
  input: z.strictObject({
    ...beginning,
    before: z.string().length(16),
    why: z.enum(LIFE_REASONS).default('put-back'),
    /** Of whose log others have another end, and how many entries this life says again of the one that was here. */
    repeats: z
      .strictObject({ of: z.string().length(16), after: z.int().min(0), entries: z.int().min(0) })
      .optional(),
  }),
  output: z.null(),
  decide(input, context) {
    const before = context.state.get('incarnation', input.before);
    return {
      facts: [
        incarnationFact(context, input, 'copy', before?.clusterEpochId ?? ''),
        ...admittedLives(context),
      ],
      output: null,
      audit: warning(
        input.why === 'cut-short' ? 'Log closed by another member' : 'Copied or older store',
        `before=${input.before} now=${context.self.incarnationId}${repeatsText(input.repeats)} why=${WHY_TEXT[input.why]}`,
      ),
    };
  },
});

function repeatsText(repeats: { of: string; after: number; entries: number } | undefined): string {
  if (repeats === undefined) return '';
  return ` repeats=${repeats.entries} of=${repeats.of} after=${repeats.after}`;
}

const joinInput = z.strictObject({
  ...beginning,
  clusterEpochId: z.string().max(64),
  hostName: z.string().max(255),
  minimumTls: z.enum(MINIMUM_TLS),
  serviceAddress: z.string().max(255),
  managementAddress: z.string().max(255),
});

export const joinCluster = operation({
  ...local,
  audit: { class: 'Appliance Management', retention: 'long' },
  name: 'JoinCluster',
  summary:
    "Begins the life of a KMA that joins a cluster (QuickStart mode 2), in the copy of a member's store.",
  input: joinInput,
  output: z.null(),
  decide(input, context) {
    const { hostName, minimumTls, serviceAddress, managementAddress } = input;
    const { kmaId, kmaName, incarnationId } = context.self;
    return {
      facts: [
        incarnationFact(context, input, 'join', input.clusterEpochId),
        set('kma', kmaId, { hostName, minimumTls, serviceAddress, managementAddress }),
      ],
      output: null,
      audit: success(`kma=${kmaName} incarnation=${incarnationId}`),
    };
  },
});

function incarnationFact(
  { self, nowMs }: DecideContext,
  input: z.infer<z.ZodObject<typeof beginning>>,
  reason: 'restore' | 'copy' | 'join',
  clusterEpochId: string,
): Fact {
  return created('incarnation', self.incarnationId, {
    kmaId: self.kmaId,
    logPublicKey: input.logPublicKey,
    replicationPublicKey: input.replicationPublicKey,
    createdAt: nowMs,
    reason,
    clusterEpochId,
    baseVectorJson: JSON.stringify(input.baseVector),
  });
}

/** Lives of one KMA: one for each restore, so far below this. */
const LIVES_MAX = 10_000;

/** An earlier life may have ended before it met another member, who then would never take its log. */
function admittedLives({ state, self }: DecideContext): Fact[] {
  return state.scan('incarnation', 'kma', { equals: [self.kmaId], limit: LIVES_MAX }).flatMap((life) => {
    const { logPublicKey, replicationPublicKey } = life;
    if (life.admittedStamp !== null || life.endedStamp !== null) return [];
    if (logPublicKey === null || replicationPublicKey === null) return [];
    return [
      event('incarnation', life.id as IncarnationId, 'admitted', {
        admittedKmaId: self.kmaId,
        admittedLogPublicKey: logPublicKey,
        admittedReplicationKey: replicationPublicKey,
      }),
    ];
  });
}

function endedLives({ state, self, nowMs }: DecideContext): Fact[] {
  return state
    .scan('incarnation', 'kma', { equals: [self.kmaId], limit: LIVES_MAX })
    .filter((row) => row.endedStamp === null)
    .map((row) => event('incarnation', row.id as IncarnationId, 'ended', { endedAt: nowMs }));
}

/** The snapshot knows of its own backup neither its end nor its beginning; without these facts the files would not count as holding keys. */
function sourceFacts(input: z.infer<typeof restoreInput>, { self, nowMs }: DecideContext): Fact[] {
  const id = input.backupId as BackupId;
  return [
    created('backup', id, { kmaId: self.kmaId, createdAt: Date.parse(input.madeAt) }),
    event('backup', id, 'completed', {
      rootEpochId: input.rootEpochId as RootEpochId,
      vectorJson: JSON.stringify(input.vector),
      heldVectorJson: JSON.stringify(input.heldVector),
      stateHash: input.stateHash,
      completedAt: Date.parse(input.madeAt),
      fileBytes: input.fileBytes,
      fileSha256: input.fileSha256,
      keyFileSha256: input.keyFileSha256,
    }),
    event('backup', id, 'downloaded', { downloadedAt: nowMs }),
  ];
}

export const incarnationOperations = [restoreBackup, beginIncarnation, joinCluster];
