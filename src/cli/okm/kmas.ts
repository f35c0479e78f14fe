/** "okm kmas": the KMAs of the cluster with their addresses, as discovery tells agents. It changes no profile. */
import type { ClusterMember } from '@openkma/protocol';
import type { Command } from 'commander';
import { Connection } from './connection.ts';
import type { Globals } from './globals.ts';
import { printResult } from './result.ts';

export function addKmasCommand(program: Command, globals: () => Globals): void {
  program
    .command('kmas')
    .helpGroup('Clusters and sessions:')
    .description(
      'Lists the KMAs of the cluster with the addresses for --kma, asked over port 3335 (any role).',
    )
    .addHelpText('after', '\nExample:\n  okm kmas\n')
    .action(async () => {
      const connection = new Connection(globals());
      const user = await connection.user();
      const members = await connection.use(user, (manager) => manager.kmas());
      printResult(members.map(shown), globals());
    });
}

/** Of others a KMA does not know whether they respond or are locked. */
function shown(member: ClusterMember): object {
  const { kmaName, kmaSiteId, kmaHostName, kmaNetworkAddress, enabled, responding, load, locked } = member;
  return {
    kma: kmaName,
    site: kmaSiteId,
    hostName: kmaHostName,
    address: kmaNetworkAddress,
    addressIPv6: member.kmaNetworkAddressIpv6 ?? '',
    enabled,
    responding,
    locked: locked ?? '',
    load,
  };
}
