/** ShowKeyPolicy: a key policy as people see it, and the version of what they see. It changes nothing. */
import { z } from 'zod';
import { isRefusal } from '../core/refusal.ts';
import type { StateView } from '../core/state.ts';
import type { Row } from '../core/tables.ts';
import { find, shownName } from './entities.ts';
import { dateText, durationText, name } from './fields.ts';
import { namedEntity } from './named-entity.ts';
import { operation } from './operation.ts';

export const keyPolicyEntity = namedEntity('key_policy', 'policy');

export const shownKeyPolicy = z.strictObject({
  policy: z.string(),
  description: z.string(),
  encryptionPeriod: z.string(),
  cryptoperiod: z.string(),
  allowExportFrom: z.boolean(),
  allowImportTo: z.boolean(),
  allowAgentsToRevoke: z.boolean(),
  createdAt: z.string(),
});

export function keyPolicyShown(state: StateView, row: Row<'key_policy'>): z.infer<typeof shownKeyPolicy> {
  return {
    policy: shownName(state, 'key_policy', row),
    description: row.description ?? '',
    encryptionPeriod: durationText(row.encryptionPeriodSeconds),
    cryptoperiod: durationText(row.cryptoperiodSeconds),
    allowExportFrom: row.allowExportFrom === 1,
    allowImportTo: row.allowImportTo === 1,
    allowAgentsToRevoke: row.allowAgentsToRevoke === 1,
    createdAt: dateText(row.createdAt),
  };
}

export const showKeyPolicy = operation({
  callers: ['COMPLIANCE_OFFICER'],
  quorum: false,
  needsUnlocked: false,
  changes: false,
  audit: { class: 'Management', retention: 'short' },
  name: 'ShowKeyPolicy',
  http: { method: 'GET', path: '/v1/key-policies/{policy}' },
  entity: keyPolicyEntity,
  summary: 'Shows a key policy.',
  input: z.strictObject({ policy: name('key policy ID') }),
  output: shownKeyPolicy,
  command: {
    words: ['policy', 'show'],
    arguments: ['policy'],
    example: 'kma policy show tapes --user compliance',
  },
  view(input, { state }) {
    const keyPolicy = find(state, 'key_policy', input.policy, 'KEY_POLICY_DOES_NOT_EXIST');
    return isRefusal(keyPolicy) ? keyPolicy : keyPolicyShown(state, keyPolicy);
  },
});
