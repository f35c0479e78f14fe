/** The software of the version before: it knows no sites, and nothing that stands in logs since the version of today. What of a log has such a thing waits, with all that follows, until the KMA has this version. */

import { z } from 'zod';
import type { Fact } from '../src/core/facts.ts';
import { neededVersion, SINCE } from '../src/core/replication-version.ts';
import type { Stall } from '../src/store/foreign-entry.ts';

/** That all which may stand in logs can be read with. */
const VERSION_NOW = Math.max(...Object.values(SINCE));
const VERSION_BEFORE = VERSION_NOW - 1;
const UNKNOWN_TABLE = 'site';
export const UNKNOWN_OPERATIONS: ReadonlySet<string> = new Set([
  'CreateSite',
  'ModifySite',
  'DeleteSite',
  'ListSites',
  'ShowSite',
]);

const entry = z.looseObject({ facts: z.array(z.custom<Fact>((fact) => typeof fact === 'object')) });

export function readVersion(versionBack: boolean): number {
  return versionBack ? VERSION_BEFORE : VERSION_NOW;
}

export interface Readable {
  readonly blocks: readonly Uint8Array[];
  readonly stalled: Stall | null;
}

/** The blocks before the first that it cannot read. */
export function readableBefore(blocks: readonly Uint8Array[]): Readable {
  for (const [index, block] of blocks.entries()) {
    const { facts } = entry.parse(JSON.parse(Buffer.from(block).toString('utf8')));
    const unknown = facts.find(isUnknown);
    if (unknown === undefined) continue;
    const detail = `needs newer software: table ${unknown.table}`;
    return { blocks: blocks.slice(0, index), stalled: { code: 'newer', detail } };
  }
  return { blocks, stalled: null };
}

function isUnknown(fact: Fact): boolean {
  return fact.table === UNKNOWN_TABLE || neededVersion([fact]) > VERSION_BEFORE;
}
