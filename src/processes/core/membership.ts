/** Whether this KMA is a member of its cluster still: by its own row, and by what a member has told it, which is kept on this machine. It asks nobody. */
import { ABSENCES, type Absence, absenceOf } from '../../core/membership.ts';
import type { Self } from '../../operations/operation.ts';
import type { Store } from '../../store/store.ts';
import { logFailure } from './failure.ts';

export interface MembershipEvents {
  /** Also at the start of a KMA that is none. */
  readonly left: (why: Absence) => void;
  readonly back: () => void;
  /** A row of a KMA has changed, and 3336 opens next: the table of ports goes by who is in the cluster. */
  readonly looked: () => void;
}

/** A local row: what a member said last, "" where it counts as a member. */
const TOLD = 'notAMember';

/** As it was when the KMA last ran, or as it is. */
export function lastKnownAbsence(store: Store, { kmaId }: Pick<Self, 'kmaId'>): Absence | null {
  const own = store.state.get('kma', kmaId);
  return (own === undefined ? null : absenceOf(own)) ?? toldIn(store);
}

function toldIn(store: Store): Absence | null {
  return ABSENCES.find((one) => one === store.getLocal(TOLD)) ?? null;
}

export class Membership {
  readonly #store: Store;
  readonly #self: Pick<Self, 'kmaId'>;
  readonly #events: MembershipEvents;
  #told: Absence | null;
  #absence: Absence | null = null;

  constructor(store: Store, self: Pick<Self, 'kmaId'>, events: MembershipEvents) {
    this.#store = store;
    this.#self = self;
    this.#events = events;
    this.#told = toldIn(store);
  }

  /** Null while it is a member. */
  get absence(): Absence | null {
    return this.#absence;
  }

  /** After the start, and when a row of a KMA has changed. */
  look(): void {
    const before = this.#absence;
    const own = this.#store.state.get('kma', this.#self.kmaId);
    this.#absence = (own === undefined ? null : absenceOf(own)) ?? this.#told;
    if (this.#absence !== before)
      if (this.#absence === null) this.#events.back();
      else this.#events.left(this.#absence);
    this.#events.looked();
  }

  /** By a member that does not let it in. */
  told(why: Absence): void {
    this.#keep(why);
  }
  /** A member has let it in, or would. */
  welcome(): void {
    this.#keep(null);
  }

  #keep(told: Absence | null): void {
    if (told === this.#told) return;
    this.#told = told;
    try {
      this.#store.transaction(() => this.#store.setLocal(TOLD, told ?? ''));
    } catch (error) {
      // It is told again after the next start.
      logFailure(error, 'standing in the cluster');
    }
    this.look();
  }
}
