/** Tells people which other member's clock is odd, when that begins and when it is over. It judges by what members answered, and stops nothing. */
import { durationWords, isFar } from '../../core/clock-guard.ts';
import type { MemberStanding } from '../../operations/member-standing.ts';

export interface OddClocksParts {
  /** What is odd about the clock of this KMA; that is told elsewhere. */
  readonly own: () => string | null;
  readonly members: () => readonly MemberStanding[];
  readonly nameOf: (kmaId: string) => string;
  /** For the audit and the messages. */
  readonly trouble: (condition: string, details: string) => void;
  readonly over: (text: string) => void;
}

const CONDITION = 'Clock is odd';

export class OddClocks {
  readonly #parts: OddClocksParts;
  /** Those that were told of, by KMA. */
  readonly #odd = new Set<string>();

  constructor(parts: OddClocksParts) {
    this.#parts = parts;
  }

  /** While this KMA is the odd one all others look so. With two KMAs nobody knows which of them is, and each names the other too. */
  look(): void {
    const own = this.#parts.own();
    const heard = this.#parts.members().filter(({ responding }) => responding);
    for (const { kmaId, clockAheadMs } of heard) {
      const aheadMs = own !== null && heard.length > 1 ? 0 : (clockAheadMs ?? 0);
      const side = aheadMs > 0 ? 'ahead of' : 'behind';
      const name = this.#parts.nameOf(kmaId);
      const far = isFar(aheadMs) ? `${durationWords(Math.abs(aheadMs))} ${side} the one here` : null;
      this.#note(kmaId, name, far);
    }
  }

  #note(kmaId: string, name: string, odd: string | null): void {
    if (odd !== null && !this.#odd.has(kmaId))
      this.#parts.trouble(CONDITION, `kma=${name} its clock is ${odd}`);
    if (odd === null && this.#odd.has(kmaId)) this.#parts.over(`the clock of ${name} is in order again`);
    if (odd === null) this.#odd.delete(kmaId);
    else this.#odd.add(kmaId);
  }
}
