/** What is in an opened backup, in numbers, and how new it is. It judges nothing. */
import { setImmediate as turn } from 'node:timers/promises';
import { isLive } from '../../core/live.ts';
import { readSetting } from '../../core/settings.ts';
import { splitInfo } from '../../security/key-split.ts';
import { createAuditReader } from '../../store/audit-reader.ts';
import type { Store } from '../../store/store.ts';
import type { ReadBackup } from '../opened-backup.ts';

const PAGE_ROWS = 1000;

export interface Contents {
  /** What happened after it is not in the backup. */
  readonly newestRecordAt: string;
  readonly dataUnits: number;
  readonly agents: number;
  readonly users: number;
}

export async function contentsOf(store: Store): Promise<Contents> {
  const audit = createAuditReader(store, null);
  const newest = audit.newestRow();
  return {
    newestRecordAt: newest === 0 ? '' : new Date(audit.record(newest).createdAt).toISOString(),
    dataUnits: await countLiving(store, 'data_unit'),
    agents: await countLiving(store, 'agent'),
    users: await countLiving(store, 'user'),
  };
}

async function countLiving(store: Store, table: 'data_unit' | 'agent' | 'user'): Promise<number> {
  let [after, count] = ['', 0];
  for (;;) {
    const page = store.state.page(table, after, PAGE_ROWS);
    const last = page.at(-1);
    if (last === undefined) return count;
    count += page.filter(isLive).length;
    after = last.id;
    await turn();
  }
}

/** Any core security backup of the cluster opens any pair; which people it takes may have changed since. */
export interface CoreSecurityStanding {
  readonly coreSecurityBackupId: string;
  readonly coreSecurityBackupIs: 'older than the backup' | 'newer than the backup';
  /** Whether the key split that opened it is the one that counts after a restore, which is that of the backup. */
  readonly keySplitIs: 'that of the backup' | 'another than in the backup';
}

export function coreSecurityStanding(store: Store, { core, keyFile }: ReadBackup): CoreSecurityStanding {
  const older = core.createdAt <= keyFile.createdAt;
  const opener = splitInfo(Buffer.from(core.keySplit, 'base64'));
  const same = opener?.splitId === readSetting(store.state, 'currentKeySplitId');
  return {
    coreSecurityBackupId: core.backupId,
    coreSecurityBackupIs: older ? 'older than the backup' : 'newer than the backup',
    keySplitIs: same ? 'that of the backup' : 'another than in the backup',
  };
}
