/** The tables of what the removal of a member leads to: where its logs end, and who is given the root key material that the rest goes on with. They hold no secret. */
import type { IncarnationId, ObjectId, RootEpochId } from '../ids.ts';
import { lww, on, table } from '../table.ts';

export const CLUSTER_TABLES = {
  /** id = incarnationId:byIncarnationId. How much of a removed member's log another one had when it learned of the removal; the greatest counts (core/log-end.ts). */
  log_end: table(
    {
      incarnationId: on('created').text<IncarnationId>(),
      byIncarnationId: on('created').text<IncarnationId>(),
      length: on('created').integer(),
    },
    { log: { columns: ['incarnationId'] } },
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
