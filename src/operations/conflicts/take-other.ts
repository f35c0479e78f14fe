/** How the value that lost is taken: one operation with its input, and the command for it, with its own rights: a conflict gives nobody any. It runs nothing. */
import type { UserId } from '../../core/ids.ts';
import { kmaOfIncarnation } from '../../core/life.ts';
import { isSettingValue, SECURITY_PARAMETERS } from '../../core/settings.ts';
import { incarnationOf, type Stamp } from '../../core/stamp.ts';
import type { StateView } from '../../core/state.ts';
import { type Named, nameOf } from '../entities.ts';
import { dateText } from '../fields.ts';
import { ROLES } from '../operation.ts';
import { rolesOf } from '../roles-of.ts';
import { enrolledTwice } from './enrolled-twice.ts';
import { madeAgain } from './made-again.ts';
import { type Conflict, inputValue, isNamed, readValue, subjectOf } from './subject.ts';

export interface Taking {
  /** By its name in the catalogue. */
  readonly operation: string;
  /** What is known of its input; a passphrase is not. */
  readonly input: Readonly<Record<string, unknown>>;
  /** Words of the command, and which of the input stands there without an option. */
  readonly words: string;
  readonly named: readonly string[];
}
type Of = (state: StateView, conflict: Conflict, name: string) => Taking;

function taking(operation: string, words: string, named: object = {}, options: object = {}): Taking {
  return { operation, words, named: Object.keys(named), input: { ...named, ...options } };
}

/** What operations and commands call a thing, and the field that names it. */
const THINGS: Readonly<Record<Named | 'data_unit', readonly [string, string, string]>> = {
  kma: ['Kma', 'member', 'kma'],
  site: ['Site', 'site', 'site'],
  user: ['User', 'user', 'user'],
  key_policy: ['KeyPolicy', 'policy', 'policy'],
  key_group: ['KeyGroup', 'group', 'group'],
  agent: ['Agent', 'agent', 'agent'],
  snmp_manager: ['SnmpManager', 'snmp-manager', 'manager'],
  data_unit: ['DataUnit', 'data-unit', 'dataUnitId'],
};

/** By table and column; of the rest there is none, such as a key that was moved to a group that is gone. */
const TAKINGS: Readonly<Record<string, Of>> = {
  'kma minimumTls': (_state, { lostValueJson }) =>
    taking('SetAcceptableTls', 'tls set', { minimum: String(readValue(lostValueJson)) }),
  'kma verifierObjectId': (_state, _conflict, name) => newPassphrase('kma', name),
  'kma enrolled': (_state, _conflict, name) => newPassphrase('kma', name),
  'user verifierObjectId': (_state, _conflict, name) => newPassphrase('user', name),
  'agent verifierObjectId': (_state, _conflict, name) => newPassphrase('agent', name),
  'agent enrolled': (state, conflict, name) => {
    const { kept } = enrolledTwice(state, conflict);
    return kept === null
      ? newPassphrase('agent', name)
      : taking('RevokeAgentCertificate', 'agent revoke-certificate', { fingerprint: kept });
  },
  'snmp_manager secretObjectId': (_state, _conflict, manager) =>
    taking('ModifySnmpManager', 'snmp-manager modify', { manager }),
  'agent defaultKeyGroupId': (state, conflict, agent) =>
    taking('SetDefaultKeyGroup', 'group set-default', { agent, group: inputValue(state, conflict) }),
  'key changedKeyGroupId': (state, conflict, keyId) =>
    taking('ChangeKeyGroup', 'key change-group', { keyId, group: inputValue(state, conflict) }),
  'certificate_authority certificatePem': () => taking('RenewRootCa', 'root-ca renew'),
  'agent_group present': (state, { rowId, lostValueJson }, agent) => {
    const named = { agent, group: nameOf(state, 'key_group', rowId?.split(':')[1] ?? null) };
    return readValue(lostValueJson) === 1
      ? taking('AssignKeyGroup', 'group assign', named)
      : taking('UnassignKeyGroup', 'group unassign', named);
  },
  'user_role present': (state, { rowId, lostValueJson }, user) => {
    const [userId = '', lost = ''] = rowId?.split(':') ?? [];
    const had = rolesOf(state, userId as UserId).filter((role) => role !== lost);
    const roles = readValue(lostValueJson) === 1 ? [...had, ...ROLES.filter((role) => role === lost)] : had;
    return taking('ModifyUser', 'user modify', { user }, { roles });
  },
  'data_unit_key inUse': (_state, { rowId, lostValueJson }) => {
    const [dataUnitId = '', keyId = ''] = rowId?.split(':') ?? [];
    const inUse = readValue(lostValueJson) !== 0;
    return taking('SetKeyInUse', 'data-unit set-key-in-use', { dataUnitId, keyId }, { inUse });
  },
};

