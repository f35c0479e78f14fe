/** Technical support: SSH to this KMA for one account, off unless a Security Officer enables it, for some days; and Primary Administrator, which makes that account root's. They open and close nothing themselves. */
import { z } from 'zod';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { brokenSupportPasswordRule } from '../../core/support-password.ts';
import { settingRow } from '../../platform-settings/index.ts';
import {
  authorizedKey,
  SUPPORT_ACCOUNT,
  SUPPORT_DAYS,
  SUPPORT_KEYS_MAX,
  type SupportSetting,
} from '../../platform-settings/support.ts';
import type { SecretBytes } from '../../security/secret-bytes.ts';
import { UNIX_SALT_BYTES, unixPasswordHash } from '../../security/unix-password-hash.ts';
import { machineOfficer, reading } from '../common-settings.ts';
import type { DecideContext, PrepareContext } from '../contexts.ts';
import { dateText, flag, passphrase } from '../fields.ts';
import { operation } from '../operation.ts';
import { warning } from '../success.ts';
import { settingsOf } from './common.ts';
import { type HostKeySet, hostKeySet, shownSupport, supportShape } from './support-view.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

const term = {
  maximumAgeDays: z
    .int()
    .min(1)
    .max(SUPPORT_DAYS.max)
    .default(SUPPORT_DAYS.default)
    .meta({ description: `days until nobody logs in any more, at most ${SUPPORT_DAYS.max}` }),
  newHostKeys: flag('make new host keys; at the first time they are made in any case').default(false),
};
const keys = z
  .array(authorizedKey)
  .max(SUPPORT_KEYS_MAX)
  .meta({ description: 'OpenSSH public keys that may log in, such as "ssh-ed25519 AAAA... name"' });

interface Prepared {
  readonly passwordHash: string | null;
  /** Null where those of before go on. */
  readonly made: HostKeySet | null;
}

export const enableTechnicalSupport = operation({
  ...machineOfficer,
  name: 'EnableTechnicalSupport',
  http: { method: 'POST', path: '/v1/support/enable' },
  summary: `Enables technical support: SSH on port 22 of this KMA for the account "${SUPPORT_ACCOUNT}", with a password and diagnostics only.`,
  input: z.strictObject({
    password: passphrase('password of the support account, at least 15 characters of all four kinds'),
    authorizedKeys: keys.default([]),
    ...term,
  }),
  output: supportShape,
  command: {
    words: ['support', 'enable'],
    example: 'kma support enable --maximum-age-days 3 --password-file password.txt --user officer',
  },
  async prepare({ password, newHostKeys }, context): Promise<Prepared | Refusal> {
    const names = [SUPPORT_ACCOUNT, context.self.kmaName];
    const broken = brokenSupportPasswordRule(password.reveal().toString('utf8'), names);
    if (broken !== null) return refuse('SUPPORT_PASSWORD_WEAK', broken);
    return prepared(context, newHostKeys, password);
  },
  decide: (input, context, ready: Prepared) => enabled(input, context, ready),
});

export const enableTechnicalSupportForKeys = operation({
  ...machineOfficer,
  name: 'EnableTechnicalSupportForKeys',
  http: { method: 'POST', path: '/v1/support/enable-for-keys' },
  summary: 'Enables technical support as above, for those alone who hold one of the given SSH keys.',
  input: z.strictObject({ authorizedKeys: keys.min(1), ...term }),
  output: supportShape,
  command: {
    words: ['support', 'enable-for-keys'],
    example: 'kma support enable-for-keys --authorized-keys "$(cat ann.pub)" --user officer',
  },
  prepare: ({ newHostKeys }, context) => prepared(context, newHostKeys, null),
  decide: (input, context, ready: Prepared) => enabled(input, context, ready),
});

export const disableTechnicalSupport = operation({
  ...machineOfficer,
  callers: ['SECURITY_OFFICER', 'OPERATOR'],
  name: 'DisableTechnicalSupport',
  http: { method: 'POST', path: '/v1/support/disable' },
  summary: 'Disables technical support and Primary Administrator: sessions end, and the port is closed.',
  input: z.strictObject({}),
  output: supportShape,
  command: { words: ['support', 'disable'], example: 'kma support disable --user operator' },
  decide(_input, context) {
    const { hostKeys, enabled: was } = settingsOf(context).support;
    const after: SupportSetting = {
      enabled: false,
      passwordHash: null,
      authorizedKeys: [],
      enabledAtMs: 0,
      expiresAtMs: 0,
      primaryAdministrator: false,
      hostKeys,
    };
    return changed(context, after, 'Technical support disabled', `was=${was ? 'enabled' : 'disabled'}`);
  },
});

export const enablePrimaryAdministrator = operation({
  ...machineOfficer,
  name: 'EnablePrimaryAdministrator',
  http: { method: 'POST', path: '/v1/support/primary-administrator/enable' },
  summary: 'Gives the support account a real shell with root rights, while technical support is enabled.',
  input: z.strictObject({}),
  output: supportShape,
  command: {
    words: ['support', 'primary-administrator', 'enable'],
    example: 'kma support primary-administrator enable --user officer',
  },
  decide(_input, context) {
    const before = settingsOf(context).support;
    if (!before.enabled || before.expiresAtMs <= context.nowMs) return refuse('SUPPORT_NOT_ENABLED');
    const after = { ...before, primaryAdministrator: true };
    return changed(context, after, 'Primary administrator enabled', `expires=${dateText(after.expiresAtMs)}`);
  },
});

