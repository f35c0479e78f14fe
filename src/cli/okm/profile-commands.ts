/** "okm profile": which clusters there are, and the root CA that each must show. A root CA is never taken on trust without somebody saying so. */
import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { Place } from '../../client/log-in.ts';
import { Profiles } from '../../client/profile.ts';
import { OpenKmaError } from '../../errors.ts';
import { trustedPlace } from '../trusted-place.ts';
import { knownCaKey } from './ca-key.ts';
import type { Globals } from './globals.ts';
import { printResult } from './result.ts';

export function addProfileCommands(program: Command, globals: () => Globals): void {
  const group = program.command('profile').helpGroup('Clusters and sessions:');
  group
    .command('create')
    .description('Remembers a cluster: the address of a KMA and the key of its root CA.')
    .argument('<name>', 'name of the profile')
    .addHelpText(
      'after',
      `
Without --ca-key or --cacert the key that the KMA shows is shown here, to be compared with
"Public key SHA256" of "kma root-ca show" at the appliance. Where the KMA was started with --port-offset,
give the same here. With --usercert the profile remembers where that
file is, and asks with it where nobody is logged in.

Example:
  okm profile create berlin --kma kma1.example.org
`,
    )
    .action(async (name: string) => {
      const options = globals();
      const place = await chosenPlace(options);
      const usercert = options.usercert === undefined ? {} : { usercert: resolve(options.usercert) };
      await new Profiles().create(name, { ...place, ...usercert });
      printResult({ profile: name, ...place, ...usercert }, options);
    });
  group
    .command('list')
    .description('Lists the profiles, and who is logged in.')
    .addHelpText('after', '\nExample:\n  okm profile list\n')
    .action(async () => printResult(await listed(new Profiles()), globals()));
  group
    .command('delete')
    .description('Forgets a cluster and the log-in there.')
    .argument('<name>', 'name of the profile')
    .addHelpText('after', '\nExample:\n  okm profile delete berlin\n')
    .action(async (name: string) => {
      await new Profiles().delete(name);
      printResult(null, globals());
    });
}

async function listed(profiles: Profiles): Promise<object[]> {
  const rows = [];
  for (const name of await profiles.names()) {
    const { address, portOffset, caKeySha256: key, usercert = '' } = await profiles.load(name);
    const session = await profiles.session(name, Date.now());
    const until = session === null ? '' : new Date(session.expiresAtMs).toISOString();
    rows.push({
      profile: name,
      address,
      portOffset,
      loggedIn: session?.user ?? '',
      until,
      usercert,
      caKeySha256: key,
    });
  }
  return rows;
}

function chosenPlace({ kma, portOffset = 0, cacert, caKey, timeout }: Globals): Promise<Place> {
  if (kma === undefined) throw new OpenKmaError('USAGE', 'give the address of a KMA with --kma');
  return trustedPlace({
    address: kma,
    portOffset,
    caKeySha256: knownCaKey(cacert, caKey),
    timeoutMs: timeout * 1000,
    otherwise: 'no profile was made',
  });
}
