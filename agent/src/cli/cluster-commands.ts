/** `okm-agent discover`, `groups` and `audit`: what concerns the cluster and not a single key. */
import { Argument, type Command, Option } from 'commander';
import type { AuditOptions } from '../client.ts';
import { exampleHelp, withAgent } from './context.ts';

export function addClusterCommands(program: Command): void {
  program
    .command('discover')
    .description('list the KMAs of the cluster')
    .addHelpText('after', exampleHelp('okm-agent discover', 'okm-agent --json discover'))
    .action(async (_options: object, command: Command) => {
      await withAgent(command, async ({ client, output }) => {
        const { siteId, members } = await client.discover();
        output.say(siteId === '' ? 'this agent belongs to no site' : `this agent belongs to site ${siteId}`);
        const records = members.map((member) => ({
          kmaId: String(member.kmaId),
          name: member.kmaName,
          site: member.kmaSiteId,
          address: member.kmaNetworkAddress,
          addressIpv6: member.kmaNetworkAddressIpv6 ?? '',
          enabled: member.enabled,
          responding: member.responding,
          locked: member.locked ?? false,
          load: member.load,
          version: member.kmaVersion ?? '',
        }));
        output.list(records, [
          'name',
          'site',
          'address',
          'enabled',
          'responding',
          'locked',
          'load',
          'version',
        ]);
      });
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
