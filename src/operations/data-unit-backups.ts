/** The backups that may hold keys of a data unit, by dates; no file is opened. Those with destroyed keys alone are src/operations/data-units.ts. */
import { z } from 'zod';
import { backupsHolding, keptBackups } from '../core/backup-holding.ts';
import { keysOfUnit } from '../core/data-units.ts';
import { live } from '../core/live.ts';
import { refuse } from '../core/refusal.ts';
import type { StateView } from '../core/state.ts';
import type { Row } from '../core/tables.ts';
import { reading } from './common-settings.ts';
import { nameOf } from './entities.ts';
import { dataUnitId, dateText } from './fields.ts';
import { listOperation } from './lists/list.ts';

export const holdingBackup = z.strictObject({ backupId: z.string(), createdAt: z.string(), kma: z.string() });

/** Backups whose destruction nobody has confirmed and which may hold any of the keys, each once, the oldest first. */
export function holdingBackups(state: StateView, keys: readonly Row<'key'>[]) {
  const kept = keptBackups(state);
  const backups = new Map(
    keys.flatMap((key) => backupsHolding(state, key, kept)).map((row) => [row.id, row]),
  );
  return [...backups.values()]
    .sort((one, other) => (one.createdAt ?? 0) - (other.createdAt ?? 0))
    .map((backup) => ({
      backupId: backup.id,
      createdAt: dateText(backup.createdAt),
      kma: nameOf(state, 'kma', backup.kmaId),
    }));
}

export const listBackupsWithKeys = listOperation({
  ...reading,
  callers: ['SECURITY_OFFICER', 'COMPLIANCE_OFFICER', 'OPERATOR', 'BACKUP_OPERATOR'],
  name: 'ListBackupsWithKeys',
  http: { method: 'GET', path: '/v1/data-units/{dataUnitId}/backups' },
  summary: 'Lists the backups that may hold keys of a data unit, the newest first.',
  scope: { dataUnitId: dataUnitId() },
  row: holdingBackup,
  key: ['backupId'],
  order: 'createdAt',
  descending: true,
  command: {
    words: ['data-unit', 'backups-with-keys'],
    arguments: ['dataUnitId'],
    example: 'kma data-unit backups-with-keys 000102030405060708090A0B0C0D0E0F --user operator',
  },
  rows({ state }, scope) {
    const unit = live(state, 'data_unit', scope.dataUnitId);
    if (unit === undefined) return refuse('DATA_UNIT_NOT_FOUND', scope.dataUnitId);
    return holdingBackups(state, keysOfUnit(state, unit));
  },
});
