/** The tables of data units and keys. They hold no key: the sealed bytes are objects. */
import type { AgentId, DataUnitId, IncarnationId, KeyGroupId, KeyId, ObjectId } from '../ids.ts';
import { lww, on, table } from '../table.ts';

export const KEY_TABLES = {
  data_unit: table(
    {
      externalUniqueId: lww.text(),
      externalTag: lww.text(),
      description: lww.text(),
      createdAt: on('created').integer(),
      createdBy: on('created').text<AgentId>(),
    },
    {
      external: { columns: ['externalUniqueId'], whereFilled: 'externalUniqueId' },
      /** Lists: the newest, and what lies on a tape. */
      created: { columns: ['createdAt'] },
      tag: { columns: ['externalTag'], whereFilled: 'externalTag' },
    },
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
      created: { columns: ['createdAt'] },
    },
  ),
  /** id = dataUnitId:keyId. */
  data_unit_key: table(
    {
      dataUnitId: on('created').text<DataUnitId>(),
      keyId: on('created').text<KeyId>(),
      present: lww.integer(),
      /** 0 where an Operator says that the unit holds nothing of the key any more; null is in use. */
      inUse: lww.integer(),
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
} as const;
