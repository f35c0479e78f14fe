/** Which KMA is asked, and which comes after a failure (protocol 10), as pure functions: no clock, no sockets. */
import {
  CLUSTER_MEMBERS_USED,
  type ClusterMember,
  KEY_WRAP_VERSION,
  LOAD_IGNORED_VERSION,
} from '@openkma/protocol';
import { memberAddress } from './address.ts';

/** A member of the cluster as this agent sees it now. */
export interface Kma {
  readonly id: string;
  readonly name: string;
  readonly siteId: string;
  readonly address: string;
  readonly enabled: boolean;
  readonly responding: boolean;
  readonly locked: boolean;
  readonly load: number;
  readonly wrapsKeys: boolean;
}

/** Versions compare as bytes, not as numbers: `Build1016` lies below `Build384` (protocol 5.2). */
export function compareVersions(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one, 'utf8'), Buffer.from(other, 'utf8'));
}

/** A member without a usable address is as good as disabled. */
export function kmaOf(member: ClusterMember, preferIpv6: boolean): Kma {
  const address = memberAddress(member, preferIpv6);
  const version = member.kmaVersion;
  const loadCounts = version !== undefined && compareVersions(version, LOAD_IGNORED_VERSION) > 0;
  return {
    id: String(member.kmaId),
    name: member.kmaName,
    siteId: member.kmaSiteId,
    address: address ?? '',
    enabled: member.enabled && address !== null,
    responding: member.responding,
    locked: member.locked ?? false,
    load: loadCounts ? member.load : 0,
    wrapsKeys: version !== undefined && compareVersions(version, KEY_WRAP_VERSION) >= 0,
  };
}

export function isUsable(kma: Kma): boolean {
  return kma.enabled && kma.responding && !kma.locked;
}

/** Usable ones first, then those of the agent's site, then by load. */
export function sortKmas(kmas: readonly Kma[], siteId: string): Kma[] {
  return kmas.toSorted(
    (one, other) => penalty(one, siteId) - penalty(other, siteId) || one.load - other.load,
  );
}

function penalty(kma: Kma, siteId: string): number {
  return (isUsable(kma) ? 0 : 2) + (kma.siteId === siteId ? 0 : 1);
}

/** The best of a large cluster: agents know at most 20 KMAs (protocol 5.1). */
export function bestKmas(kmas: readonly Kma[], siteId: string): Kma[] {
  return sortKmas(kmas, siteId).slice(0, CLUSTER_MEMBERS_USED);
}

/**
 * The KMA for a new call: of the usable ones (those of the agent's site, if there are any) one is drawn, and the less
 * loaded of it and its neighbour wins. If none is usable, the first in sort order is tried anyway.
 */
export function chooseKma(kmas: readonly Kma[], siteId: string, random: () => number): Kma | undefined {
  const sorted = sortKmas(kmas, siteId);
  const usable = sorted.filter(isUsable);
  const near = usable.filter((kma) => kma.siteId === siteId);
  const candidates = near.length > 0 ? near : usable;
  if (candidates.length < 2) return sorted[0];
  const drawn = Math.floor(random() * candidates.length) % candidates.length;
  const one = candidates[drawn];
  const neighbour = candidates[(drawn + 1) % candidates.length];
  if (one === undefined || neighbour === undefined) return sorted[0];
  return neighbour.load < one.load ? neighbour : one;
}

/** What is tried after a failure, and whether it is a repetition because no usable KMA is left. */
export interface NextKma {
  readonly kma: Kma;
  readonly again: boolean;
}

/** After `failed` was marked as not responding: the first usable one, or else round-robin over the enabled ones. */
export function nextKma(kmas: readonly Kma[], siteId: string, failed: Kma): NextKma {
  const usable = sortKmas(kmas, siteId).find(isUsable);
  if (usable !== undefined) return { kma: usable, again: false };
  const enabled = kmas.filter((kma) => kma.enabled);
  const place = enabled.findIndex((kma) => kma.id === failed.id);
  return { kma: enabled[(place + 1) % enabled.length] ?? failed, again: true };
}
