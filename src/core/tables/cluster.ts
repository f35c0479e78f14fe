/** The tables of what only a cluster has: logs that were closed since a member was removed, what was changed on both sides of a partition, and who is given the root key material that the rest goes on with after a loss. They hold no entry and no secret. */
import type { IncarnationId, KmaId, ObjectId, RootEpochId } from '../ids.ts';
import { lww, on, table } from '../table.ts';

export const CLUSTER_TABLES = {
  /**
   * id = incarnationId:byIncarnationId. How much of a removed member's log another one had when it learned of the removal,
   * and later, where the log went on meanwhile; the greatest counts (core/log-end.ts). Only `by` writes it: one row,
   * however often it says so.
   */
  log_end: table(
    {
      incarnationId: on('created').text<IncarnationId>(),
      byIncarnationId: on('created').text<IncarnationId>(),
      length: on('created').integer(),
      laterLength: lww.integer(),
    },
    { log: { columns: ['incarnationId'] } },
  ),
  /**
   * Two changes of one thing, neither made by somebody who knew of the other (core/conflicts.ts). id: the stamp of the
   * one that lost, the place of the fact in its entry, the column; so all who find it write the same row. `removed` when a person settled it.
   */
  conflict: table(
    {
      kind: on('created').text<'field' | 'removed' | 'spent'>(),
      inTable: on('created').text(),
      rowId: on('created').text(),
      /** "" of a whole row. */
      inColumn: on('created').text(),
      keptStamp: on('created').text(),
      keptValueJson: on('created').text(),
      lostStamp: on('created').text(),
      lostValueJson: on('created').text(),
      lostOperation: on('created').text(),
      /** 0: whose change counts may have known of the other, but is gone and cannot say. */
      sure: on('created').integer(),
      foundAt: on('created').integer(),
      foundByKmaId: on('created').text<KmaId>(),
    },
    { open: { columns: ['foundAt'], whereNull: ['removedStamp'] } },
  ),
  /**
   * id = the life's. Object (class root-sealed, under the root key material itself) with the public half of the key that
   * the life is given new root key material with (security/member-key.ts). The life alone writes it.
   */
  member_key: table(
    { objectId: lww.text<ObjectId>(), objectSha256: lww.text(), rootEpochId: lww.text<RootEpochId>() },
    {},
  ),
  /** Root key material, encrypted to the member key of one life: the object is of class self-protected. */
  root_copy: table(
    {
      incarnationId: on('created').text<IncarnationId>(),
      rootEpochId: on('created').text<RootEpochId>(),
      objectId: on('created').text<ObjectId>(),
      objectSha256: on('created').text(),
    },
    { life: { columns: ['incarnationId', 'rootEpochId'] } },
  ),
} as const;
