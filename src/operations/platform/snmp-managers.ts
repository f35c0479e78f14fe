/** Operations on SNMP managers: receivers outside the cluster that every KMA tells of errors and alarms. What they are protected with is an object that a locked KMA reads too; a passphrase is kept nowhere. */
import { z } from 'zod';
import { created, removed, set } from '../../core/facts.ts';
import { INTERNAL_ID_BYTES, idFrom } from '../../core/ids.ts';
import { byName } from '../../core/live.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import type { LwwCells, Row } from '../../core/tables.ts';
import { securityOfficerMediumTerm } from '../common-settings.ts';
import { find, livingRows } from '../entities.ts';
import { description, flag, name, text } from '../fields.ts';
import { newName } from '../new-name.ts';
import { type NewObject, operation } from '../operation.ts';
import { success } from '../success.ts';
import { listSnmpManagers, showSnmpManager, snmpManagerEntity } from './show-snmp-manager.ts';
import { protectionFields, protectionOf, secretCells, secretObject, unfit } from './snmp-protection.ts';

/** Each is a connection of each KMA. */
const MANAGERS_MAX = 32;
const PORT = 162;

const fields = {
  address: text(1, 255, 'address of the manager, or its name where this KMA has DNS servers').refine(
    (value) => !/\s/.test(value),
    'no blanks',
  ),
  port: z.int().min(1).max(65_535).meta({ description: 'UDP port that it listens on; 162 unless given' }),
  enabled: flag('whether alarms are sent to it'),
};

export const createSnmpManager = operation({
  ...securityOfficerMediumTerm,
  name: 'CreateSnmpManager',
  http: { method: 'POST', path: '/v1/snmp-managers' },
  summary: 'Enters an SNMP manager: all KMAs of the cluster send their errors and alarms to it as INFORMs.',
  input: z.strictObject({
    manager: newName('SNMP manager ID'),
    description: description().default(''),
    address: fields.address,
    port: fields.port.default(PORT),
    enabled: fields.enabled.default(true),
    protocol: protectionFields.protocol.default('v3'),
    userName: protectionFields.userName.optional(),
    authentication: protectionFields.authentication.default('SHA-256'),
    privacy: protectionFields.privacy.default('AES-128'),
    passphrase: protectionFields.passphrase,
    privacyPassphrase: protectionFields.privacyPassphrase.optional(),
  }),
  output: z.null(),
  command: {
    words: ['snmp-manager', 'create'],
    arguments: ['manager'],
    example:
      'kma snmp-manager create noc --address 192.0.2.7 --user-name openkma --passphrase-file noc.txt --user officer',
  },
  async prepare(input, context) {
    const protection = protectionOf(undefined, input);
    const refusal = unfit(protection, input);
    return refusal ?? secretObject(context, protection, input.passphrase, input);
  },
  decide(input, { state, nowMs, random }, secret: NewObject) {
    if (byName(state, 'snmp_manager', input.manager) !== undefined)
      return refuse('SNMP_MANAGER_EXISTS', input.manager);
    if (livingRows(state, 'snmp_manager').length >= MANAGERS_MAX)
      return refuse('SNMP_MANAGERS_FULL', `${MANAGERS_MAX}`);
    const id = idFrom(random(INTERNAL_ID_BYTES));
    const { manager, passphrase: _p, privacyPassphrase: _q, enabled, userName, ...cells } = input;
    return {
      facts: [
        created('snmp_manager', id, { name: manager, createdAt: nowMs }),
        set('snmp_manager', id, {
          ...cells,
          userName: userName ?? null,
          enabled: Number(enabled),
          ...secretCells(secret),
        }),
      ],
      objects: [secret],
      output: null,
      effects: [{ effect: 'platform-changed' }],
      audit: success(`manager=${manager} ${placeText(input)} protocol=${input.protocol}`),
    };
  },
});

