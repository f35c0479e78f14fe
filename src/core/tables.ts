/**
 * The replicated tables of a KMA, all of them; local tables (objects, logs, audit, counters) belong to the store.
 * Names on the wire ("AgentID") are the `name` column; rows refer to each other by random internal IDs.
 * Flags are 0/1, dates are milliseconds since 1970 UTC, columns ending in Json hold canonical JSON.
 */
import type {
  AgentId,
  DataUnitId,
  IncarnationId,
  KeyGroupId,
  KeyId,
  KeyPolicyId,
  KeySplitId,
  KmaId,
  MasterEpochId,
  ObjectId,
  RootEpochId,
  SiteId,
  UserId,
} from './ids.ts';
import type { Stamp } from './stamp.ts';
import { type Cell, type Column, type Index, lww, on, type Table, table } from './table.ts';

const named = { name: on('created').text(), description: lww.text(), createdAt: on('created').integer() };

export const TABLES = {
  /** Members. `number` is the random positive 31-bit KMAID of discovery. Addresses are literal or names, "" if none. */
  kma: table(
    {
      ...named,
      number: on('created').integer(),
      siteId: lww.text<SiteId>(),
      enabled: lww.integer(),
      hostName: lww.text(),
      serviceAddress: lww.text(),
      serviceAddressIPv6: lww.text(),
      managementAddress: lww.text(),
      /** Minimum TLS version of ports 3332, 3334 and 3335: "1.0", "1.1", "1.2" or "1.3". */
      minimumTls: lww.text<'1.0' | '1.1' | '1.2' | '1.3'>(),
      /** PEM of the server certificate in use; its private key is a local file. Null where it is to prove its passphrase first. */
      certificatePem: lww.text(),
      /** Object (class open) with the Argon2id verifier of the passphrase that the KMA joins with. */
      verifierObjectId: lww.text<ObjectId>(),
      verifierSha256: lww.text(),
      /** 1 once the passphrase has been spent on a certificate; 0 again when a new one is set. */
      enrolled: lww.integer(),
      proofDisabled: lww.integer(),
    },
    { name: { columns: ['name', 'removedStamp'] }, site: { columns: ['siteId', 'removedStamp'] } },
  ),
  /** Lives of data directories; `logPublicKey` (raw Ed25519, hex) verifies signed audit heads. `ended` when a later one replaced it. */
  incarnation: table(
    {
      kmaId: on('created').text<KmaId>(),
      logPublicKey: on('created').text(),
      createdAt: on('created').integer(),
      reason: on('created').text<'quickstart' | 'restore' | 'join' | 'copy'>(),
      /** The life of the cluster this one belongs to; a whole-cluster restore begins a new one. */
      clusterEpochId: on('created').text(),
      /** What this life began with: {incarnationId: entries}. Logs of the lives named here are closed at these lengths in a new cluster epoch. */
      baseVectorJson: on('created').text(),
      endedAt: on('ended').integer(),
    },
    { kma: { columns: ['kmaId'] } },
  ),
  site: table(named, { name: { columns: ['name', 'removedStamp'] } }),
  user: table(
    {
      ...named,
      enabled: lww.integer(),
      /** Object (class open) with the Argon2id verifier of the passphrase. */
      verifierObjectId: lww.text<ObjectId>(),
      verifierSha256: lww.text(),
      /** 1 after too many failed attempts: the passphrase proof is refused until a new passphrase is set (D15). */
      proofDisabled: lww.integer(),
    },
    { name: { columns: ['name', 'removedStamp'] } },
  ),
  /** id = userId:ROLE. */
  user_role: table(
    { userId: on('created').text<UserId>(), role: on('created').text(), present: lww.integer() },
    { user: { columns: ['userId', 'present'] }, role: { columns: ['role', 'present'] } },
  ),
  key_policy: table(
    {
      ...named,
      encryptionPeriodSeconds: on('created').integer(),
      cryptoperiodSeconds: on('created').integer(),
      allowExportFrom: lww.integer(),
      allowImportTo: lww.integer(),
      allowAgentsToRevoke: lww.integer(),
    },
    { name: { columns: ['name', 'removedStamp'] } },
  ),
  key_group: table(
    { ...named, keyPolicyId: lww.text<KeyPolicyId>() },
    { name: { columns: ['name', 'removedStamp'] }, policy: { columns: ['keyPolicyId', 'removedStamp'] } },
  ),
  agent: table(
    {
      ...named,
      siteId: lww.text<SiteId>(),
      defaultKeyGroupId: lww.text<KeyGroupId>(),
      enabled: lww.integer(),
      /** 1: a passphrase works for one certificate retrieval. */
      oneTimePassphrase: lww.integer(),
      /** 1: the SHA-1 proof of the legacy protocol is refused. */
      modernOnly: lww.integer(),
      /** Object (class root-sealed) with the legacy authentication secret S (20 bytes). */
      legacySecretObjectId: lww.text<ObjectId>(),
      legacySecretSha256: lww.text(),
      legacyIterations: lww.integer(),
      /** Object (class open) with the Argon2id verifier for the modern proof. */
      verifierObjectId: lww.text<ObjectId>(),
      verifierSha256: lww.text(),
      /** 1 once the passphrase has been spent on a certificate; 0 again when a new one is set. */
      enrolled: lww.integer(),
      proofDisabled: lww.integer(),
    },
    {
      name: { columns: ['name', 'removedStamp'] },
      site: { columns: ['siteId', 'removedStamp'] },
      group: { columns: ['defaultKeyGroupId', 'removedStamp'] },
    },
  ),
  /** id = fingerprint of the certificate. A certificate counts while neither revoked nor its agent disabled or removed. */
  agent_certificate: table(
    {
      agentId: on('created').text<AgentId>(),
      serial: on('created').text(),
      createdAt: on('created').integer(),
      notAfter: on('created').integer(),
      proof: on('created').text<'legacy' | 'modern'>(),
      revokedAt: on('revoked').integer(),
    },
    { agent: { columns: ['agentId'] } },
  ),
  /** id = agentId:keyGroupId. */
  agent_group: table(
    {
      agentId: on('created').text<AgentId>(),
      keyGroupId: on('created').text<KeyGroupId>(),
      present: lww.integer(),
    },
    { agent: { columns: ['agentId', 'present'] }, group: { columns: ['keyGroupId', 'present'] } },
  ),
  data_unit: table(
    {
      externalUniqueId: lww.text(),
      externalTag: lww.text(),
      description: lww.text(),
      createdAt: on('created').integer(),
      createdBy: on('created').text<AgentId>(),
    },
    { external: { columns: ['externalUniqueId'], whereFilled: 'externalUniqueId' } },
  ),
  /**
   * A key has no stored state (D2). `madeSeq` is the position of its making in the log of `incarnationId`.
   * `processOnly` 1: a perhaps-issued key of an ended incarnation, never to be used for encryption again.
   */
  key: table(
    {
      objectId: on('created').text<ObjectId>(),
      objectSha256: on('created').text(),
      incarnationId: on('created').text<IncarnationId>(),
      madeSeq: on('created').integer(),
      createdAt: on('created').integer(),
      activatedAt: on('activated').integer(),
      processOnly: on('activated').integer(),
      activatedByAgentId: on('activated').text<AgentId>(),
      /** The group of the hand-out; first wins with the rest of it, so that no later claim moves a key. */
      activatedKeyGroupId: on('activated').text<KeyGroupId>(),
      revokedAt: on('revoked').integer(),
      compromisedAt: on('compromised').integer(),
      compromisedComment: on('compromised').text(),
      destroyedAt: on('destroyed').integer(),
      destroyedComment: on('destroyed').text(),
      /** Only a change of group by a Compliance Officer; the group that counts is core/key-group.ts. */
      changedKeyGroupId: lww.text<KeyGroupId>(),
    },
    {
      /** The pool: keys of one incarnation nobody has, in the order of making. */
      pool: {
        columns: ['incarnationId', 'madeSeq'],
        whereNull: ['activatedStamp', 'compromisedStamp', 'destroyedStamp'],
      },
      /** In the order of hand-out: hand-outs that follow each other then change one page, not one each. */
      activatedGroup: {
        columns: ['activatedKeyGroupId', 'activatedStamp'],
        whereFilled: 'activatedKeyGroupId',
      },
      changedGroup: { columns: ['changedKeyGroupId'], whereFilled: 'changedKeyGroupId' },
      object: { columns: ['objectId'] },
    },
  ),
  /** id = dataUnitId:keyId. */
  data_unit_key: table(
    {
      dataUnitId: on('created').text<DataUnitId>(),
      keyId: on('created').text<KeyId>(),
      present: lww.integer(),
    },
    { unit: { columns: ['dataUnitId', 'present'] }, key: { columns: ['keyId', 'present'] } },
  ),
  /** id = objectId:incarnationId. Written once an incarnation holds a destroyed or superseded object in no file any more. */
  object_erasure: table(
    {
      objectId: on('created').text<ObjectId>(),
      incarnationId: on('created').text<IncarnationId>(),
      erasedAt: on('created').integer(),
    },
    { object: { columns: ['objectId'] } },
  ),
  /** A pair of files. `vectorJson`: {incarnationId: entries folded}, what the snapshot contains. */
  backup: table(
    {
      kmaId: on('created').text<KmaId>(),
      createdAt: on('created').integer(),
      rootEpochId: on('completed').text<RootEpochId>(),
      vectorJson: on('completed').text(),
      /** Per incarnation the position up to which the snapshot holds every undestroyed sealed key: what readiness goes by. */
      heldVectorJson: on('completed').text(),
      stateHash: on('completed').text(),
      completedAt: on('completed').integer(),
      fileBytes: on('completed').integer(),
      fileSha256: on('completed').text(),
      keyFileSha256: on('completed').text(),
      downloadedAt: on('downloaded').integer(),
      destroyedAt: on('destroyed').integer(),
      destroyedComment: on('destroyed').text(),
    },
    { created: { columns: ['createdAt'] } },
  ),
  core_security_backup: table(
    {
      kmaId: on('created').text<KmaId>(),
      createdAt: on('created').integer(),
      rootEpochId: on('created').text<RootEpochId>(),
      keySplitId: on('created').text<KeySplitId>(),
      fileSha256: on('created').text(),
      downloadedAt: on('downloaded').integer(),
    },
    { created: { columns: ['createdAt'] } },
  ),
  /** Immutable; which one is current is the setting `currentKeySplitId`. The object (class self-protected) holds credentials and shares. */
  key_split: table(
    {
      rootEpochId: on('created').text<RootEpochId>(),
      threshold: on('created').integer(),
      size: on('created').integer(),
      namesJson: on('created').text(),
      objectId: on('created').text<ObjectId>(),
      objectSha256: on('created').text(),
      createdAt: on('created').integer(),
    },
    {},
  ),
  master_epoch: table({ createdAt: on('created').integer() }, {}),
  /** id = masterEpochId:rootEpochId. The master key of an epoch sealed under one root key material; new root key material adds rows. */
  master_wrap: table(
    {
      masterEpochId: on('created').text<MasterEpochId>(),
      rootEpochId: on('created').text<RootEpochId>(),
      objectId: on('created').text<ObjectId>(),
      objectSha256: on('created').text(),
    },
    { epoch: { columns: ['masterEpochId'] } },
  ),
  /** id "root". The private key is a root-sealed object. */
  certificate_authority: table(
    {
      certificatePem: lww.text(),
      keyObjectId: on('created').text<ObjectId>(),
      keyObjectSha256: on('created').text(),
      digest: lww.text<'SHA-1' | 'SHA-256'>(),
      /** Of the same key, before the last renewal: proofs begun with it are taken for a while (core/root-ca.ts). */
      previousCertificatePem: lww.text(),
      renewedAt: lww.integer(),
    },
    {},
  ),
  /** id = name of a cluster-wide setting (core/settings.ts); `valueJson` holds its value. */
  setting: table({ valueJson: lww.text() }, {}),
  /** id = incarnationId:term. The last cut of an audit chain: records up to and including `seq` are gone; `hash` is that record's. */
  audit_cut: table(
    { seq: lww.integer(), hash: lww.text(), cutAt: lww.integer(), recordsCut: lww.integer() },
    {},
  ),
  /** id = incarnationId:term. The last signed head; `signature` is Ed25519 by the incarnation's log key over core/audit.ts headText. */
  audit_head: table(
    { seq: lww.integer(), hash: lww.text(), signature: lww.text(), signedAt: lww.integer() },
    {},
  ),
} as const;

