/** Texts of the pages that are more than a list or a form, in English. It holds nothing else. */

export const SCREEN_TEXTS = {
  // The doctor.
  looking: 'Looking; where nobody answers this takes up to half a minute ...',
  doctorSays: {
    fine: 'All is well',
    warnings: 'It works, and something should be seen to',
    problems: 'Something is broken',
  },
  lookedFrom: (kma: string) => `Looked at from ${kma},`,
  toChange: 'To do:',
  nobodyElse: 'There are no other KMAs and no servers to look at.',
  stepsTo: (place: string) => `Steps to ${place}`,
  stepColumns: ['Service', 'Step', 'Outcome', 'Detail'],

  // The system dump.
  makingDump: 'Making the dump ...',
  dumpMade: 'The dump is made',
  saveDump: 'Download the dump',

  // Enrolment.
  enrolCommand: 'Command at the drive',
  enrolCommandHint:
    'It asks for the passphrase. A drive with a panel of its own takes the agent ID, an address and the passphrase there.',

  // Jobs.
  runningJob: (operation: string) => `Under way: ${operation}`,
  followJob: 'Follow it',
  progress: 'Progress',
  jobDone: 'It is done.',
  jobFailed: 'It has failed.',

  // Restoring.
  restoreWhere:
    'A backup is restored into a KMA that is new: run "kma init" on a machine with a temporary Security Officer and start the KMA, log in to its Manager as that officer, and come to this place there. Without a KMA that runs, "kma restore" at the appliance makes one of the same three files. All other KMAs of the cluster have to join anew afterwards.',
  restoreNotHere: 'Nothing can be restored into this KMA.',
  restoreLost:
    'All that this KMA is now, its users, its root CA and this session among it, is replaced by what the backup holds. Keys that were made after the backup are not in it.',
  restoreFiles: {
    'core-security': 'Core security backup',
    key: 'Backup key file',
    backup: 'Backup file',
  },
  restoreQuorumHint:
    'Of the key split in the core security backup, not of this KMA. Too few are refused; nothing waits here.',
  sending: (part: string, percent: number) => `Sending: ${part}, ${percent} %`,
  restoring: 'Restoring ...',
  restored: (kma: string) => `Restored: this is ${kma} now`,
  restoredNext:
    'It starts anew, locked, with the users and the root CA of the backup. Load this page anew, take the new certificate after a look at the fingerprint below, log in as an officer of the backup, and unlock it with a quorum. Keys that were destroyed after the backup was made are not destroyed in it: destroy them again.',
  newCaKey: 'SHA-256 of its root CA public key',

  // Conflicts.
  takeOther: 'Take the other',
  takeOtherText: (what: string, field: string, kept: string, other: string) =>
    `${[what, field].filter((part) => part !== '').join(', ')}: "${other}" takes the place of "${kept}".`,

  // Charts.
  callsBy: { hour: 'Calls of agents in each hour', day: 'Calls of agents on each day' },
  callsByAgent: 'Calls of each agent',
  span: 'Time shown',
  spans: { hour: 'last hour', day: 'last day', week: 'last week', month: 'last month' },
  noCalls: 'No agent has called in this time.',
  kmaShown: 'KMA shown',
  allKmas: 'all KMAs',
  nothingKnown: (kmas: string) =>
    `Nothing is known of what ${kmas} served in this time: of another KMA an hour is known when it is over.`,
  countedUntil: (kma: string, time: string) => `What ${kma} served is known up to ${time}.`,

  // The overview.
  nextToEnd: 'Certificates that end next',
  keysEnding: 'Keys that end within 30 days',
  keysEndingCount: (count: number, more: boolean) => `${count}${more ? ' or more' : ''}`,
  overdue: 'a backup is overdue',
  silent: (kmas: string) => `no answer: ${kmas}`,
  openConflicts: 'Conflicts after a partition',
  webCertificate: 'Web certificate',
  rootCa: 'Root CA',
  ofKma: (kma: string) => `KMA ${kma}`,
  ofUser: (user: string) => `Program of ${user}`,
  ofSyslog: (server: string) => `Syslog server ${server}`,

  // Key split.
  approvalHint: (missing: number) =>
    `Sealed to the core of the KMA. ${missing === 1 ? 'One more holder is' : `${missing} more holders are`} needed.`,
  quorumOf: (threshold: number, size: number, names: string) =>
    `${threshold} of these ${size} holders are needed: ${names}.`,
  newHolders:
    'The credentials of the new key split are added here too, each marked as new: at least as many as will be needed.',
} as const;
