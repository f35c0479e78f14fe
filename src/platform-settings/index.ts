/** The settings of one KMA and its machine, each a row of the store's local table: not replicated, in no backup, gone at a reset. A row that is missing or malformed counts as the default. It reads no store. */
import type { z } from 'zod';
import { dnsSetting } from './dns.ts';
import { hmpSetting } from './hmp.ts';
import { ntpSetting } from './ntp.ts';
import { supportSetting } from './support.ts';
import { syslogSetting } from './syslog.ts';

/** One line for each setting; every schema takes `{}` and makes the default of it. */
export const PLATFORM_SETTING_SCHEMAS = {
  dns: dnsSetting,
  syslog: syslogSetting,
  ntp: ntpSetting,
  support: supportSetting,
  hmp: hmpSetting,
} as const;

export type PlatformSettingName = keyof typeof PLATFORM_SETTING_SCHEMAS;
export type PlatformSetting<N extends PlatformSettingName> = z.infer<(typeof PLATFORM_SETTING_SCHEMAS)[N]>;
export type PlatformSettings = { readonly [N in PlatformSettingName]: PlatformSetting<N> };

/** Whether there is anything to do for it: what was switched off again may keep more than its default. */
const IS_ON: { readonly [N in PlatformSettingName]: (value: PlatformSetting<N>) => boolean } = {
  dns: ({ servers }) => servers.length > 0,
  syslog: ({ servers }) => servers.length > 0,
  ntp: ({ server }) => server !== '',
  support: ({ enabled }) => enabled,
  hmp: ({ enabled }) => enabled,
};

export function isAnythingOn(settings: PlatformSettings): boolean {
  const is = <N extends PlatformSettingName>(name: N) => IS_ON[name](settings[name]);
  return (Object.keys(IS_ON) as PlatformSettingName[]).some((name) => is(name));
}

const rowOf = (name: PlatformSettingName) => `platform.${name}`;

/** What an operation gives as `local` of what it accepts. */
export function settingRow<N extends PlatformSettingName>(
  name: N,
  value: PlatformSetting<N>,
): Record<string, string> {
  return { [rowOf(name)]: JSON.stringify(value) };
}

export function readPlatformSettings(getLocal: (name: string) => string | undefined): PlatformSettings {
  const names = Object.keys(PLATFORM_SETTING_SCHEMAS) as PlatformSettingName[];
  return Object.fromEntries(
    names.map((name) => [name, settingFrom(name, getLocal(rowOf(name)))]),
  ) as PlatformSettings;
}

function settingFrom(name: PlatformSettingName, text: string | undefined): unknown {
  const schema = PLATFORM_SETTING_SCHEMAS[name];
  const found = text === undefined ? undefined : schema.safeParse(parsed(text)).data;
  return found ?? schema.parse({});
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
