/** Operations on data units: what was encrypted, with which keys. Agents make data units; people look at them and describe them. */
import { z } from 'zod';
import { DATA_UNIT_STATES } from '../core/data-unit-state.ts';
import { associationsOfUnit, keysOfUnit, stateOfDataUnit } from '../core/data-units.ts';
import { set } from '../core/facts.ts';
import { live } from '../core/live.ts';
import { refuse } from '../core/refusal.ts';
import type { StateView } from '../core/state.ts';
import type { Row } from '../core/tables.ts';
import { reading } from './common-settings.ts';
import { holdingBackup, holdingBackups } from './data-unit-backups.ts';
import { held, nameOf } from './entities.ts';
import { dataUnitId, dateText, description, text } from './fields.ts';
import { listOperation, storedListOperation } from './lists/list.ts';
import { operation } from './operation.ts';
import { type Entity, rowVersion } from './row-version.ts';
import { success } from './success.ts';

/** Agents' PKCS#11 providers keep the attributes of an object in the description and cannot do without (protocol 11). */
const PKCS11_MARK = 'PKCS#11v2.20';
export const shownDataUnit = z.strictObject({
  dataUnitId: z.string(),
  externalTag: z.string(),
  description: z.string(),
  state: z.enum(DATA_UNIT_STATES),
  keys: z.number(),
  createdAt: z.string(),
  createdBy: z.string(),
  externalUniqueId: z.string(),
});

export function dataUnitShown(
  state: StateView,
  unit: Row<'data_unit'>,
  nowMs: number,
): z.infer<typeof shownDataUnit> {
  return {
    dataUnitId: unit.id,
    externalTag: unit.externalTag ?? '',
    description: unit.description ?? '',
    state: stateOfDataUnit(state, unit, nowMs),
    keys: associationsOfUnit(state, unit).length,
    createdAt: dateText(unit.createdAt),
    createdBy: nameOf(state, 'agent', unit.createdBy),
    externalUniqueId: unit.externalUniqueId ?? '',
  };
}

export const listDataUnits = storedListOperation({
  ...reading,
  name: 'ListDataUnits',
  http: { method: 'GET', path: '/v1/data-units' },
  summary: 'Lists data units, the newest first.',
  row: shownDataUnit,
  key: 'dataUnitId',
  order: 'createdAt',
  descending: true,
  command: {
    words: ['data-unit', 'list'],
    example: 'kma data-unit list --filter externalTag=VOL001 --user operator',
  },
  stored: 'data_unit',
  shown:
    ({ state, nowMs }) =>
    (id) =>
      dataUnitShown(state, held(state.get('data_unit', String(id))), nowMs),
});

const entity: Entity<{ readonly dataUnitId: string }> = {
  version(state, input) {
    const unit = live(state, 'data_unit', input.dataUnitId);
    return unit === undefined ? null : rowVersion(unit);
  },
};

export const showDataUnit = operation({
  ...reading,
  name: 'ShowDataUnit',
  http: { method: 'GET', path: '/v1/data-units/{dataUnitId}' },
  entity,
  summary: 'Shows a data unit; "kma key list --data-unit-id ID" shows its keys.',
  input: z.strictObject({ dataUnitId: dataUnitId() }),
  output: shownDataUnit,
  command: {
    words: ['data-unit', 'show'],
    arguments: ['dataUnitId'],
    example: 'kma data-unit show 000102030405060708090A0B0C0D0E0F --user operator',
  },
  view(input, { state, nowMs }) {
    const unit = live(state, 'data_unit', input.dataUnitId);
    return unit === undefined
      ? refuse('DATA_UNIT_NOT_FOUND', input.dataUnitId)
      : dataUnitShown(state, unit, nowMs);
  },
});

export const modifyDataUnit = operation({
  callers: ['OPERATOR'],
  quorum: false,
  needsUnlocked: false,
  changes: true,
  audit: { class: 'Operator', retention: 'medium' },
  name: 'ModifyDataUnit',
  http: { method: 'PATCH', path: '/v1/data-units/{dataUnitId}' },
  entity,
  summary: "Changes a data unit's description or external tag.",
  input: z.strictObject({
    dataUnitId: dataUnitId(),
    description: description().optional(),
    externalTag: text(0, 64, 'external tag, at most 64 characters').optional(),
  }),
  output: z.null(),
  command: {
    words: ['data-unit', 'modify'],
    arguments: ['dataUnitId'],
    example:
      'kma data-unit modify 000102030405060708090A0B0C0D0E0F --description "archive 2026" --user operator',
  },
  decide(input, { state }) {
    const unit = live(state, 'data_unit', input.dataUnitId);
    if (unit === undefined) return refuse('DATA_UNIT_NOT_FOUND', input.dataUnitId);
    if (input.description !== undefined && unit.description?.includes(PKCS11_MARK))
      return refuse('INVALID_PARAMETERS', 'description: PKCS#11 providers need it as it is');
    const cells = {
      ...(input.description === undefined ? {} : { description: input.description }),
      ...(input.externalTag === undefined ? {} : { externalTag: input.externalTag }),
    };
    const facts = Object.keys(cells).length === 0 ? [] : [set('data_unit', unit.id, cells)];
    const changed = Object.keys(cells).join(',');
    return { facts, output: null, audit: success(`dataUnit=${unit.id} changed=${changed}`) };
  },
});

export const listBackupsWithDestroyedKeys = listOperation({
  ...reading,
  callers: ['COMPLIANCE_OFFICER', 'OPERATOR', 'BACKUP_OPERATOR'],
  name: 'ListBackupsWithDestroyedKeys',
  http: { method: 'GET', path: '/v1/data-units/{dataUnitId}/backups-with-destroyed-keys' },
  summary:
    'Lists the backups that may still hold destroyed keys of a data unit: destroying them completes the destruction.',
  scope: { dataUnitId: dataUnitId() },
  row: holdingBackup,
  key: ['backupId'],
  order: 'createdAt',
  command: {
    words: ['data-unit', 'backups'],
    arguments: ['dataUnitId'],
    example: 'kma data-unit backups 000102030405060708090A0B0C0D0E0F --user backup-operator',
  },
  rows({ state }, scope) {
    const unit = live(state, 'data_unit', scope.dataUnitId);
    if (unit === undefined) return refuse('DATA_UNIT_NOT_FOUND', scope.dataUnitId);
    return holdingBackups(
      state,
      keysOfUnit(state, unit).filter((key) => key.destroyedStamp !== null),
    );
  },
});

export const dataUnitOperations = [listDataUnits, showDataUnit, modifyDataUnit, listBackupsWithDestroyedKeys];