export const modifySnmpManager = operation({
  ...securityOfficerMediumTerm,
  name: 'ModifySnmpManager',
  http: { method: 'PATCH', path: '/v1/snmp-managers/{manager}' },
  entity: snmpManagerEntity,
  summary: 'Changes an SNMP manager; another version or hash needs its passphrase again.',
  input: z.strictObject({
    manager: name('SNMP manager ID'),
    description: description().optional(),
    address: fields.address.optional(),
    port: fields.port.optional(),
    enabled: fields.enabled.optional(),
    protocol: protectionFields.protocol.optional(),
    userName: protectionFields.userName.optional(),
    authentication: protectionFields.authentication.optional(),
    privacy: protectionFields.privacy.optional(),
    passphrase: protectionFields.passphrase.optional(),
    privacyPassphrase: protectionFields.privacyPassphrase.optional(),
  }),
  output: z.null(),
  command: {
    words: ['snmp-manager', 'modify'],
    arguments: ['manager'],
    example: 'kma snmp-manager modify noc --port 10162 --user officer',
  },
  async prepare(input, context): Promise<NewObject | null | Refusal> {
    const row = find(context.state, 'snmp_manager', input.manager, 'SNMP_MANAGER_DOES_NOT_EXIST');
    if (isRefusal(row)) return row;
    const protection = protectionOf(row, input);
    const refusal = unfit(protection, input);
    if (refusal !== null) return refusal;
    if (input.passphrase !== undefined) return secretObject(context, protection, input.passphrase, input);
    const before = protectionOf(row, {});
    const sameKeys =
      input.privacyPassphrase === undefined &&
      before.protocol === protection.protocol &&
      (protection.protocol === 'v2c' || before.authentication === protection.authentication);
    return sameKeys ? null : refuse('SNMP_PASSPHRASE_NEEDED', input.manager);
  },
  decide(input, { state }, secret: NewObject | null) {
    const row = find(state, 'snmp_manager', input.manager, 'SNMP_MANAGER_DOES_NOT_EXIST');
    if (isRefusal(row)) return row;
    const { manager, passphrase: _p, privacyPassphrase: _q, enabled, ...rest } = input;
    const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
    const cells: LwwCells<'snmp_manager'> = {
      ...given,
      ...(enabled === undefined ? {} : { enabled: Number(enabled) }),
      ...(secret === null ? {} : secretCells(secret)),
    };
    const changed = Object.keys(cells).filter((column) => !column.startsWith('secret'));
    if (secret !== null) changed.push('passphrase');
    return {
      facts: Object.keys(cells).length === 0 ? [] : [set('snmp_manager', row.id, cells)],
      objects: secret === null ? [] : [secret],
      erase: secret === null ? [] : secretsOf(row),
      output: null,
      effects: [{ effect: 'platform-changed' }],
      audit: success(`manager=${manager} changed=${changed.join(',')}`),
    };
  },
});

export const deleteSnmpManager = operation({
  ...securityOfficerMediumTerm,
  name: 'DeleteSnmpManager',
  http: { method: 'DELETE', path: '/v1/snmp-managers/{manager}' },
  entity: snmpManagerEntity,
  summary: 'Deletes an SNMP manager; what waits for it at the KMAs is not sent any more.',
  input: z.strictObject({ manager: name('SNMP manager ID') }),
  output: z.null(),
  command: {
    words: ['snmp-manager', 'delete'],
    arguments: ['manager'],
    example: 'kma snmp-manager delete noc --user officer',
  },
  decide(input, { state }) {
    const row = find(state, 'snmp_manager', input.manager, 'SNMP_MANAGER_DOES_NOT_EXIST');
    if (isRefusal(row)) return row;
    return {
      facts: [removed('snmp_manager', row.id)],
      erase: secretsOf(row),
      output: null,
      effects: [{ effect: 'platform-changed' }],
      audit: success(`manager=${input.manager}`),
    };
  },
});

const secretsOf = ({ secretObjectId }: Row<'snmp_manager'>) =>
  secretObjectId === null ? [] : [secretObjectId];
const placeText = ({ address, port }: { readonly address: string; readonly port: number }) =>
  `address=${address} port=${port}`;

export const snmpManagerOperations = [
  createSnmpManager,
  listSnmpManagers,
  showSnmpManager,
  modifySnmpManager,
  deleteSnmpManager,
];