export const disablePrimaryAdministrator = operation({
  ...machineOfficer,
  callers: ['SECURITY_OFFICER', 'OPERATOR'],
  name: 'DisablePrimaryAdministrator',
  http: { method: 'POST', path: '/v1/support/primary-administrator/disable' },
  summary: 'Takes root and the real shell from the support account; its sessions end.',
  input: z.strictObject({}),
  output: supportShape,
  command: {
    words: ['support', 'primary-administrator', 'disable'],
    example: 'kma support primary-administrator disable --user operator',
  },
  decide(_input, context) {
    const before = settingsOf(context).support;
    const after = { ...before, primaryAdministrator: false };
    const was = before.primaryAdministrator ? 'enabled' : 'disabled';
    return changed(context, after, 'Primary administrator disabled', `was=${was}`);
  },
});

export const regenerateSupportHostKeys = operation({
  ...machineOfficer,
  name: 'RegenerateSupportHostKeys',
  http: { method: 'POST', path: '/v1/support/host-keys' },
  summary: 'Makes new SSH host keys for technical support and shows their fingerprints; sessions end.',
  input: z.strictObject({}),
  output: supportShape,
  command: { words: ['support', 'new-host-keys'], example: 'kma support new-host-keys --user officer' },
  prepare: (_input, context) => prepared(context, true, null),
  decide(_input, context, { made }: Prepared) {
    const before = settingsOf(context).support;
    const after = { ...before, hostKeys: made?.hostKeys ?? before.hostKeys };
    return changed(context, after, 'Support host keys made anew', fingerprintsText(made), made);
  },
});

export const showTechnicalSupport = operation({
  ...reading,
  callers: ['SECURITY_OFFICER', 'OPERATOR', 'AUDITOR'],
  name: 'ShowTechnicalSupport',
  http: { method: 'GET', path: '/v1/support' },
  summary: 'Shows whether technical support is enabled and until when, who is logged in, and the host keys.',
  input: z.strictObject({}),
  output: supportShape,
  command: { words: ['support', 'show'], example: 'kma support show --user auditor' },
  decide: (_input, context) => ({
    facts: [],
    output: shownSupport(settingsOf(context).support, context),
  }),
});

/** Host keys are made before anything is changed, so that what could not run is refused here. */
async function prepared(
  { platform, platformSettings, random }: PrepareContext,
  newHostKeys: boolean,
  password: SecretBytes | null,
): Promise<Prepared | Refusal> {
  if (platform === undefined) return refuse('PLATFORM_NOT_THERE');
  const first = (platformSettings?.().support.hostKeys ?? '') === '';
  const ask = first || newHostKeys ? 'make-host-keys' : 'ready';
  const answer = await platform.ask('support', { ask });
  if (isRefusal(answer)) return answer;
  const made = ask === 'ready' ? null : hostKeySet.parse(answer);
  const passwordHash = password === null ? null : await unixPasswordHash(password, random(UNIX_SALT_BYTES));
  return { passwordHash, made };
}

const CHANGING = 'is being changed: "kma support show" tells when it is done';

interface Enabling {
  readonly authorizedKeys: readonly string[];
  readonly maximumAgeDays: number;
}

/** Once more while it is enabled: with another password, from now on. Primary Administrator is to be enabled anew. */
function enabled({ authorizedKeys, maximumAgeDays }: Enabling, context: DecideContext, ready: Prepared) {
  const { nowMs } = context;
  const { passwordHash, made } = ready;
  const after: SupportSetting = {
    enabled: true,
    passwordHash,
    authorizedKeys: [...authorizedKeys],
    enabledAtMs: nowMs,
    expiresAtMs: nowMs + maximumAgeDays * DAY_MS,
    primaryAdministrator: false,
    hostKeys: made?.hostKeys ?? settingsOf(context).support.hostKeys,
  };
  const details = [
    `password=${passwordHash !== null}`,
    `keys=${authorizedKeys.length}`,
    `expires=${dateText(after.expiresAtMs)}`,
    ...(made === null ? [] : [fingerprintsText(made)]),
  ];
  return changed(context, after, 'Technical support enabled', details.join(' '), made);
}

function changed(
  context: DecideContext,
  after: SupportSetting,
  condition: string,
  message: string,
  made: HostKeySet | null = null,
) {
  return {
    facts: [],
    local: settingRow('support', after),
    output: shownSupport(after, context, CHANGING, made),
    effects: [{ effect: 'platform-changed' }] as const,
    audit: warning(condition, message),
  };
}

function fingerprintsText(made: HostKeySet | null): string {
  return (made?.fingerprints ?? []).map(({ type, sha256 }) => `${type}=${sha256}`).join(' ');
}

export const technicalSupportOperations = [
  showTechnicalSupport,
  enableTechnicalSupport,
  enableTechnicalSupportForKeys,
  disableTechnicalSupport,
  enablePrimaryAdministrator,
  disablePrimaryAdministrator,
  regenerateSupportHostKeys,
];
