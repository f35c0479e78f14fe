/** The table of logs that were closed: a member was removed. It holds no entry. */
import type { IncarnationId } from '../ids.ts';
import { on, table } from '../table.ts';

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
} as const;
