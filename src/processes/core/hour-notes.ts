/** Tells the cluster what this KMA has served in each hour, once the hour is over or the KMA is about to end. It counts nothing itself. */
import { hourOf } from '../../core/agent-performance.ts';
import { countedUntilMs, HOURS_KEPT, isTold, type KmaHour, slotOf } from '../../core/kma-performance.ts';
import { isAlone } from '../../core/members.ts';
import { isRefusal } from '../../core/refusal.ts';
import { mayWrite } from '../../core/replication-version.ts';
import { HOURS_TOLD_MAX } from '../../operations/system/note-served-hours.ts';
import type { Core } from './core.ts';
import type { ServedCounts } from './served-counts.ts';

export class HourNotes {
  readonly #core: Core;
  readonly #served: ServedCounts;
  /** The hour it was when nothing was left to tell. */
  #toldHour = -1;
  /** One after the other, or both would tell the same. */
  #turn: Promise<void> = Promise.resolve();

  constructor(core: Core, served: ServedCounts) {
    this.#core = core;
    this.#served = served;
  }

  /** Every minute: of hours that are over, also of those that went by while nobody could be told. */
  tell(): Promise<void> {
    return this.#inTurn(async () => {
      const hour = hourOf(this.#core.parts.time.nowMs());
      if (hour === this.#toldHour || !this.#isHeard() || !this.#mayWrite()) return;
      if (await this.#tellUpTo(hour - 1)) this.#toldHour = hour;
    });
  }

  /** What the hour has so far too. */
  tellLast(): Promise<void> {
    return this.#inTurn(async () => {
      const nowMs = this.#core.parts.time.nowMs();
      this.#served.write(nowMs);
      // A KMA that waits for others before its first entry would wait here as well.
      const { held } = this.#core.parts.firstWrites;
      if (held === null && this.#isHeard() && this.#mayWrite()) await this.#tellUpTo(hourOf(nowMs));
    });
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    const mine = this.#turn.then(work);
    this.#turn = mine.catch(() => undefined);
    return mine;
  }

  /** True where nothing is left. */
  async #tellUpTo(lastHour: number): Promise<boolean> {
    const { store, time } = this.#core.parts;
    const nowMs = time.nowMs();
    const untold = store.kmaPerformance
      .hours(hourOf(nowMs) - HOURS_KEPT + 1, lastHour)
      .filter((hour) => !this.#isTold(hour, nowMs));
    if (untold.length === 0) return true;
    // The newest first, where a month is told at once.
    const hours = untold
      .slice(-HOURS_TOLD_MAX)
      .map((hour) => ({ ...hour, countedUntilMs: countedUntilMs(hour.hour, nowMs) }));
    const told = await this.#core.callLocal('NoteServedHours', { hours });
    return !isRefusal(told) && untold.length === hours.length;
  }

  #isTold(hour: KmaHour, nowMs: number): boolean {
    const { store, self } = this.#core.parts;
    const row = store.state.get('kma_hour', slotOf(self.kmaId, hour.hour));
    return isTold(row, hour, countedUntilMs(hour.hour, nowMs));
  }

  /** Nobody asks another KMA where there is none, and what one cannot read would hold up the log. */
  #isHeard(): boolean {
    const { store, self } = this.#core.parts;
    return !isAlone(store.state, self.kmaId) && mayWrite(store.state, 'kma_hour');
  }

  /** Each refusal would be an error in the audit, and so an alarm, every minute: what is wrong has its own. */
  #mayWrite(): boolean {
    const { clock, health, restore } = this.#core.parts;
    return !restore.built && clock.odd() === null && health.obstacle({ changes: true }) === null;
  }
}
