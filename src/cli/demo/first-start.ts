/** The first start of the demonstration: a KMA from nothing, an agent that encrypts, two more KMAs, and the loss of the first one. */
import { assertFreePlace } from '../../setup/new-data-directory.ts';
import { checkPorts } from '../serve-command.ts';
import { DemoAgent } from './agent.ts';
import { loseTheFirst } from './failover.ts';
import { joinAll } from './join.ts';
import { listed } from './listed.ts';
import { makeCast } from './people.ts';
import { type Place, shownData } from './places.ts';
import type { Run } from './run.ts';
import { OTHER_SITE, quickStart, SITE, setUpAgent, setUpBackups, setUpPeople } from './setup.ts';
import { markFinished, markUnfinished } from './unfinished.ts';

/** Of what the agent encrypts. */
const TAG = 'VOL001';

export async function firstStart(run: Run): Promise<void> {
  const { talk, cluster, first, others, portOffset, interrupted } = run;
  const places = [first, ...others];
  const data = places.map((place) => place.data);
  talk.title(`OpenKMA demonstration, first start: ${titleOf(places)}`);
  await checkPlaces(places, portOffset);
  const cast = makeCast();
  talk.chapter(`${first.name}, a new KMA`);
  begin(first);
  await talk.step('QuickStart: root key material split 3 ways, root CA, Security Officer', () =>
    quickStart(first, cast),
  );
  talk.note(
    `autonomous unlocking is ON for this demonstration: its key is in ${shownData(first.data)}.unlock-key, beside the data (0600). With "kma init" it is off unless asked for.`,
  );
  await talk.step(`${first.name} starts: core, reader and fronts`, () => cluster.start([first]));
  await setUpPeople(talk, first, cast);
  await setUpBackups(talk, first, cast);
  talk.chapter('An agent');
  const agent = new DemoAgent(first.data, interrupted);
  await setUpAgent(talk, first, cast);
  await talk.step(`okm-agent enroll --kma ${first.serviceAddress} --agent ${cast.agent.name}`, () =>
    agent.enroll(cast.agent, first, portOffset),
  );
  await talk.step(`okm-agent encrypt: README.md under a new key, from ${first.name}`, () =>
    agent.encrypt(TAG),
  );
  if (others.length === 0)
    await talk.step('okm-agent decrypt: the file names its key, the KMA gives it; it equals README.md', () =>
      agent.decrypt(TAG),
    );
  else {
    talk.chapter(`${listed(others.map(({ name }) => name))} join`);
    // The agent asks KMAs of its own site first: one of the others is there too.
    const newcomers = others.map((place, index) => ({ place, site: index === 0 ? SITE : OTHER_SITE }));
    await joinAll(run, newcomers, cast, begin);
    await loseTheFirst({ talk, cluster, agent, tag: TAG, interrupted });
  }
  talk.secrets(cast);
  markFinished(data);
}

/** Before there is a KMA whose passphrases nobody was shown. */
function begin({ data }: Place): void {
  assertFreePlace(data);
  markUnfinished(data);
}

function titleOf(places: readonly Place[]): string {
  const where = listed(places.map(({ data }) => shownData(data)));
  return places.length === 1 ? `a new KMA in ${where}` : `${places.length} new KMAs in ${where}`;
}

/** Before anything is set up. */
async function checkPlaces(places: readonly Place[], portOffset: number): Promise<void> {
  for (const { data } of places) assertFreePlace(data);
  for (const { managementAddress, serviceAddress } of places)
    await checkPorts({ managementAddress, serviceAddress, portOffset });
}
