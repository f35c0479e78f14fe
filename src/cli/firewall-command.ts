/** "kma firewall": writes rules for the firewall of a KMA or of who has to do with one. It changes no firewall, and asks a KMA only where it is told to. */
import { type Command, Option } from 'commander';
import { firewalldText } from '../firewall/firewalld.ts';
import { iptablesText } from '../firewall/iptables.ts';
import { nftablesText } from '../firewall/nftables.ts';
import { plainRules } from '../firewall/plain.ts';
import type { Ruleset } from '../firewall/rule.ts';
import { rulesetOf } from '../firewall/ruleset.ts';
import { SIDES } from '../firewall/setting.ts';
import { PORT_OFFSET_MAX } from '../ports.ts';
import { fromHere } from './firewall-here.ts';
import { type FirewallOptions, firewallSetting, PARTY_OPTIONS } from './firewall-options.ts';
import { printOutput } from './output.ts';
import { integerOf } from './whole-number.ts';

const FORMATS = ['nftables', 'firewalld', 'iptables', 'table', 'json'] as const;
type Format = (typeof FORMATS)[number];

const HELP = `
An address is IPv4 or IPv6, or a network such as 192.0.2.0/24; with a port [2001:db8::1]:1162. Each option may be
given several times. Whom nobody names gets nothing: without --snmp no inform leaves, without --support SSH is closed.

Example:
  kma firewall --for kma --agent 198.51.100.0/24 --manager 192.0.2.0/24 --kma 192.0.2.10 --kma 192.0.2.11
  kma firewall --for agent --kma 198.51.100.10 --kma 2001:db8::10 --format iptables
  kma firewall --for kma --from-here --agent 198.51.100.0/24 --manager 192.0.2.0/24 --data /var/lib/openkma
  kma firewall --for edge --kma 192.0.2.10 --agent 198.51.100.0/24 --ntp 203.0.113.5 --format firewalld
`;

export function addFirewallCommand(
  program: Command,
  globals: () => { readonly data: string; readonly json: boolean },
): void {
  const command = program
    .command('firewall')
    .description('writes firewall rules from the table of ports, for given addresses')
    .addOption(new Option('--for <side>', 'whose firewall').choices(SIDES).makeOptionMandatory())
    .addOption(new Option('--format <format>', 'of what is written').choices(FORMATS).default('nftables'));
  for (const { name, what } of PARTY_OPTIONS) addRepeatable(command, `--${name} <address>`, what);
  addRepeatable(command, '--management-address <address>', 'of the KMA itself on the management network');
  addRepeatable(command, '--service-address <address>', 'of the KMA itself on the service network');
  command
    .option('--from-here', 'for a KMA: adds what is set at the running KMA, and where it listens')
    .option('--dhcp', 'the machine has its address from DHCP')
    .option('--port-offset <n>', 'what the KMAs add to every port', integerOf(0, PORT_OFFSET_MAX), 0)
    .addHelpText('after', HELP)
    .action(async ({ format, ...given }: FirewallOptions & { readonly format: Format }) => {
      const { data, json } = globals();
      const options = given.fromHere === true ? await fromHere(data, given) : given;
      const ruleset = rulesetOf(firewallSetting(options));
      const plain = format === 'json' || json;
      printOutput(
        plain ? document(ruleset) : plainRules(ruleset),
        plain,
        plain ? undefined : TEXTS[format]?.(ruleset),
      );
    });
}

/** Of "table" there is none: it is printed as all tables are. */
const TEXTS: Readonly<Partial<Record<Format, (ruleset: Ruleset) => string>>> = {
  nftables: nftablesText,
  firewalld: firewalldText,
  iptables: iptablesText,
};

function document(ruleset: Ruleset): object {
  const { side, chains, closed } = ruleset;
  return { for: side, drops: chains, rules: plainRules(ruleset), closed };
}

function addRepeatable(command: Command, flags: string, what: string): void {
  const collect = (text: string, before: readonly string[] = []) => [...before, text];
  command.option(flags, `${what}; may be given several times`, collect);
}
