/** What the operations on the platform of one KMA have in common. It decides nothing. */
import { type PlatformSettings, readPlatformSettings } from '../../platform-settings/index.ts';
import type { DecideContext } from '../contexts.ts';
import { NO_PLATFORM, type PlatformStates } from './desk.ts';

/** Where there is no running core nothing is set. */
export function settingsOf({ platformSettings }: Pick<DecideContext, 'platformSettings'>): PlatformSettings {
  return platformSettings?.() ?? readPlatformSettings(() => undefined);
}

export function statesOf({ platformStates }: Pick<DecideContext, 'platformStates'>): PlatformStates {
  return platformStates?.() ?? NO_PLATFORM;
}

/** On one line, what a part says of itself. */
export function summaryOf(context: Pick<DecideContext, 'platformStates'>, part: string): string {
  const { wanted, parts } = statesOf(context);
  const found = parts.get(part)?.summary;
  return found ?? (wanted ? 'unknown: the platform process is not there' : 'off');
}
