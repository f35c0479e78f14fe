/** What every format says at its head, for whoever reads the file later. It names no rule. */
import type { Ruleset } from './rule.ts';
import type { Side } from './setting.ts';

const WHOSE: Readonly<Record<Side, string>> = {
  kma: 'of a KMA',
  agent: 'of a machine with an agent',
  manager: 'of a machine that manages KMAs',
  edge: 'between networks, for what is passed on',
  'service-processor': 'of a service processor',
};

export function preamble({ side, closed }: Ruleset): readonly string[] {
  return [
    `Firewall ${WHOSE[side]}, written by "kma firewall --for ${side}" from the table of ports of OpenKMA (docs/ports.md).`,
    'All that no rule accepts is dropped; what else this machine needs has to be added.',
    ...(closed.length === 0 ? [] : ['Closed by what was given:']),
    ...closed.map((line) => `  ${line}`),
  ];
}
