/** What the people of the demonstration set up at its first KMA, each with his own role and passphrase, by the same operations as "kma". */
import { setTimeout } from 'node:timers/promises';
import { askOrThrow } from '../admin-client.ts';
import { fetchBackup, fetchCoreSecurityBackup } from '../backup-commands.ts';
import { initialise } from '../init-command.ts';
import type { Status } from '../status-text.ts';
import { type Cast, type Person, THRESHOLD } from './people.ts';
import type { Place } from './places.ts';
import type { DemoTalk } from './talk.ts';

/** Where the agent is, and the KMAs that it asks first. */
export const SITE = 'here';
export const OTHER_SITE = 'elsewhere';

export const backupsOf = (data: string) => `${data}-backup`;

export async function quickStart(place: Place, cast: Cast): Promise<void> {
  const { name, data, managementAddress, serviceAddress } = place;
  await initialise(data, {
    kmaName: name,
    ...{ managementAddress, serviceAddress },
    threshold: THRESHOLD,
    credentials: [...cast.keyHolders],
    securityOfficer: cast.officer,
    autonomousUnlock: true,
  });
}

export async function setUpPeople(talk: DemoTalk, { name, data }: Place, cast: Cast): Promise<void> {
  const { quorum, officer, compliance, operator, backup, auditor, quorumMember } = cast;
  const ask = (operation: string, input: object, user: Person) =>
    askOrThrow(data, { operation, input, user, quorum: user === officer ? quorum : [] });
  await talk.step('Security Officer and 2 of 3 key holders: users for the five other roles', async () => {
    for (const [person, role] of [
      [compliance, 'COMPLIANCE_OFFICER'],
      [operator, 'OPERATOR'],
      [backup, 'BACKUP_OPERATOR'],
      [auditor, 'AUDITOR'],
      [quorumMember, 'QUORUM_MEMBER'],
    ] as const)
      await ask('CreateUser', { user: person.name, roles: [role], passphrase: person.passphrase }, officer);
  });
  await talk.step(`Security Officer: sites "${SITE}", with ${name} in it, and "${OTHER_SITE}"`, async () => {
    for (const site of [SITE, OTHER_SITE]) await ask('CreateSite', { site }, officer);
    await ask('ModifyKma', { kma: name, site: SITE }, officer);
  });
  await talk.step('Compliance Officer: key policy "two-years", key group "demo"', async () => {
    await ask(
      'CreateKeyPolicy',
      { policy: 'two-years', encryptionPeriod: '2y', cryptoperiod: '10y' },
      compliance,
    );
    await ask('CreateKeyGroup', { group: 'demo', policy: 'two-years' }, compliance);
  });
}

export async function setUpBackups(
  talk: DemoTalk,
  { data }: Place,
  { officer, backup }: Cast,
): Promise<void> {
  const to = backupsOf(data);
  await talk.step('the key pool is full', (progress) => poolFilled(data, progress));
  await talk.step('Security Officer: core security backup', () =>
    fetchCoreSecurityBackup({ dataDirectory: data, user: officer, to }),
  );
  await talk.step('Backup Operator: database backup; from now on its keys are Ready', (progress) =>
    fetchBackup({ dataDirectory: data, user: backup, to }, (done, total, text) =>
      progress(`${text} ${Math.floor((100 * done) / total)} %`),
    ),
  );
}

export async function setUpAgent(
  talk: DemoTalk,
  { data }: Place,
  { agent, operator, compliance }: Cast,
): Promise<void> {
  const ask = (operation: string, input: object, user: Person) =>
    askOrThrow(data, { operation, input, user });
  await talk.step(`Operator: agent "${agent.name}"; Compliance Officer: its key group`, async () => {
    await ask('CreateAgent', { agent: agent.name, site: SITE, passphrase: agent.passphrase }, operator);
    await ask('AssignKeyGroup', { agent: agent.name, group: 'demo', default: true }, compliance);
  });
}

const POLL_MS = 50;

/** Waits until all keys of the pool are made, so that the backup holds them all. */
async function poolFilled(data: string, progress: (detail: string) => void): Promise<void> {
  for (;;) {
    const status = (await askOrThrow(data, { operation: 'ShowStatus', input: {} })) as Status;
    progress(`${status.keysUnissued} of ${status.keyPoolSize}`);
    if (status.keysUnissued >= status.keyPoolSize) return;
    await setTimeout(POLL_MS);
  }
}
