/** Operations on key policies; the two periods are fixed when the policy is created, because keys rest on them. */
import { z } from 'zod';
import { created, removed, set } from '../core/facts.ts';
import { INTERNAL_ID_BYTES, idFrom } from '../core/ids.ts';
import { byName } from '../core/live.ts';
import { isRefusal, refuse } from '../core/refusal.ts';
import { compliance } from './common-settings.ts';
import { find, isUsed, livingRows } from './entities.ts';
import { description, duration, durationText, flag, name } from './fields.ts';
import { listOperation } from './lists/list.ts';
import { newName } from './new-name.ts';
import { operation } from './operation.ts';
import { keyPolicyEntity, keyPolicyShown, showKeyPolicy, shownKeyPolicy } from './show-key-policy.ts';
import { success } from './success.ts';

const flags = {
  allowExportFrom: flag('keys of the policy may be exported').default(false),
  allowImportTo: flag('keys may be imported into the policy').default(false),
  allowAgentsToRevoke: flag('agents may revoke keys of the policy').default(false),
};

export const createKeyPolicy = operation({
  ...compliance,
  name: 'CreateKeyPolicy',
  http: { method: 'POST', path: '/v1/key-policies' },
  summary: 'Creates a key policy with its encryption period and cryptoperiod.',
  input: z
    .strictObject({
      policy: newName('key policy ID'),
      encryptionPeriod: duration('how long a key encrypts, such as 90d, 6m, 2y'),
      cryptoperiod: duration('how long a key decrypts in the ordinary way; at least the encryption period'),
      description: description().default(''),
      ...flags,
    })
    .refine((input) => input.encryptionPeriod <= input.cryptoperiod, {
      path: ['cryptoperiod'],
      message: 'the cryptoperiod is at least the encryption period',
    }),
  output: z.null(),
  command: {
    words: ['policy', 'create'],
    arguments: ['policy'],
    example: 'kma policy create tapes --encryption-period 2y --cryptoperiod 10y --user compliance',
  },
  decide(input, { state, nowMs, random }) {
    if (byName(state, 'key_policy', input.policy) !== undefined)
      return refuse('KEY_POLICY_EXISTS', input.policy);
    const id = idFrom(random(INTERNAL_ID_BYTES));
    const facts = [
      created('key_policy', id, {
        name: input.policy,
        createdAt: nowMs,
        encryptionPeriodSeconds: input.encryptionPeriod,
        cryptoperiodSeconds: input.cryptoperiod,
      }),
      set('key_policy', id, {
        description: input.description,
        allowExportFrom: Number(input.allowExportFrom),
        allowImportTo: Number(input.allowImportTo),
        allowAgentsToRevoke: Number(input.allowAgentsToRevoke),
      }),
    ];
    return {
      facts,
      output: null,
      audit: success(
        `policy=${input.policy} encryptionPeriod=${durationText(input.encryptionPeriod)} cryptoperiod=${durationText(input.cryptoperiod)}`,
      ),
    };
  },
});

export const listKeyPolicies = listOperation({
  ...compliance,
  changes: false,
  audit: { class: 'Management', retention: 'short' },
  name: 'ListKeyPolicies',
  http: { method: 'GET', path: '/v1/key-policies' },
  summary: 'Lists the key policies.',
  row: shownKeyPolicy,
  key: ['policy'],
  order: 'policy',
  command: { words: ['policy', 'list'], example: 'kma policy list --user compliance' },
  rows({ state }) {
    return livingRows(state, 'key_policy').map((row) => keyPolicyShown(state, row));
  },
});

export const modifyKeyPolicy = operation({
  ...compliance,
  name: 'ModifyKeyPolicy',
  http: { method: 'PATCH', path: '/v1/key-policies/{policy}' },
  entity: keyPolicyEntity,
  summary: "Changes a key policy's description and flags; its periods are fixed.",
  input: z.strictObject({
    policy: name('key policy ID'),
    description: description().optional(),
    allowExportFrom: flags.allowExportFrom.unwrap().optional(),
    allowImportTo: flags.allowImportTo.unwrap().optional(),
    allowAgentsToRevoke: flags.allowAgentsToRevoke.unwrap().optional(),
  }),
  output: z.null(),
  command: {
    words: ['policy', 'modify'],
    arguments: ['policy'],
    example: 'kma policy modify tapes --allow-export-from --user compliance',
  },
  decide({ policy: policyName, ...changes }, { state }) {
    const policy = find(state, 'key_policy', policyName, 'KEY_POLICY_DOES_NOT_EXIST');
    if (isRefusal(policy)) return policy;
    const cells = Object.fromEntries(
      Object.entries(changes).flatMap(([field, value]) =>
        value === undefined ? [] : [[field, typeof value === 'boolean' ? Number(value) : value]],
      ),
    );
    const facts = Object.keys(cells).length === 0 ? [] : [set('key_policy', policy.id, cells)];
    return {
      facts,
      output: null,
      audit: success(`policy=${policyName} changed=${Object.keys(cells).join(',')}`),
    };
  },
});

export const deleteKeyPolicy = operation({
  ...compliance,
  name: 'DeleteKeyPolicy',
  http: { method: 'DELETE', path: '/v1/key-policies/{policy}' },
  entity: keyPolicyEntity,
  summary: 'Deletes a key policy that no key group uses.',
  input: z.strictObject({ policy: name('key policy ID') }),
  output: z.null(),
  command: {
    words: ['policy', 'delete'],
    arguments: ['policy'],
    example: 'kma policy delete tapes --user compliance',
  },
  decide(input, { state }) {
    const policy = find(state, 'key_policy', input.policy, 'KEY_POLICY_DOES_NOT_EXIST');
    if (isRefusal(policy)) return policy;
    if (isUsed(state, 'key_group', 'policy', policy.id)) return refuse('KEY_POLICY_IN_USE', input.policy);
    return {
      facts: [removed('key_policy', policy.id)],
      output: null,
      audit: success(`policy=${input.policy}`),
    };
  },
});

export const keyPolicyOperations = [
  createKeyPolicy,
  listKeyPolicies,
  showKeyPolicy,
  modifyKeyPolicy,
  deleteKeyPolicy,
];
