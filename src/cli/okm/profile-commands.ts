/** "okm profile": which clusters there are, and the root CA that each must show. A root CA is never taken on trust without somebody saying so. */
import { X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { caKeySha256 } from '@openkma/protocol';
import type { Command } from 'commander';
import { type Place, shownCa } from '../../client/log-in.ts';
import { Profiles } from '../../client/profile.ts';
import { OpenKmaError } from '../../errors.ts';
import { say } from '../output.ts';
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

async function chosenPlace(options: Globals): Promise<Place> {
  const { kma, portOffset = 0, cacert, caKey, timeout } = options;
  if (kma === undefined) throw new OpenKmaError('USAGE', 'give the address of a KMA with --kma');
  const known = knownCaKey(cacert, caKey);
  const shown = await shownCa({ address: kma, portOffset }, timeout * 1000);
  const found = caKeySha256(shown);
  if (known !== null && known !== found)
    throw new OpenKmaError('KMA_NOT_TRUSTED', `its root CA has the key ${found}, not ${known}`);
  if (known === null) await assertAccepted(kma, found, shown);
  return { address: kma, portOffset, caKeySha256: found };
}

async function assertAccepted(kma: string, key: string, pem: string): Promise<void> {
  if (process.stdin.isTTY !== true)
    throw new OpenKmaError(
      'USAGE',
      `no terminal to confirm the root CA on: give --ca-key (${kma} shows ${key})`,
    );
  say(
    `${kma} shows a root CA made ${new X509Certificate(pem).validFrom}, whose key has the SHA-256\n\n  ${key}\n`,
  );
  say('Compare with "Public key SHA256" of "kma root-ca show" at the appliance.');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question('Are they equal? (yes or no) ');
    if (answer.trim().toLowerCase() !== 'yes')
      throw new OpenKmaError('KMA_NOT_TRUSTED', 'no profile was made');
  } finally {
    lines.close();
  }
}
