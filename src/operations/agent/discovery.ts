/** DiscoverCluster: the KMAs of the cluster as agents need to know them (protocol 5). It answers while locked, and says so. */
import { type ClusterMember, KMA_VERSION, type Responses } from '@openkma/protocol';
import { z } from 'zod';
import { isLive } from '../../core/live.ts';
import type { Row } from '../../core/tables.ts';
import type { DecideContext } from '../contexts.ts';
import { nameOf, shownName } from '../entities.ts';
import { type MemberStanding, standingOf, standingsOf } from '../member-standing.ts';
import { operation } from '../operation.ts';
import { success } from '../success.ts';
import { callingAgent, forAgents } from './calling-agent.ts';
import { addressesOf } from './member-address.ts';
import { fields } from './wire-fields.ts';

type Reply = Responses['DiscoverCluster'];

const address = z.string().max(255);
const member = fields<ClusterMember>({
  kmaId: z.union([z.int(), z.bigint()]),
  kmaName: z.string(),
  kmaSiteId: z.string(),
  kmaHostName: address,
  kmaNetworkAddress: address,
  enabled: z.boolean(),
  load: z.int(),
  responding: z.boolean(),
  kmaVersion: z.string().optional(),
  kmaHostNameIpv6: address.optional(),
  kmaNetworkAddressIpv6: address.optional(),
  locked: z.boolean().optional(),
});

/** Many times what a cluster may have. */
const MEMBERS_MAX = 1000;

export const discoverCluster = operation<object, undefined, Reply, Reply>({
  ...forAgents('short'),
  name: 'DiscoverCluster',
  summary: 'Tells an agent or a manager the KMAs of the cluster.',
  forManagers: true,
  needsUnlocked: false,
  audit: { class: 'Discovery', retention: 'short' },
  input: fields<object>({}),
  output: fields<Reply>({ entitySiteId: z.string(), clusterMembers: z.array(member) }),
  decide(_input, context) {
    const { state } = context;
    const members = state.page('kma', '', MEMBERS_MAX).filter(isLive);
    const standings = standingsOf(context);
    const output = {
      entitySiteId: context.caller.kind === 'user' ? '' : nameOf(state, 'site', callingAgent(context).siteId),
      clusterMembers: members.map((kma) => describe(kma, context, standings)),
    };
    return { facts: [], output, audit: success(`members=${members.length}`) };
  },
});

/** Of a member that does not respond it tells no load and no lock: what was heard last may be long past. */
function describe(
  kma: Row<'kma'>,
  context: DecideContext,
  standings: ReadonlyMap<string, MemberStanding>,
): ClusterMember {
  const { state, self, origin } = context;
  const addresses = addressesOf(kma, kma.id === self.kmaId ? origin.localAddress : '');
  const standing = standingOf(kma, context, standings);
  const health = standing?.responding === true ? standing.health : null;
  const isAway = kma.id === self.kmaId && (context.cluster?.() ?? 'member') !== 'member';
  return {
    kmaId: kma.number ?? 0,
    kmaName: shownName(state, 'kma', kma),
    kmaSiteId: nameOf(state, 'site', kma.siteId),
    kmaHostName: kma.hostName ?? '',
    kmaNetworkAddress: addresses.ipv4OrName,
    enabled: kma.enabled === 1,
    load: Math.round(health?.load ?? 0),
    responding: health !== null,
    kmaVersion: KMA_VERSION,
    kmaHostNameIpv6: addresses.ipv6 === '' ? '' : (kma.hostName ?? ''),
    kmaNetworkAddressIpv6: addresses.ipv6,
    // What agents make of a KMA that gives them nothing.
    ...(health === null ? {} : { locked: health.locked || isAway }),
  };
}
