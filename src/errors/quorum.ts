/** Errors of quorums: credentials that are sealed to the core, and operations that wait for approval. It holds no logic. */
import { type ErrorRow, row } from './row.ts';

export const QUORUM_ERRORS = {
  SEALING_KEY_UNKNOWN: row(
    2070,
    409,
    'The KMA can no longer open credentials sealed in this session',
    'Log in again; a KMA that was locked or started anew has forgotten the key.',
  ),
  PENDING_DOES_NOT_EXIST: row(
    2071,
    404,
    'Pending operation does not exist',
    'List pending operations with "kma pending list".',
  ),
  PENDING_CODE_DIFFERS: row(
    2079,
    409,
    'The code is not that of the text',
    'Compare both with who read it aloud: the code was mistyped, or the text is not the same. Nothing was approved; approvals that were given stand as shown.',
  ),
  PENDING_CHANGED: row(
    2072,
    409,
    'What the pending operation would do has changed',
    'Read it again with "kma pending show"; earlier approvals no longer count.',
  ),
  PENDING_APPROVED_ALREADY: row(
    2078,
    409,
    'These approvals were given already',
    'Nothing was changed: what is missing are the credentials of other holders.',
  ),
  PENDING_FINISHED: row(
    2073,
    409,
    'The pending operation was carried out or deleted already',
    'Nothing needs to be done.',
  ),
  PENDING_ELSEWHERE: row(
    2074,
    409,
    'The pending operation was submitted at another KMA',
    'Approve or delete it at the KMA that the detail names.',
  ),
  PENDING_SUBMITTER: row(
    2075,
    409,
    'Who submitted the pending operation may no longer do this',
    'Delete it, and have somebody submit it who may.',
  ),
} as const satisfies Record<string, ErrorRow>;