export type TableName = keyof typeof TABLES;
type ColumnsOf<T extends TableName> = (typeof TABLES)[T]['columns'];
export type IndexName<T extends TableName> = keyof (typeof TABLES)[T]['indexes'] & string;
type CellOf<C> = C extends Column<infer V> ? V : never;
type RuleOf<C> = C extends Column<Cell, infer R> ? R : never;

/** The names of a table's last-writer-wins columns, and of those that arrive with event E. */
type LwwNames<T extends TableName> = {
  [K in keyof ColumnsOf<T>]: RuleOf<ColumnsOf<T>[K]> extends 'lww' ? K : never;
}[keyof ColumnsOf<T>];
export type EventName<T extends TableName> =
  | 'created'
  | 'removed'
  | Exclude<RuleOf<ColumnsOf<T>[keyof ColumnsOf<T>]>, 'lww'>;
type EventColumnNames<T extends TableName, E> = {
  [K in keyof ColumnsOf<T>]: RuleOf<ColumnsOf<T>[K]> extends E
    ? E extends RuleOf<ColumnsOf<T>[K]>
      ? K
      : never
    : never;
}[keyof ColumnsOf<T>];

export type LwwCells<T extends TableName> = { readonly [K in LwwNames<T>]?: CellOf<ColumnsOf<T>[K]> };
export type EventCells<T extends TableName, E extends EventName<T>> = {
  readonly [K in EventColumnNames<T, E>]: CellOf<ColumnsOf<T>[K]>;
};

