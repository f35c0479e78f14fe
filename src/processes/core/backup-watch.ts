/** Records once that a scheduled database backup is late. It makes none. */
import { backupSchedule, isBackupOverdue } from '../../core/backup-schedule.ts';
import type { Core } from './core.ts';

export class BackupWatch {
  readonly #core: Core;
  /** When the backup was due that was found late. */
  #notedMs: number | null = null;

  constructor(core: Core) {
    this.#core = core;
  }

  async look(nowMs: number): Promise<void> {
    const schedule = backupSchedule(this.#core.parts.store.state);
    if (!isBackupOverdue(schedule, nowMs) || this.#notedMs === schedule.dueAtMs) return;
    await this.#core.callLocal('NoteOverdueBackup', {});
    this.#notedMs = schedule.dueAtMs;
  }
}
