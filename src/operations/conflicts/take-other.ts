/** The one command that takes the value that lost, with its own rights: a conflict gives nobody any. It runs nothing. */
import type { UserId } from '../../core/ids.ts';
import { kmaOfLife } from '../../core/life.ts';
import { isSettingValue, SECURITY_PARAMETERS } from '../../core/settings.ts';
import { incarnationOf, type Stamp } from '../../core/stamp.ts';
import type { StateView } from '../../core/state.ts';
import { nameOf } from '../entities.ts';
import { dateText } from '../fields.ts';
import { ROLES } from '../operation.ts';
import { rolesOf } from '../roles-of.ts';
import { type Conflict, isNamed, readValue, subjectOf, valueText } from './subject.ts';

type Of = (state: StateView, conflict: Conflict, name: string) => string;

/** By table and column; of the rest there is none, such as a key that was moved to a group that is gone. */
const COMMANDS: Readonly<Record<string, Of>> = {
  'kma minimumTls': (_state, { lostValueJson }) => `tls set ${String(readValue(lostValueJson))}`,
  'kma verifierObjectId': (_state, _conflict, name) => `member set-passphrase ${name}`,
  'kma enrolled': (_state, _conflict, name) => `member set-passphrase ${name}`,
  'user verifierObjectId': (_state, _conflict, name) => `user set-passphrase ${name}`,
  'agent verifierObjectId': (_state, _conflict, name) => `agent set-passphrase ${name}`,
  'snmp_manager secretObjectId': (_state, _conflict, name) => `snmp-manager modify ${name}`,
  'agent enrolled': (_state, _conflict, name) => `agent set-passphrase ${name}`,
  'agent defaultKeyGroupId': (state, conflict, name) =>
    `group set-default ${name} ${quoted(valueText(state, conflict, conflict.lostValueJson))}`,
  'key changedKeyGroupId': (state, conflict, name) =>
    `key change-group ${name} ${quoted(valueText(state, conflict, conflict.lostValueJson))}`,
  'certificate_authority certificatePem': () => 'root-ca renew',
  'agent_group present': (state, { rowId, lostValueJson }, name) => {
    const group = quoted(nameOf(state, 'key_group', rowId?.split(':')[1] ?? null));
    return `group ${readValue(lostValueJson) === 1 ? 'assign' : 'unassign'} ${name} ${group}`;
  },
  'user_role present': (state, { rowId, lostValueJson }, name) => {
    const [userId = '', lost = ''] = rowId?.split(':') ?? [];
    const had = rolesOf(state, userId as UserId).filter((role) => role !== lost);
    const roles = readValue(lostValueJson) === 1 ? [...had, ...ROLES.filter((role) => role === lost)] : had;
    return `user modify ${name} --roles ${roles.join(',')}`;
  },
  'data_unit_key inUse': (_state, { rowId, lostValueJson }) =>
    `data-unit set-key-in-use ${rowId?.replace(':', ' ')} --${readValue(lostValueJson) === 0 ? 'no-' : ''}in-use`,
};

const MODIFIED: Readonly<Record<string, string>> = {
  kma: 'member modify',
  site: 'site modify',
  user: 'user modify',
  key_policy: 'policy modify',
  key_group: 'group modify',
  agent: 'agent modify',
  data_unit: 'data-unit modify',
  snmp_manager: 'snmp-manager modify',
};
/** The end of what dates can say; another member may have written any number. */
const LATEST_DATE_MS = 8.64e15;
/** Beside the security parameters. */
const SETTINGS: Readonly<Record<string, (value: unknown, state: StateView, conflict: Conflict) => string>> = {
  currentKeySplitId: () => 'key-split modify',
  keyPoolSize: (value) => `pool resize ${value}`,
  backupEveryHours: (value) => `backup-schedule modify --every-hours ${value}`,
  acceptedLogClockMs: (value, state, conflict) =>
    isSettingValue('acceptedLogClockMs', value) && Number(value) <= LATEST_DATE_MS
      ? `clock accept-log ${quoted(writerOf(state, conflict))} --until ${dateText(Number(value))}`
      : '',
};

/** "" where there is none. */
export function takeOtherCommand(state: StateView, conflict: Conflict): string {
  const command = commandOf(state, conflict);
  return command === '' ? '' : `okm ${command}`;
}

function commandOf(state: StateView, conflict: Conflict): string {
  const { kind, inTable, inColumn } = conflict;
  const table = inTable ?? '';
  const subject = subjectOf(state, conflict);
  const name = quoted(subject.name);
  if (kind === 'removed') return isNamed(table) ? `${MODIFIED[table]?.split(' ')[0]} create ${name}` : '';
  if (table === 'setting') return settingCommand(state, conflict);
  const special = COMMANDS[`${table} ${inColumn}`];
  if (special !== undefined) return special(state, conflict, name);
  const words = MODIFIED[table];
  return words === undefined ? '' : `${words} ${name} ${option(state, conflict, subject.field)}`;
}

function settingCommand(state: StateView, conflict: Conflict): string {
  const setting = conflict.rowId ?? '';
  const text = readValue(conflict.lostValueJson);
  const value = typeof text === 'string' ? readValue(text) : null;
  const known = SETTINGS[setting];
  if (known !== undefined) return known(value, state, conflict);
  if (!Object.hasOwn(SECURITY_PARAMETERS, setting)) return '';
  const name = kebab(setting);
  if (typeof value === 'boolean') return `security modify --${value ? '' : 'no-'}${name}`;
  return typeof value === 'number' ? `security modify --${name} ${value}` : '';
}

/** Of the value that lost: which KMA's records it was for is not kept, and it counts for those of all. */
function writerOf(state: StateView, { lostStamp }: Conflict): string {
  const life = lostStamp === null ? undefined : state.get('incarnation', incarnationOf(lostStamp as Stamp));
  return nameOf(state, 'kma', life === undefined ? null : kmaOfLife(life));
}

function option(state: StateView, conflict: Conflict, field: string): string {
  const text = valueText(state, conflict, conflict.lostValueJson);
  if (text === 'yes' || text === 'no') return `--${text === 'no' ? 'no-' : ''}${kebab(field)}`;
  return `--${kebab(field)} ${quoted(text)}`;
}

const kebab = (name: string) => name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();

/** For a shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./~-]+$/.test(text) && !text.startsWith('~')
    ? text
    : `'${text.replaceAll("'", "'\\''")}'`;
}
