/** The tables of backups, key splits, master keys, the root CA and the settings. They hold no secret. */
import type { KeySplitId, KmaId, MasterEpochId, ObjectId, RootEpochId } from '../ids.ts';
import { lww, on, table } from '../table.ts';

export const SECURITY_TABLES = {
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
      /** When another one took its place at a member that knew of it; one that lost to another stays usable until then. */
      retiredAt: on('retired').integer(),
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
} as const;