/** A row as stored: cells, one stamp for each event, and `stamps`, the compact record of last-writer-wins stamps (core/fold.ts). */
export type Row<T extends TableName> = {
  readonly id: string;
  readonly stamps: string;
} & { readonly [E in EventName<T> as `${E}Stamp`]: Stamp | null } & {
  readonly [K in keyof ColumnsOf<T>]: CellOf<ColumnsOf<T>[K]>;
};

/** A row whose columns are not known statically: what the fold and the table engines work with. */
export type AnyRow = { readonly id: string; readonly stamps: string } & { readonly [column: string]: Cell };

export const TABLE_NAMES = Object.keys(TABLES) as TableName[];

/** The declaration of a table with its literal types forgotten. */
export function tableOf(name: TableName): Table {
  return TABLES[name];
}
/** All column names of the stored row in canonical order: id, stamps, event stamps, cells. */
export function columnNames(name: TableName): readonly string[] {
  const { columns, events } = tableOf(name);
  return ['id', 'stamps', ...events.map((e) => `${e}Stamp`), ...Object.keys(columns)];
}

/** Throws for an index that is not declared. */
export function indexOf(table: TableName, name: string): Index {
  const index = tableOf(table).indexes[name];
  if (index === undefined) throw new Error(`table ${table} has no index ${name}`);
  return index;
}
