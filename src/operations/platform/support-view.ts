/** Technical support as people are shown it: the setting, and what the platform process says of what runs. It asks nothing. */
import { z } from 'zod';
import { SUPPORT_ACCOUNT, type SupportSetting } from '../../platform-settings/support.ts';
import type { DecideContext } from '../contexts.ts';
import { dateText } from '../fields.ts';
import { statesOf, summaryOf } from './common.ts';

const fingerprints = z.array(z.strictObject({ type: z.string().max(16), sha256: z.string().max(64) })).max(4);

/** As the platform process gives host keys that it made. */
export const hostKeySet = z.strictObject({ hostKeys: z.string().regex(/^[0-9A-F]{16}$/), fingerprints });
export type HostKeySet = z.infer<typeof hostKeySet>;

/** What the part says beyond its summary. */
const details = z.looseObject({
  sessions: z.array(z.looseObject({ from: z.string(), by: z.string(), sinceMs: z.number() })),
  fingerprints,
});

export const supportShape = z.strictObject({
  /** "off", "enabled" or "expired". */
  technicalSupport: z.enum(['off', 'enabled', 'expired']),
  primaryAdministrator: z.boolean(),
  account: z.string(),
  /** "" where there is no term. */
  expiresAt: z.string(),
  password: z.boolean(),
  /** Types and names of the keys that may log in. */
  keys: z.array(z.string()),
  /** What runs, and where. */
  state: z.string(),
  /** To be compared by who connects for the first time. */
  hostKeys: z.array(z.string()),
  sessions: z.array(z.string()),
});

export function shownSupport(
  setting: SupportSetting,
  context: DecideContext,
  state = summaryOf(context, 'support'),
  made: HostKeySet | null = null,
): z.infer<typeof supportShape> {
  const told = details.safeParse(statesOf(context).parts.get('support')?.details).data;
  const { enabled, expiresAtMs } = setting;
  const running = expiresAtMs > context.nowMs ? 'enabled' : 'expired';
  const shown = made?.fingerprints ?? told?.fingerprints ?? [];
  return {
    technicalSupport: enabled ? running : 'off',
    primaryAdministrator: setting.primaryAdministrator,
    account: SUPPORT_ACCOUNT,
    expiresAt: enabled ? dateText(expiresAtMs) : '',
    password: setting.passwordHash !== null,
    keys: setting.authorizedKeys.map(withoutKey),
    state,
    hostKeys: shown.map(({ type, sha256 }) => `${type} ${sha256}`),
    sessions: (told?.sessions ?? []).map(
      ({ from, by, sinceMs }) => `${from} by ${by} since ${dateText(sinceMs)}`,
    ),
  };
}

function withoutKey(line: string): string {
  const [type = '', , name = ''] = line.split(' ');
  return `${type} ${name}`.trim();
}
