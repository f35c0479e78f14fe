/** ShowSnmpManager and ListSnmpManagers: whom all KMAs send their alarms to, as people see it. They show no passphrase and no key. */
import { z } from 'zod';
import { isRefusal } from '../../core/refusal.ts';
import type { StateView } from '../../core/state.ts';
import type { Row } from '../../core/tables.ts';
import { reading } from '../common-settings.ts';
import { find, livingRows, shownName } from '../entities.ts';
import { dateText, name } from '../fields.ts';
import { listOperation } from '../lists/list.ts';
import { namedEntity } from '../named-entity.ts';
import { operation } from '../operation.ts';

export const snmpManagerEntity = namedEntity('snmp_manager', 'manager');

const shown = z.strictObject({
  manager: z.string(),
  description: z.string(),
  address: z.string(),
  port: z.number(),
  enabled: z.boolean(),
  protocol: z.string(),
  /** "" of version 2c, as the next two. */
  userName: z.string(),
  authentication: z.string(),
  privacy: z.string(),
  createdAt: z.string(),
});

function managerShown(state: StateView, row: Row<'snmp_manager'>): z.infer<typeof shown> {
  const ofUser = (text: string | null) => (row.protocol === 'v3' ? (text ?? '') : '');
  return {
    manager: shownName(state, 'snmp_manager', row),
    description: row.description ?? '',
    address: row.address ?? '',
    port: row.port ?? 0,
    enabled: row.enabled === 1,
    protocol: row.protocol ?? '',
    userName: ofUser(row.userName),
    authentication: ofUser(row.authentication),
    privacy: ofUser(row.privacy),
    createdAt: dateText(row.createdAt),
  };
}

const looking = { ...reading, callers: ['SECURITY_OFFICER', 'OPERATOR', 'AUDITOR'] } as const;

export const listSnmpManagers = listOperation({
  ...looking,
  name: 'ListSnmpManagers',
  http: { method: 'GET', path: '/v1/snmp-managers' },
  summary: 'Lists the SNMP managers that all KMAs send their alarms to.',
  row: shown,
  key: ['manager'],
  order: 'manager',
  command: { words: ['snmp-manager', 'list'], example: 'kma snmp-manager list --user officer' },
  rows: ({ state }) => livingRows(state, 'snmp_manager').map((row) => managerShown(state, row)),
});

export const showSnmpManager = operation({
  ...looking,
  name: 'ShowSnmpManager',
  http: { method: 'GET', path: '/v1/snmp-managers/{manager}' },
  entity: snmpManagerEntity,
  summary: 'Shows an SNMP manager.',
  input: z.strictObject({ manager: name('SNMP manager ID') }),
  output: shown,
  command: {
    words: ['snmp-manager', 'show'],
    arguments: ['manager'],
    example: 'kma snmp-manager show noc --user officer',
  },
  view(input, { state }) {
    const row = find(state, 'snmp_manager', input.manager, 'SNMP_MANAGER_DOES_NOT_EXIST');
    return isRefusal(row) ? row : managerShown(state, row);
  },
});
