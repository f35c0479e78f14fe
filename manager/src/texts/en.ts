/** Every text of the pages in English, and how names of operations and fields become words. No page writes a sentence of its own. */
import type { OperationId } from '../api/types.ts';
import type { Operator } from '../lists/operators.ts';
import { LABELS, VALUE_COLUMNS, VALUES } from './labels.ts';

export const TEXTS = {
  product: 'OpenKMA Manager',
  skip: 'Skip to content',
  logIn: 'Log in',
  logOut: 'Log out',
  atTheAppliance: 'at the appliance',
  actAt: (act: string, place: string) => `"${act}" at "${place}"`,
  restorePlace: 'Restore',
  user: 'User ID',
  passphrase: 'Passphrase',
  proving: 'Proving the passphrase ...',
  logInHint: 'The passphrase stays in this browser: only a proof of it goes to the KMA.',
  notTheKma:
    'Whoever answered is not this KMA. Do not type the passphrase again; look at the address and the certificate.',
  sessionOver: 'The session is over. Log in again.',
  overview: 'Overview',
  navigation: 'Places',
  refresh: 'Refresh',
  live: 'Watch what comes',
  columns: 'Columns',
  saveReport: 'Save report',
  addFilter: 'Add filter',
  clearFilters: 'Clear filters',
  filterColumn: 'Column',
  filterOperator: 'Operator',
  filterValue: 'Value',
  removeFilter: 'Remove filter',
  loading: 'Loading ...',
  notFetched:
    'This part of the page cannot be had: the KMA does not answer, or runs another version by now. Load the page anew.',
  rowsShown: (count: number, more: boolean) => `${count}${more ? '+' : ''} ${count === 1 ? 'row' : 'rows'}`,
  rowsCut:
    'There are more rows than a page can hold. Filter or sort the list to see others, or save it as a report.',
  nothing: 'Nothing here yet',
  othersMay: (act: string, roles: string) => `"${act}" is for: ${roles}.`,
  nothingFits: 'Nothing fits these filters',
  nothingFitsHint: 'Remove a filter, or choose another value.',
  nothingHint: (action: string) => `"${action}" makes the first one.`,
  nothingHintWithout: 'What comes up will be listed here.',
  actions: 'actions',
  cancel: 'Cancel',
  close: 'Close',
  back: 'Back to the list',
  yes: 'yes',
  no: 'no',
  none: '-',
  goBack: 'Go back',
  toOverview: 'To the overview',
  notForYou: 'Not for your roles',
  notForYouText: (place: string, whose: string, own: string) =>
    `"${place}" is for ${whose}. You are logged in as ${own}.`,
  noSuchPage: 'No such page',
  noSuchPageText: (path: string) => `The address "${path}" leads to nothing. A link may be old, or mistyped.`,
  unchanged: 'Nothing is changed yet.',
  utc: 'Times in UTC',
  dark: 'Dark theme',
  onePerLine: 'one in each line',
  lineOf: (label: string, line: number) => `${label}, line ${line}`,
  onceMore: (label: string) => `${label}, once more`,
  rulesOf: (label: string) => `Rules for: ${label}`,
  secretsDiffer: 'The two are not the same.',
  fileOf: (label: string) => `${label}: from a file`,
  ruleMinimum: (length: number) => `at least ${length} characters`,
  ruleMaximum: (length: number) => `at most ${length} characters`,
  ruleCharacters: 'only letters, digits and the special characters ~!@#$%^&*()-_=+[]{}\\|;:\'"<>,./?',
  ruleClasses: 'at least three of upper case, lower case, digit and special character',
  ruleName: 'must not contain the name',
  roleMatrix: 'What each role may do',
  operation: 'Operation',
  needsQuorum: 'Needs a quorum',
  counting: '...',
  andMore: ' or more',
  cannotUndo: 'This cannot be taken back.',
  typeToConfirm: (name: string) => `Type ${name} to confirm`,
  quorum: 'Credentials of the key split',
  quorumHint: 'Sealed to the core of the KMA. With too few the operation waits for the approval of others.',
  credentialName: (number: number) => `Name ${number}`,
  credentialPassphrase: (number: number) => `Passphrase ${number}`,
  oneMore: 'One more',
  quorumNeedsLogIn: 'Credentials can be given only after a new log-in',
  keyForgotten:
    'This KMA can no longer open what is sealed in this log-in, most often because it was locked or started anew since you logged in.',
  otherWindow:
    'They can be given only in the window where somebody logged in last. Log in here to go on; then they can be given in no other window.',
  cannotSeal: 'Nothing was sent: credentials can be sealed only in the window where somebody logged in last.',
  logInAnew: 'Log in anew, and come back here',
  newKeySplit: 'New key split',
  done: 'Done',
  waits: 'It waits for approval',
  begun: 'It is under way',
  follow: 'Follow it',
  seePending: 'See what is pending',
  soonOver: 'The session ends soon',
  soonOverText: (seconds: number) =>
    `Nobody has done anything for a while. The session ends in ${seconds} seconds.`,
  goOn: 'Stay logged in',
  compareCode: 'Compare this code aloud with the others',
  approve: 'Approve',
  approveText: 'This is exactly what will happen',
  approvals: (counting: number, needed: number) => `${counting} of ${needed} approvals`,
  download: 'Download',
  downloadBoth: 'Download both files',
  downloading: (percent: number) => `Downloading, ${percent} %`,
  readBack:
    'Choose the files where you saved them: what stands on the disk is compared with what the KMA made.',
  checkFiles: 'Check and confirm',
  otherFile: (name: string) => `This is not ${name} as the KMA made it. Save it again.`,
  filesConfirmed: 'What was saved is whole. It counts as downloaded.',
  kmas: 'KMAs',
  responding: (there: number, all: number) => `${there} of ${all} respond`,
  poolReady: 'Least pool Ready',
  lag: 'Greatest replication lag',
  entries: (count: number) => `${count} entries`,
  lockedKmas: 'Locked',
  lastBackup: 'Last usable backup',
  never: 'never',
  pending: 'Waiting for approval',
  recentErrors: 'Recent errors and warnings',
  loadNow: 'Load now, operations a second',
  enrolmentSheet: 'Enrolment sheet',
  enrolmentIntro: 'For the person at the drive. The passphrase is not on this sheet: pass it on another way.',
  print: 'Print',
  agentId: 'Agent ID',
  addresses: 'Addresses of the KMAs',
  caKey: 'SHA-256 of the root CA public key',
} as const;

