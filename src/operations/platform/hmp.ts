/** ShowHmp, EnableHmp and DisableHmp: the SNMP agent of this KMA, which shows one user of SNMPv3 how machine and KMA fare. Of passphrases nothing is kept but keys that are good for this agent alone. */
import { z } from 'zod';
import type { Refusal } from '../../core/refusal.ts';
import { engineIdOf } from '../../core/snmp-engine-id.ts';
import { type HmpSetting, hmpSetting } from '../../platform-settings/hmp.ts';
import { settingRow } from '../../platform-settings/index.ts';
import type { SecretBytes } from '../../security/secret-bytes.ts';
import { localizedSnmpKey, type SnmpAuthentication, snmpKey } from '../../security/snmp-keys.ts';
import { machineOfficer, reading } from '../common-settings.ts';
import { passphrase } from '../fields.ts';
import { operation } from '../operation.ts';
import { success } from '../success.ts';
import { settingsOf, summaryOf } from './common.ts';
import { protectionFields, unfit } from './snmp-protection.ts';

export const showHmp = operation({
  ...reading,
  callers: ['SECURITY_OFFICER', 'OPERATOR', 'AUDITOR'],
  name: 'ShowHmp',
  http: { method: 'GET', path: '/v1/hmp' },
  summary: 'Shows whether the SNMP agent of this KMA answers (Hardware Management Pack), and whom.',
  input: z.strictObject({}),
  output: z.strictObject({
    enabled: z.boolean(),
    userName: z.string(),
    authentication: z.string(),
    privacy: z.string(),
    state: z.string(),
  }),
  command: { words: ['hmp', 'show'], example: 'kma hmp show --user officer' },
  decide(_input, context) {
    const { enabled, user, authentication, privacy } = settingsOf(context).hmp;
    const known = enabled ? { authentication, privacy } : { authentication: '', privacy: '' };
    return {
      facts: [],
      output: { enabled, userName: user, ...known, state: summaryOf(context, 'hmp') },
    };
  },
});

export const enableHmp = operation({
  ...machineOfficer,
  name: 'EnableHmp',
  http: { method: 'PUT', path: '/v1/hmp' },
  summary:
    'Lets the SNMP agent of this KMA answer one user of SNMPv3 on UDP port 161: system, processors, memory, sensors, health of the KMA; read only.',
  input: z.strictObject({
    userName: protectionFields.userName,
    authentication: protectionFields.authentication.default('SHA-256'),
    privacy: protectionFields.privacy.default('AES-128'),
    passphrase: passphrase('passphrase of that user'),
    privacyPassphrase: protectionFields.privacyPassphrase.optional(),
  }),
  output: z.null(),
  command: {
    words: ['hmp', 'enable'],
    example: 'kma hmp enable --user-name monitor --passphrase-file monitor.txt --user officer',
  },
  async prepare(input, { self }): Promise<HmpSetting | Refusal> {
    const refusal = unfit({ protocol: 'v3', ...input }, input);
    if (refusal !== null) return refusal;
    const { userName: user, authentication, privacy } = input;
    const key = (secret: SecretBytes) => keyText(secret, self.kmaId, authentication);
    return {
      ...{ enabled: true, user, authentication, privacy },
      authenticationKey: key(input.passphrase),
      privacyKey: key(input.privacyPassphrase ?? input.passphrase),
    };
  },
  decide: (_input, _context, setting: HmpSetting) => ({
    facts: [],
    local: settingRow('hmp', setting),
    output: null,
    effects: [{ effect: 'platform-changed' }],
    audit: success(
      `snmpUser=${setting.user} authentication=${setting.authentication} privacy=${setting.privacy}`,
    ),
  }),
});

export const disableHmp = operation({
  ...machineOfficer,
  name: 'DisableHmp',
  http: { method: 'DELETE', path: '/v1/hmp' },
  summary: 'Closes the SNMP agent of this KMA, and forgets its user.',
  input: z.strictObject({}),
  output: z.null(),
  command: { words: ['hmp', 'disable'], example: 'kma hmp disable --user officer' },
  decide: () => ({
    facts: [],
    local: settingRow('hmp', hmpSetting.parse({})),
    output: null,
    effects: [{ effect: 'platform-changed' }],
    audit: success('snmp agent closed'),
  }),
});

function keyText(passphrase: SecretBytes, kmaId: string, authentication: SnmpAuthentication): string {
  const key = snmpKey(passphrase, authentication);
  const localized = localizedSnmpKey(key, Buffer.from(engineIdOf(kmaId), 'hex'), authentication);
  key.wipe();
  return localized.reveal().toString('base64');
}

export const hmpOperations = [showHmp, enableHmp, disableHmp];
