/** The table of what each KMA has served, by the hour, for all KMAs to show. It names no agent and no person. */
import { lww, table } from '../table.ts';

export const PERFORMANCE_TABLES = {
  /** The ID is that of the KMA and the hour's place in a month (core/kma-performance.ts): a later hour is written over it, so nothing is ever removed. Only its KMA writes it. */
  kma_hour: table(
    {
      /** Since 1970, UTC. */
      hour: lww.integer(),
      /** The end of the hour, or where the KMA ended within it. */
      countedUntil: lww.integer(),
      agents: lww.integer(),
      createKey: lww.integer(),
      retrieveKey: lww.integer(),
      registerKwk: lww.integer(),
      other: lww.integer(),
      refused: lww.integer(),
      /** From the core's taking an agent's request to its answer, together. */
      totalUs: lww.integer(),
      busy: lww.integer(),
      management: lww.integer(),
      replication: lww.integer(),
    },
    { hour: { columns: ['hour'] } },
  ),
} as const;
