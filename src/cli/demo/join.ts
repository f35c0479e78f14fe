/** Further KMAs join the first one: each is entered there and then joins as "kma init --join" does it. What was broken off is gone on with. */
import { existsSync } from 'node:fs';
import { isRefusal } from '../../core/refusal.ts';
import { OpenKmaError } from '../../errors.ts';
import { autonomousUnlockEnabled } from '../../setup/autonomous-unlock-files.ts';
import { JoiningDirectory, joiningPathOf } from '../../setup/joining-directory.ts';
import { DataDirectory } from '../../store/data-directory.ts';
import { askKma, askOrThrow } from '../admin-client.ts';
import { joinAnswersSchema } from '../join-answers.ts';
import { joinCluster } from '../join-command.ts';
import { listed } from './listed.ts';
import { type Admitters, makePassphrase } from './people.ts';
import type { Place } from './places.ts';
import type { Run } from './run.ts';

export interface Newcomer {
  readonly place: Place;
  /** Which of the cluster's, if any. */
  readonly site: string | undefined;
}

/** `begins`: before anything of a newcomer is made. */
export async function joinAll(
  { talk, cluster, first, portOffset }: Run,
  newcomers: readonly Newcomer[],
  by: Admitters,
  begins: (place: Place) => void = () => undefined,
): Promise<void> {
  const places = newcomers.map(({ place }) => place);
  const names = listed(places.map(({ name }) => name));
  const passphrases = new Map<Newcomer, string>();
  await talk.step(`Security Officer and a quorum: entries for ${names}`, async () => {
    for (const newcomer of newcomers) passphrases.set(newcomer, await enter(first, newcomer, by));
  });
  for (const newcomer of newcomers)
    await talk.step(
      `${newcomer.place.name} joins: its passphrase, a copy of the store, the quorum opens it`,
      async (progress) => {
        begins(newcomer.place);
        await join(first, newcomer, passphrases.get(newcomer) ?? '', by, portOffset, progress);
      },
    );
  await talk.step(`${names} ${places.length === 1 ? 'starts' : 'start'}`, () => cluster.start(places));
}

/** Gives the passphrase that it joins with. */
async function enter(first: Place, { place, site }: Newcomer, by: Admitters): Promise<string> {
  const { name: kma, data, managementAddress, serviceAddress } = place;
  const passphrase = makePassphrase();
  const asked = (operation: string, input: object) => ({
    operation,
    input,
    user: by.officer,
    quorum: by.quorum,
  });
  const entry = { kma, passphrase, managementAddress, serviceAddress, ...(site !== undefined && { site }) };
  const made = await askKma(first.data, asked('CreateKma', entry));
  if (!isRefusal(made)) return passphrase;
  if (made.refused !== 'KMA_EXISTS') throw new OpenKmaError(made.refused, made.detail);
  const { enrolled } = (await askOrThrow(first.data, asked('ShowKma', { kma }))) as { enrolled: boolean };
  if (await hasCertificate(place)) return passphrase;
  if (enrolled && !existsSync(joiningPathOf(data)))
    throw new OpenKmaError(
      'KMA_EXISTS',
      `${kma} is a member, and its data is not in ${data}; if it is lost, "kma member delete" removes it`,
    );
  await askOrThrow(first.data, asked('SetKmaPassphrase', { kma, passphrase }));
  return passphrase;
}

/** Of a join that was broken off after its passphrase was proven. */
async function hasCertificate({ name, data }: Place): Promise<boolean> {
  if (!existsSync(joiningPathOf(data))) return false;
  const joining = await JoiningDirectory.open(data, name);
  joining.close();
  return joining.certificate !== null;
}

async function join(
  first: Place,
  { place }: Newcomer,
  passphrase: string,
  by: Admitters,
  portOffset: number,
  progress: (detail: string) => void,
): Promise<void> {
  const { name: kmaName, data: dataDirectory, managementAddress, serviceAddress } = place;
  const { officer, quorum } = by;
  const root = (await askOrThrow(first.data, { operation: 'ShowRootCa', input: {}, user: officer })) as {
    publicKeySha256: string;
  };
  const autonomousUnlock = autonomousUnlockEnabled(DataDirectory.open(first.data));
  const answers = { kmaName, passphrase, managementAddress, serviceAddress, quorum, autonomousUnlock };
  await joinCluster(joinAnswersSchema.parse(answers), {
    dataDirectory,
    address: first.managementAddress,
    portOffset,
    caKeySha256: root.publicKeySha256,
    keepLocked: false,
    step: progress,
    progress: (done, total, text) => progress(`${text} ${Math.floor((100 * done) / total)} %`),
  });
}
