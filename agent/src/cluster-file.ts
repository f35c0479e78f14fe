/** The last discovery on disk, so that an agent still knows its KMAs when the start address is down; a cache only. */
import { join } from 'node:path';
import type { ClusterMember } from '@openkma/protocol';
import { z } from 'zod';
import { normalAddress } from './address.ts';
import { exists, readPrivateFile, writePrivateFile } from './private-files.ts';
import { CLUSTER_FILE } from './profile.ts';

const FORMAT = 1;
const MEMBERS_MAX = 1_000;

/** Members as they were announced; the last known load, version and state are of no use later but do no harm. */
const clusterSchema = z.object({
  format: z.literal(FORMAT),
  /** The address that was given at enrolment when this was written. */
  givenAddress: z.string(),
  /** The member that answered last: discovery begins there. */
  startAddress: z.string(),
  siteId: z.string(),
  members: z
    .array(
      z.object({
        kmaId: z.string().regex(/^-?\d{1,19}$/),
        kmaName: z.string(),
        kmaSiteId: z.string(),
        kmaHostName: z.string(),
        kmaNetworkAddress: z.string(),
        kmaNetworkAddressIpv6: z.string().optional(),
        kmaVersion: z.string().optional(),
        enabled: z.boolean(),
      }),
    )
    .max(MEMBERS_MAX),
});

export interface KnownCluster {
  readonly givenAddress: string;
  readonly startAddress: string;
  readonly siteId: string;
  readonly members: readonly ClusterMember[];
}

/** Null when there is none, or when it belongs to another start address or cannot be read: discovery begins anew. */
export async function loadCluster(directory: string, givenAddress: string): Promise<KnownCluster | null> {
  const path = join(directory, CLUSTER_FILE);
  if (!(await exists(path))) return null;
  const text = await readPrivateFile(path);
  const cluster = parsed(text);
  if (cluster === null) return null;
  const known = [
    cluster.givenAddress,
    ...cluster.members.map((member) => normalAddress(member.kmaNetworkAddress)),
  ];
  return known.includes(givenAddress) ? { ...cluster, givenAddress } : null;
}

export async function saveCluster(directory: string, cluster: KnownCluster): Promise<void> {
  await writePrivateFile(join(directory, CLUSTER_FILE), contentOf(cluster));
}

/** What is on disk for a cluster: equal as long as no name, identifier, site, address or switch changes (protocol 5.1). */
export function contentOf({ givenAddress, startAddress, siteId, members }: KnownCluster): string {
  const kept = members.map((member) => ({
    kmaId: String(member.kmaId),
    kmaName: member.kmaName,
    kmaSiteId: member.kmaSiteId,
    kmaHostName: member.kmaHostName,
    kmaNetworkAddress: member.kmaNetworkAddress,
    kmaNetworkAddressIpv6: member.kmaNetworkAddressIpv6,
    kmaVersion: member.kmaVersion,
    enabled: member.enabled,
  }));
  return `${JSON.stringify({ format: FORMAT, givenAddress, startAddress, siteId, members: kept }, null, 2)}\n`;
}

function parsed(text: string): KnownCluster | null {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return null;
  }
  const { data } = clusterSchema.safeParse(content);
  if (data === undefined) return null;
  // Nobody knows how they are now, so all are taken to be there (protocol 10).
  const members = data.members.map((member) => ({
    ...member,
    kmaId: BigInt(member.kmaId),
    load: 0,
    responding: true,
    locked: false,
  }));
  return { ...data, members };
}
