/** Who lets further KMAs into a cluster that is there: a Security Officer and a quorum, from a file or asked for on the terminal. It keeps no passphrase. */
import { z } from 'zod';
import { person } from '../init-answers.ts';
import { passphraseOf, readAnswersOf } from '../init-command.ts';
import { say } from '../output.ts';
import { promptName, promptPassphrase } from '../passphrases.ts';
import { readQuorum } from '../quorum.ts';
import type { Admitters, Person } from './people.ts';

const KEY_HOLDERS_MAX = 10;

const answers = z.strictObject({
  securityOfficer: person,
  quorum: z.array(person).min(1).max(KEY_HOLDERS_MAX),
});

export const ADMITTERS_EXAMPLE: z.input<typeof answers> = {
  securityOfficer: { name: 'officer', passphraseFile: '/secure/officer' },
  quorum: [
    { name: 'holder-1', passphraseFile: '/secure/holder-1' },
    { name: 'holder-2', passphraseFile: '/secure/holder-2' },
  ],
};

export async function admittersOf(file: string): Promise<Admitters> {
  const { securityOfficer, quorum } = readAnswersOf(file, answers);
  const known: Person[] = [];
  for (const holder of quorum) known.push(await withPassphrase(holder));
  return { officer: await withPassphrase(securityOfficer), quorum: known };
}

async function withPassphrase(given: z.output<typeof person>): Promise<Person> {
  const ask = (owner: string) =>
    promptPassphrase(`passphrase of ${owner}`, 'a passphraseFile in the answers');
  return { name: given.name, passphrase: await passphraseOf(given, ask) };
}

/** Null where nobody wants to. */
export async function askAdmitters(what: string): Promise<Admitters | null> {
  const instead = '--answers';
  say(`${what} A Security Officer and a quorum let them in.`);
  const name = await promptName('name of the Security Officer (Enter: not now)', instead);
  if (name === '') return null;
  const officer = { name, passphrase: await promptPassphrase(`passphrase of ${name}`, instead) };
  return { officer, quorum: await readQuorum(undefined) };
}