/** A name as people read it: "setDefaultKeyGroup" as "Set default key group", unless the labels have a better one; in the form or the list of one operation perhaps another than elsewhere. */
export function words(name: string, operation = ''): string {
  return LABELS[`${operation}.${name}`] ?? LABELS[name] ?? spacedWords(name);
}

/** Abbreviations stay as they are written; units and what dates end in read better otherwise. */
function spacedWords(name: string): string {
  const [, stem = name, unit = ''] = UNIT.exec(name) ?? [];
  const spaced = stem
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .replaceAll(ABBREVIATIONS, (word) => SHORT[word] ?? word);
  return `${spaced.charAt(0).toUpperCase()}${spaced.slice(1)}${UNITS[unit] ?? ''}`;
}
/** "createdAt", "cpuSeconds"; of "at" alone nothing would be left. */
const UNIT = /^([a-z]\w+?)(At|Ms|Seconds|Bytes|Percent|PerSecond)$/;
const UNITS: Readonly<Record<string, string>> = {
  Ms: ' (ms)',
  Seconds: ' (s)',
  Bytes: ' (bytes)',
  Percent: ' (%)',
  PerSecond: ' a second',
};
const SHORT: Readonly<Record<string, string>> = {
  kma: 'KMA',
  kmas: 'KMAs',
  ca: 'CA',
  tls: 'TLS',
  id: 'ID',
  dns: 'DNS',
  ntp: 'NTP',
  snmp: 'SNMP',
  pem: 'PEM',
  kwk: 'KWK',
  hmp: 'HMP',
  cpu: 'CPU',
  ids: 'IDs',
  sha256: 'SHA-256',
  fips: 'FIPS',
};
const ABBREVIATIONS = new RegExp(`\\b(${Object.keys(SHORT).join('|')})\\b`, 'g');

/** "Operator, Security Officer". */
export function roleNames(roles: readonly string[]): string {
  return roles
    .map((role) => valueText('roles', role))
    .sort()
    .join(', ');
}

