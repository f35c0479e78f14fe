/** The tables of operations that wait for a quorum, and of what was approved of them. They hold no secret: of a passphrase only the verifier, as an object. */
import type { KmaId, ObjectId, PendingId, UserId } from '../ids.ts';
import { on, table } from '../table.ts';

export const PENDING_TABLES = {
  /** `homeKmaId` is where it was submitted: there alone it is approved and carried out. */
  pending_operation: table(
    {
      operation: on('created').text(),
      /** The input without its secrets. */
      inputJson: on('created').text(),
      /** Object (class open) with the verifier of the passphrase that the input had. */
      objectId: on('created').text<ObjectId>(),
      objectSha256: on('created').text(),
      submittedBy: on('created').text<UserId>(),
      homeKmaId: on('created').text<KmaId>(),
      submittedAt: on('created').integer(),
      finishedAt: on('finished').integer(),
      outcome: on('finished').text<'executed' | 'deleted'>(),
      finishedBy: on('finished').text<UserId>(),
    },
    { submitted: { columns: ['submittedAt'], whereNull: ['removedStamp'] } },
  ),
  /** Of one credential, for one text: it counts while that is what would happen, and until it expires. */
  pending_approval: table(
    {
      pendingId: on('created').text<PendingId>(),
      credentialName: on('created').text(),
      textSha256: on('created').text(),
      approvedAt: on('created').integer(),
      /** Who was logged in; the credential's holder need not be a user. */
      byUserId: on('created').text<UserId>(),
      /** By the setting as it was then. */
      expiresAt: on('created').integer(),
    },
    { pending: { columns: ['pendingId', 'removedStamp'] } },
  ),
} as const;