function newPassphrase(table: Named, name: string): Taking {
  const [kind, word, field] = THINGS[table];
  return taking(`Set${kind}Passphrase`, `${word} set-passphrase`, { [field]: name });
}

/** The end of what dates can say; another member may have written any number. */
const LATEST_DATE_MS = 8.64e15;
/** Beside the security parameters. */
const SETTINGS: Readonly<
  Record<string, (value: unknown, state: StateView, conflict: Conflict) => Taking | null>
> = {
  currentKeySplitId: () => taking('ModifyKeySplit', 'key-split modify'),
  keyPoolSize: (size) => taking('ModifyKeyPoolSize', 'pool resize', { size }),
  backupEveryHours: (everyHours) =>
    taking('ModifyBackupSchedule', 'backup-schedule modify', {}, { everyHours }),
  acceptedLogClockMs: (value, state, conflict) =>
    isSettingValue('acceptedLogClockMs', value) && Number(value) <= LATEST_DATE_MS
      ? taking(
          'AcceptLogClock',
          'clock accept-log',
          { kma: writerOf(state, conflict) },
          { until: dateText(Number(value)) },
        )
      : null,
};

/** Null where there is none. */
export function takeOther(state: StateView, conflict: Conflict): Taking | null {
  const { kind, inTable, inColumn } = conflict;
  const table = inTable ?? '';
  const { name, field } = subjectOf(state, conflict);
  if (kind === 'removed') return isNamed(table) ? made(state, table, conflict, name) : null;
  if (table === 'setting') return ofSetting(state, conflict);
  const special = TAKINGS[`${table} ${inColumn}`];
  if (special !== undefined) return special(state, conflict, name);
  if (!Object.hasOwn(THINGS, table)) return null;
  const [thing, word, by] = THINGS[table as keyof typeof THINGS];
  return taking(`Modify${thing}`, `${word} modify`, { [by]: name }, { [field]: inputValue(state, conflict) });
}

/** What is deleted stays so: it is made again, as it was. */
function made(state: StateView, table: Named, conflict: Conflict, name: string): Taking {
  const [thing, word, by] = THINGS[table];
  return taking(`Create${thing}`, `${word} create`, { [by]: name }, madeAgain(state, table, conflict));
}

/** The one of two that has their name gives it to the other. */
export function deleteKeeper(table: Named, name: string): Taking {
  const [thing, word, by] = THINGS[table];
  return taking(`Delete${thing}`, `${word} delete`, { [by]: name });
}

function ofSetting(state: StateView, conflict: Conflict): Taking | null {
  const setting = conflict.rowId ?? '';
  const text = readValue(conflict.lostValueJson);
  const value = typeof text === 'string' ? readValue(text) : null;
  const known = SETTINGS[setting];
  if (known !== undefined) return known(value, state, conflict);
  const isOne = typeof value === 'boolean' || typeof value === 'number';
  if (!isOne || !Object.hasOwn(SECURITY_PARAMETERS, setting)) return null;
  return taking('ModifySecurityParameters', 'security modify', {}, { [setting]: value });
}

/** Of the value that lost: which KMA's records it was for is not kept, and it counts for those of all. */
function writerOf(state: StateView, { lostStamp }: Conflict): string {
  const writer = lostStamp === null ? null : kmaOfIncarnation(state, incarnationOf(lostStamp as Stamp));
  return nameOf(state, 'kma', writer);
}

/** As it is typed; "" where there is none. */
export function commandText(wanted: Taking | null): string {
  if (wanted === null) return '';
  const { words, named, input } = wanted;
  const options = Object.entries(input).filter(([name]) => !named.includes(name));
  return [
    `okm ${words}`,
    ...named.map((name) => quoted(String(input[name]))),
    ...options.map(([name, value]) => option(name, value)),
  ].join(' ');
}

function option(name: string, value: unknown): string {
  const kebab = name.replace(/([a-z0-9])([A-Z])/g, '$1-$2').toLowerCase();
  if (typeof value === 'boolean') return `--${value ? '' : 'no-'}${kebab}`;
  return `--${kebab} ${Array.isArray(value) ? value.join(',') : quoted(String(value))}`;
}

/** For a shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./~-]+$/.test(text) && !text.startsWith('~')
    ? text
    : `'${text.replaceAll("'", "'\\''")}'`;
}