/** Of filters: how each compares. */
export const COMPARISONS: Readonly<Record<Operator, string>> = {
  '=': '= is',
  '<>': '<> is not',
  '<': '< less than',
  '>': '> more than',
  '<=': '<= at most',
  '>=': '>= at least',
  '~': '~ begins with',
  ' empty': 'is empty',
  ' notempty': 'is not empty',
};
/** A value of a column as people read it. */
export function valueText(name: string, value: string): string {
  return (VALUE_COLUMNS.has(name) ? VALUES[value] : undefined) ?? value;
}

/** "/key-groups" as "Key groups". */
export function placeName(path: string): string {
  return words(path.slice(1).replaceAll('-', ' '));
}

export const GROUPS = {
  cluster: 'Cluster',
  keys: 'Keys',
  agents: 'Agents',
  people: 'People',
  security: 'Core security',
  watch: 'Watching',
  machine: 'Machine',
} as const;

/** Acts with a warning that can be taken back all the same. */
export const REVERSIBLE: ReadonlySet<OperationId> = new Set([
  'lockKma',
  'setKmaPassphrase',
  'disableHmp',
  'disableTechnicalSupport',
  'enablePrimaryAdministrator',
  'removeWebCertificate',
]);

/** Acts with a warning on the KMA as a whole: its name is typed before them. */
export const OF_THE_KMA: ReadonlySet<OperationId> = new Set(['lockKma', 'renewRootCa']);

/** What will be lost, or given away. */
export const LOST: Readonly<Partial<Record<OperationId, string>>> = {
  destroyKeys:
    'All deactivated or compromised keys of this data unit that are chosen are destroyed for good at every KMA. What was encrypted with them can never be read again.',
  compromiseKeys: 'The keys count as compromised for ever. Agents can still read with them and never write.',
  compromiseKey: 'The key counts as compromised for ever. Agents can still read with it and never write.',
  deleteAgent: 'The agent gets no key any more, from now on. Its data units and keys stay.',
  deleteUser: 'The user can do nothing any more; open sessions end at once.',
  deleteSite: 'The site is gone; agents and KMAs of it have none.',
  deleteKeyPolicy: 'The key policy is gone.',
  deleteKeyGroup: 'The key group is gone; no agent gets new keys in it.',
  deleteKma:
    'The KMA leaves the cluster for good. As "lost", new root key material is made, and what it knew counts as known to strangers.',
  setKmaPassphrase: 'The KMA is logged out of the cluster until a quorum logs it back in.',
  endUnfinishedJoins:
    'The copies that this KMA got for joins which it never finished count as gone; a join that is under way there has to be begun anew.',
  lockKma: 'Agents get no keys from this KMA until a quorum unlocks it.',
  renewRootCa:
    'A new root certificate over the same key. Agents go on; browsers and programs that trust the old certificate alone have to be told.',
  confirmBackupDestroyed:
    'The backup counts as destroyed: keys that only it holds are Ready no more, and destroyed keys in it count as gone.',
  deletePendingOperation: 'What was asked for will not happen; approvals are lost.',
  endSessions: 'All sessions of this user end at once.',
  revokeAgentCertificate:
    'Whoever has this certificate gets no key any more, from now on. Other certificates of the agent count as before.',
  revokeUserCertificate: 'Programs with this certificate are refused from now on.',
  acceptClock: 'The time as it is now counts as right, whatever was recorded before.',
  acceptLogClock: 'Records that a clock ahead has made count, up to this time.',
  enablePrimaryAdministrator:
    "The support account becomes root of this KMA's machine: whoever has its password can read the keys while the KMA is unlocked.",
  disableHmp: 'The SNMP agent of this KMA answers nobody any more.',
  disableTechnicalSupport: 'Sessions of support end at once, and port 22 closes.',
  regenerateSupportHostKeys: 'The host keys change: whoever logs in has to compare the new fingerprints.',
  removeWebCertificate: "Browsers see the KMA's own certificate again, which they do not know.",
  deleteSnmpManager: 'Nothing is sent to this manager any more.',
  deleteSyslogServer: 'Nothing is sent to this server any more; what waits for it is dropped.',
};
