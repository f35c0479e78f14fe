/** The software of the version before: it knows no sites. What of a log names one waits, with all that follows, until the KMA has this version. */

import { z } from 'zod';
import type { Stall } from '../src/store/foreign-entry.ts';

const UNKNOWN_TABLE = 'site';
export const UNKNOWN_OPERATIONS: ReadonlySet<string> = new Set([
  'CreateSite',
  'ModifySite',
  'DeleteSite',
  'ListSites',
  'ShowSite',
]);

const tables = z.looseObject({ facts: z.array(z.looseObject({ table: z.string() })) });

export interface Readable {
  readonly blocks: readonly Uint8Array[];
  readonly stalled: Stall | null;
}

/** The blocks before the first that it cannot read. */
export function readableBefore(blocks: readonly Uint8Array[]): Readable {
  const first = blocks.findIndex((block) =>
    tables
      .parse(JSON.parse(Buffer.from(block).toString('utf8')))
      .facts.some(({ table }) => table === UNKNOWN_TABLE),
  );
  return first < 0
    ? { blocks, stalled: null }
    : {
        blocks: blocks.slice(0, first),
        stalled: { code: 'newer', detail: `needs newer software: table ${UNKNOWN_TABLE}` },
      };
}
