/** What this KMA knows now of how another member fares, and how both are shown. It is never written down. */
import type { ServiceAnswer } from '../core/membership.ts';
import type { Row } from '../core/tables.ts';
import type { DecideContext } from './contexts.ts';
import { dateText } from './fields.ts';

/** Of one life of a member, as it was last heard of. */
export interface MemberStanding {
  readonly kmaId: string;
  /** Connected, and heard of within the last seconds. */
  readonly responding: boolean;
  /** Of the last ping; null without one. */
  readonly responseMs: number | null;
  /** Of its clock against that of this KMA; null without a ping. */
  readonly clockAheadMs: number | null;
  /** Whether it answers on its service network; null while that has not been seen. */
  readonly service: ServiceAnswer | null;
  /** Null while it has not said. */
  readonly health: {
    readonly locked: boolean;
    readonly load: number;
    readonly keyPoolReadyPercent: number;
    readonly version: string;
  } | null;
  readonly heardAtMs: number;
  /** Entries that it has not folded yet, or this KMA has not. */
  lagEntries(): number;
}

/** A member that did what no KMA does, and is not talked to until then. */
export interface MemberLeftAlone {
  readonly reason: string;
  readonly untilMs: number;
}

export function leftAloneText({ reason, untilMs }: MemberLeftAlone): string {
  return `until ${dateText(untilMs)}: ${reason}`;
}

/** Members that are heard of, each by the life that counts: one that responds, else the one heard last. */
export function standingsOf({
  members,
}: Pick<DecideContext, 'members'>): ReadonlyMap<string, MemberStanding> {
  const best = new Map<string, MemberStanding>();
  for (const standing of members?.() ?? []) {
    const known = best.get(standing.kmaId);
    if (known === undefined || isBetter(standing, known)) best.set(standing.kmaId, standing);
  }
  return best;
}

function isBetter(one: MemberStanding, other: MemberStanding): boolean {
  if (one.responding !== other.responding) return one.responding;
  return one.heardAtMs > other.heardAtMs;
}

/** As this KMA sees the member of this row; of itself it knows without hearing, but for its pool, which has to be counted. */
export function standingOf(
  kma: Pick<Row<'kma'>, 'id'>,
  { self, load, unlocked, nowMs, software }: DecideContext,
  standings: ReadonlyMap<string, MemberStanding>,
  ownPoolReadyPercent = 0,
): MemberStanding | undefined {
  if (kma.id !== self.kmaId) return standings.get(kma.id);
  return {
    kmaId: kma.id,
    responding: true,
    responseMs: 0,
    clockAheadMs: 0,
    service: 'responding',
    health: {
      locked: !unlocked,
      load,
      keyPoolReadyPercent: ownPoolReadyPercent,
      version: software?.().version ?? '',
    },
    heardAtMs: nowMs,
    lagEntries: () => 0,
  };
}
