/** What the dialogue of QuickStart says before each question. Nothing but words. */

type Paragraphs = readonly string[];

export const MANAGEMENT: Paragraphs = [
  'The management network is where people and other KMAs reach this KMA. Its address must stay the same. A number from the list, or another address:',
];

export const SERVICE: Paragraphs = [
  'The service network is where agents (tape drives, file systems, databases) get their keys. It may be the same address.',
];

/** Of this machine; the one for trials comes last. */
export const addressChoices = (machine: readonly string[], loopback: string) => [
  ...machine.map((address) => ({ value: address, text: address })),
  { value: loopback, text: `${loopback} (for trials: other machines do not reach it)` },
];

export const TLS: Paragraphs = [
  'What agents must speak at least. Only old tape drives need less than 1.2; it can be changed later.',
];
export const TLS_CHOICES = [
  { value: '1.0', text: 'TLS 1.0 and higher' },
  { value: '1.1', text: 'TLS 1.1 and higher' },
  { value: '1.2', text: 'TLS 1.2 and higher' },
  { value: '1.3', text: 'TLS 1.3 only' },
];

export const KMA_NAME: Paragraphs = [
  '1 to 64 characters. The name stands in certificates and can never be changed.',
];

export const KEY_SPLIT: Paragraphs = [
  'Everything rests on the root key material. It is kept by no one person but split among key holders, 1 to 10. They are no users of the KMA: together they unlock it, restore it, and approve what matters.',
];

export const threshold = (size: number): Paragraphs => [
  `How many of the ${size} must come together. With 1, any of them can do everything alone. If fewer than this many are left who know their passphrases, all keys are lost as soon as the KMA is locked or has to be restored.`,
];

export const FIRST_HOLDER: Paragraphs = [
  'Now each key holder comes to the keyboard, one after the other: a name, and a passphrase that nobody else sees.',
];
export const NEXT_HOLDER: Paragraphs = ['The next key holder comes to the keyboard.'];

export const OFFICER: Paragraphs = [
  'The first Security Officer is the only user at the beginning, and creates the others. Now that person comes to the keyboard.',
];

export const PASSPHRASE: Paragraphs = [
  'The passphrase is typed twice, and nobody can look it up afterwards.',
];

export const AUTONOMOUS: Paragraphs = [
  'Off: after each start the KMA is locked and gives no keys until a quorum of key holders unlocks it.',
  'On: it comes back by itself. What unlocks it then lies in a file beside the data directory: whoever takes the disk, or a copy of both, has all keys.',
];
export const NO_YES = [
  { value: 'no', text: 'off: people unlock it' },
  { value: 'yes', text: 'on: it unlocks itself' },
];

export const KEY_POOL: Paragraphs = [
  'Each KMA makes so many keys ahead, 1000 to 200000, and hands one out only when a backup or another KMA holds it. They must last from one backup to the next; in a cluster, for as long as a KMA is cut off from the others.',
];

export const DIGEST: Paragraphs = ['How the root CA signs certificates. Only very old agents need SHA-1.'];
export const DIGEST_CHOICES = [
  { value: 'SHA-256', text: 'SHA-256' },
  { value: 'SHA-1', text: 'SHA-1, for very old agents' },
];

export const CLOCK: Paragraphs = [
  'Certificates and the lifetimes of all keys count from the clock of this machine.',
];
export const clockPrompt = (nowMs: number): string =>
  `Now ${new Date(nowMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
export const CLOCK_CHOICES = [
  { value: 'yes', text: 'that is right' },
  { value: 'no', text: 'that is wrong' },
];
export const CLOCK_WRONG =
  'Set the clock of this machine from another terminal (such as "timedatectl set-time"), then answer 1.';
