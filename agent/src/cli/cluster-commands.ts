/** `okm-agent discover`, `groups` and `audit`: what concerns the cluster and not a single key. */
import { Argument, type Command, Option } from 'commander';
import type { AuditOptions, LastKnownCluster } from '../client.ts';
import { AgentError } from '../errors.ts';
import { type AgentContext, exampleHelp, withAgent } from './context.ts';

async function discover({ client, output }: AgentContext): Promise<void> {
  const { siteId, members } = await client.discover();
  output.say(ofSite(siteId));
  const records = members.map((member) => ({
    ...memberRecord(member),
    responding: member.responding,
    locked: member.locked ?? false,
    load: member.load,
  }));
  output.list(records, ['name', 'site', 'address', 'enabled', 'responding', 'locked', 'load', 'version']);
}

/** How the KMAs are now it does not say, since nobody was asked. */
async function showLastKnown({ client, output }: AgentContext): Promise<void> {
  const known = await client.lastKnownCluster();
  if (known === null) throw new AgentError('unavailable', 'no KMA has given a list yet: okm-agent discover');
  output.say(`as a KMA said last, none was asked now; ${ofSite(known.siteId)}`);
  const records = known.members.map((member) => ({ ...memberRecord(member), cached: true }));
  output.list(records, ['name', 'site', 'address', 'enabled', 'version']);
}

function ofSite(siteId: string): string {
  return siteId === '' ? 'this agent belongs to no site' : `this agent belongs to site ${siteId}`;
}

function memberRecord(member: LastKnownCluster['members'][number]) {
  return {
    kmaId: String(member.kmaId),
    name: member.kmaName,
    site: member.kmaSiteId,
    address: member.kmaNetworkAddress,
    addressIpv6: member.kmaNetworkAddressIpv6 ?? '',
    enabled: member.enabled,
    version: member.kmaVersion ?? '',
  };
}

export function addClusterCommands(program: Command): void {
  program
    .command('discover')
    .description('ask for the KMAs of the cluster and list them')
    .option('--cached', 'the list that a KMA gave last, without asking any')
    .addHelpText('after', exampleHelp('okm-agent discover', 'okm-agent --json discover'))
    .action(async ({ cached = false }: { cached?: boolean }, command: Command) => {
      await withAgent(command, cached ? showLastKnown : discover);
    });

  program
    .command('groups')
    .description('list the key groups this agent may use')
    .addHelpText('after', exampleHelp('okm-agent groups'))
    .action(async (_options: object, command: Command) => {
      await withAgent(command, async ({ client, output }) => {
        const groups = await client.listKeyGroups();
        output.list(
          groups.map(({ keyGroupId, description }) => ({ keyGroupId, description })),
          ['keyGroupId', 'description'],
        );
      });
    });

  program
    .command('audit')
    .description("write a message into the KMS's audit log")
    .addArgument(new Argument('<message>', 'up to 8192 characters'))
    .addOption(new Option('--retention <term>').choices(['long', 'medium', 'short']).default('long'))
    .addOption(
      new Option('--condition <condition>').choices(['success', 'warning', 'error']).default('success'),
    )
    .option('--alert', 'also tell the administrators at once', false)
    .addHelpText('after', exampleHelp("okm-agent audit 'restore test passed' --retention short"))
    .action(async (message: string, options: AuditOptions & { alert: boolean }, command: Command) => {
      await withAgent(command, async ({ client, output }) => {
        const { retention = 'long', condition = 'success', alert } = options;
        await client.createAuditLog(message, { retention, condition, issueAlert: alert });
        output.outcome({ written: true }, 'written', false);
      });
    });
}
