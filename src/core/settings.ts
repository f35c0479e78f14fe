/** Cluster-wide settings: names, ranges, defaults and typed reading; a value that is missing or malformed counts as the default. */
import { type Fact, set } from './facts.ts';
import type { KeySplitId, MasterEpochId, RootEpochId } from './ids.ts';
import type { StateView } from './state.ts';

interface IntegerSetting {
  readonly kind: 'integer';
  readonly minimum: number;
  readonly maximum: number;
  readonly default: number;
}
interface FlagSetting {
  readonly kind: 'flag';
  readonly default: boolean;
}
/** Names a row that is current; null before QuickStart. */
interface IdSetting<Id extends string> {
  readonly kind: 'id';
  readonly default: Id | null;
}

const integer = (initial: number, minimum: number, maximum: number): IntegerSetting => ({
  kind: 'integer',
  minimum,
  maximum,
  default: initial,
});
const flag = (initial: boolean): FlagSetting => ({ kind: 'flag', default: initial });
const id = <Id extends string>(): IdSetting<Id> => ({ kind: 'id', default: null });

const termRecords = (initial: number) => integer(initial, 1000, 1_000_000);
const termDays = (initial: number) => integer(initial, 7, 25_185);

/** The settings a Security Officer changes as one list (product reference 10.1). */
export const SECURITY_PARAMETERS = {
  longTermRecords: termRecords(1_000_000),
  longTermDays: termDays(730),
  mediumTermRecords: termRecords(100_000),
  mediumTermDays: termDays(90),
  shortTermRecords: termRecords(10_000),
  shortTermDays: termDays(7),
  loginAttemptLimit: integer(5, 1, 1000),
  passphraseMinimumLength: integer(8, 8, 64),
  /** Minutes; 0 = sessions never end by themselves. */
  sessionInactivityMinutes: integer(15, 0, 60),
  /** On: keys leave only wrapped under a key of the agent's. */
  fipsModeOnly: flag(false),
  pendingCredentialsHours: integer(48, 1, 24 * 365),
  /** 49 years; for the next renewal. */
  rootCaDays: integer(17_897, 30, 36_525),
  /** For certificates issued from now on; none outlives the root. */
  entityCertificateDays: integer(17_897, 30, 36_525),
} as const;

export const SETTINGS = {
  ...SECURITY_PARAMETERS,
  /** Of each KMA, not of all together. */
  keyPoolSize: integer(1000, 1000, 200_000),
  /** Between two database backups; 0: nothing is scheduled. */
  backupEveryHours: integer(0, 0, 24 * 366),
  /** Records up to that time count, in whatever log they stand, though a clock was ahead when they were made. */
  acceptedLogClockMs: integer(0, 0, Number.MAX_SAFE_INTEGER),
  currentKeySplitId: id<KeySplitId>(),
  currentRootEpochId: id<RootEpochId>(),
  currentMasterEpochId: id<MasterEpochId>(),
} as const;

export type SecurityParameterName = keyof typeof SECURITY_PARAMETERS;
export type SettingName = keyof typeof SETTINGS;
export type SettingValue<N extends SettingName> = (typeof SETTINGS)[N] extends IntegerSetting
  ? number
  : (typeof SETTINGS)[N] extends FlagSetting
    ? boolean
    : (typeof SETTINGS)[N]['default'];

export function readSetting<N extends SettingName>(state: Pick<StateView, 'get'>, name: N): SettingValue<N> {
  const text = state.get('setting', name)?.valueJson ?? null;
  const value = text === null ? undefined : parse(text);
  return (isSettingValue(name, value) ? value : SETTINGS[name].default) as SettingValue<N>;
}

export function isSettingValue(name: SettingName, value: unknown): boolean {
  const setting = SETTINGS[name];
  switch (setting.kind) {
    case 'integer':
      return Number.isInteger(value) && Number(value) >= setting.minimum && Number(value) <= setting.maximum;
    case 'flag':
      return typeof value === 'boolean';
    case 'id':
      return typeof value === 'string';
  }
}

export function settingFact<N extends SettingName>(name: N, value: SettingValue<N>): Fact {
  return set('setting', name, { valueJson: JSON.stringify(value) });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
