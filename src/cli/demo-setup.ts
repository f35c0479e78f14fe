/** The people of the demonstration and what each of them sets up, with his own role and passphrase, by the same operations as "kma". */
import { randomInt } from 'node:crypto';
import { askOrThrow } from './admin-client.ts';
import { fetchBackup, fetchCoreSecurityBackup } from './backup-commands.ts';
import type { DemoTalk } from './demo-talk.ts';

interface Person {
  readonly name: string;
  readonly passphrase: string;
}
export interface Cast {
  readonly keyHolders: Person[];
  readonly officer: Person;
  readonly compliance: Person;
  readonly operator: Person;
  readonly backup: Person;
  readonly agent: Person;
}

/** Without letters and digits that look alike. */
const ALPHABET = 'abcdefghijkmnpqrstuvwxyz';
const GROUPS = 4;
const GROUP_LETTERS = 4;

/** Four groups of letters, an upper case one and a digit: about 75 bits, and three classes of the passphrase rules. */
export function makePassphrase(): string {
  const letter = () => ALPHABET.charAt(randomInt(ALPHABET.length));
  const group = () => Array.from({ length: GROUP_LETTERS }, letter).join('');
  const groups = Array.from({ length: GROUPS }, group);
  return `${letter().toUpperCase()}${groups.join('-')}${randomInt(2, 10)}`;
}

export function makeCast(): Cast {
  const person = (name: string): Person => ({ name, passphrase: makePassphrase() });
  return {
    keyHolders: ['holder-1', 'holder-2', 'holder-3'].map(person),
    officer: person('officer'),
    compliance: person('compliance'),
    operator: person('operator'),
    backup: person('backup-operator'),
    agent: person('demo-agent'),
  };
}

export async function setUpDemonstration(talk: DemoTalk, data: string, cast: Cast): Promise<void> {
  const quorum = cast.keyHolders.slice(0, 2);
  const ask = (operation: string, input: object, user: Person) =>
    askOrThrow(data, { operation, input, user, quorum: operation === 'CreateUser' ? quorum : [] });
  const { officer, compliance, operator, backup, agent } = cast;
  for (const [person, role] of [
    [compliance, 'COMPLIANCE_OFFICER'],
    [operator, 'OPERATOR'],
    [backup, 'BACKUP_OPERATOR'],
  ] as const)
    await talk.step(
      `the Security Officer and 2 of 3 key holders create the user ${person.name} (${role})`,
      () => ask('CreateUser', { user: person.name, roles: [role], passphrase: person.passphrase }, officer),
    );
  await talk.step('the Security Officer creates the site "here"', () =>
    ask('CreateSite', { site: 'here' }, officer),
  );
  await talk.step(
    'the Compliance Officer creates the key policy "two-years" and the key group "demo"',
    async () => {
      await ask(
        'CreateKeyPolicy',
        { policy: 'two-years', encryptionPeriod: '2y', cryptoperiod: '10y' },
        compliance,
      );
      await ask('CreateKeyGroup', { group: 'demo', policy: 'two-years' }, compliance);
    },
  );
  await talk.step('the Operator creates the agent "demo-agent" with a one-time passphrase', () =>
    ask('CreateAgent', { agent: agent.name, site: 'here', passphrase: agent.passphrase }, operator),
  );
  await talk.step('the Compliance Officer gives it the default key group "demo"', () =>
    ask('AssignKeyGroup', { agent: agent.name, group: 'demo', default: true }, compliance),
  );
  const to = `${data}-backup`;
  await talk.step(`the Security Officer takes a core security backup into ${to}`, () =>
    fetchCoreSecurityBackup({ dataDirectory: data, user: officer, to }),
  );
  await talk.step('the key pool is being filled', (progress) => poolFilled(data, progress));
  await talk.step(`the Backup Operator takes a database backup into ${to}: keys become Ready`, (progress) =>
    fetchBackup({ dataDirectory: data, user: backup, to }, (done, total, text) =>
      progress(`${text} ${Math.floor((100 * done) / total)} %`),
    ),
  );
}

const POLL_MS = 50;

/** Waits until all keys of the pool are made, so that the backup holds them all. */
async function poolFilled(data: string, progress: (detail: string) => void): Promise<void> {
  for (;;) {
    const status = (await askOrThrow(data, { operation: 'ShowStatus', input: {} })) as {
      keysUnissued: number;
      keyPoolSize: number;
    };
    progress(`${status.keysUnissued} of ${status.keyPoolSize}`);
    if (status.keysUnissued >= status.keyPoolSize) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
