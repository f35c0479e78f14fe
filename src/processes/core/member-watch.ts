/** Records once that another member cannot be reached, and once that it responds again. It asks nobody: it goes by what the replicator told. */
import { lifeOfNow } from '../../core/life.ts';
import { otherKmas } from '../../core/members.ts';
import type { StateView } from '../../core/state.ts';
import { shownName } from '../../operations/entities.ts';
import { type MemberStanding, standingsOf } from '../../operations/member-standing.ts';
import type { Self } from '../../operations/operation.ts';

/** Looks a minute apart: a KMA that starts again is back before the second one. */
const LOOKS_MISSED = 2;

export interface MemberWatchParts {
  readonly state: StateView;
  readonly self: Self;
  readonly members: () => readonly MemberStanding[];
  /** Runs on, whatever is done to the clock. */
  readonly elapsedMs: () => number;
  /** False where nothing can be recorded now: it is tried again. */
  readonly note: (
    operation: 'NoteUnreachableMember' | 'NoteMemberBack',
    input: { readonly kma: string; readonly seconds: number },
  ) => Promise<boolean>;
}

interface Away {
  readonly sinceMs: number;
  looks: number;
  noted: boolean;
}

export class MemberWatch {
  readonly #parts: MemberWatchParts;
  readonly #away = new Map<string, Away>();

  constructor(parts: MemberWatchParts) {
    this.#parts = parts;
  }

  /** Who was only entered and has not begun a life yet is expected by nobody. */
  async look(): Promise<void> {
    const { state, self, members } = this.#parts;
    const elapsedMs = this.#parts.elapsedMs();
    const standings = standingsOf({ members });
    const others = otherKmas(state, self.kmaId).filter(({ id }) => lifeOfNow(state, id) !== undefined);
    for (const id of this.#away.keys()) if (!others.some((kma) => kma.id === id)) this.#away.delete(id);
    for (const row of others) {
      const name = shownName(state, 'kma', row);
      if (standings.get(row.id)?.responding === true) await this.#responds(row.id, name, elapsedMs);
      else await this.#missed(row.id, name, elapsedMs);
    }
  }

  async #missed(id: string, kma: string, elapsedMs: number): Promise<void> {
    const away = this.#away.get(id) ?? { sinceMs: elapsedMs, looks: 0, noted: false };
    this.#away.set(id, away);
    away.looks += 1;
    if (away.noted || away.looks < LOOKS_MISSED) return;
    const seconds = secondsOf(elapsedMs - away.sinceMs);
    away.noted = await this.#parts.note('NoteUnreachableMember', { kma, seconds });
  }

  async #responds(id: string, kma: string, elapsedMs: number): Promise<void> {
    const away = this.#away.get(id);
    const isTold =
      away?.noted !== true ||
      (await this.#parts.note('NoteMemberBack', { kma, seconds: secondsOf(elapsedMs - away.sinceMs) }));
    if (isTold) this.#away.delete(id);
  }
}

const secondsOf = (timeMs: number) => Math.round(timeMs / 1000);
