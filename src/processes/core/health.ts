/** What is wrong with this core: the error state, which ends only with the process, and trouble of the store, which may pass. It is told, and tells; it mends nothing. */
import { type Refusal, refuse } from '../../core/refusal.ts';
import { OpenKmaError } from '../../errors.ts';
import type { HealthReport } from '../../operations/contexts.ts';
import type { Operation } from '../../operations/operation.ts';
import { SealError } from '../../security/sealing.ts';
import { asStoreError } from '../../store/database.ts';

const DAMAGE_MAX = 20;

/** A damaged audit: no operation can be recorded, so none may be done. */
export class AuditDamagedError extends OpenKmaError {
  constructor(cause: OpenKmaError) {
    super('STORE_DAMAGED', `the audit cannot be continued: ${cause.detail}`);
  }
}

/** Told when something begins or ends, once each; each object that does not open has its own. */
export interface HealthEvents {
  readonly errorState: (reason: string) => void;
  readonly damaged: (detail: string) => void;
  readonly unwritable: (detail: string) => void;
  readonly writableAgain: (trouble: UnwritableTime) => void;
}
export interface UnwritableTime {
  readonly sinceMs: number;
  readonly refused: number;
}

export class Health {
  readonly #events: HealthEvents;
  readonly #now: () => number;
  #errorState: string | null = null;
  #outlived = false;
  /** Of the structure of the file. */
  #damage: readonly string[] = [];
  /** Of single objects, which spoils nothing else. */
  #spoiled: readonly string[] = [];
  #unwritable: { readonly sinceMs: number; readonly detail: string; refused: number } | null = null;

  constructor(events: HealthEvents, now: () => number) {
    this.#events = events;
    this.#now = now;
  }

  get stopped(): boolean {
    return this.#errorState !== null;
  }
  /** What of the store stops changes; "" where nothing does. */
  get storeTrouble(): string {
    return this.#damage[0] ?? this.#unwritable?.detail ?? '';
  }
  report(): HealthReport {
    const unwritable = this.#unwritable === null ? [] : [this.#unwritable.detail];
    return { errorState: this.#errorState ?? '', store: [...this.#damage, ...this.#spoiled, ...unwritable] };
  }

  /** For the rest of this process's life; the first reason stays. */
  enterErrorState(reason: string): void {
    if (this.#errorState !== null) return;
    this.#errorState = reason;
    this.#events.errorState(reason);
  }

  /** Null where the operation may go on; a call that may not is counted as refused. */
  refusalOf(operation: Pick<Operation, 'answersAlways' | 'changes'>): Refusal | null {
    const obstacle = this.obstacle(operation);
    if (obstacle?.refused === 'STORE_UNWRITABLE' && this.#unwritable !== null) this.#unwritable.refused += 1;
    return obstacle;
  }

  /**
   * The same for who only asks; nothing is counted. A damaged store takes no changes, which could spoil more, and neither does one
   * that cannot be written, since what space is left is for the records of retrievals. Retrieval goes on where it can.
   */
  obstacle(operation: Pick<Operation, 'answersAlways' | 'changes'>): Refusal | null {
    if (operation.answersAlways === true) return null;
    if (this.#errorState !== null) return refuse('ERROR_STATE', this.#errorState);
    if (!operation.changes) return null;
    if (this.#outlived) return refuse('SERVER_BUSY', 'this store is an older copy, and begins a new life');
    const [damage] = this.#damage;
    if (damage !== undefined) return refuse('STORE_DAMAGED', damage);
    return this.#unwritable === null ? null : refuse('STORE_UNWRITABLE', this.#unwritable.detail);
  }

  /** What is written from now on would stand in the log at places that are taken elsewhere. It ends with this process. False where it was known. */
  enterOutlived(): boolean {
    const before = this.#outlived;
    this.#outlived = true;
    return !before;
  }

  /** Of any failure of an operation; what is none of the store's is left alone. */
  noteFailure(given: unknown): void {
    if (given instanceof SealError) return this.#noteSpoiled(given.objectId);
    const error = asStoreError(given);
    if (!(error instanceof OpenKmaError)) return;
    const detail = error.detail ?? '';
    if (error.code === 'STORE_UNWRITABLE') this.noteUnwritable(detail).refused += 1;
    else if (error.code === 'STORE_DAMAGED') this.noteDamage([detail]);
    if (error instanceof AuditDamagedError) this.enterErrorState(error.message);
  }

  noteDamage(found: readonly string[]): void {
    const more = found.filter((line) => !this.#damage.includes(line));
    const [first] = more;
    if (first === undefined) return;
    const known = this.#damage.length > 0;
    this.#damage = [...this.#damage, ...more].slice(0, DAMAGE_MAX);
    if (!known) this.#events.damaged(first);
  }

  /** Also where an operation succeeded all the same, out of space kept aside. */
  noteUnwritable(detail: string): { refused: number } {
    if (this.#unwritable !== null) return this.#unwritable;
    const trouble = { sinceMs: this.#now(), detail, refused: 0 };
    this.#unwritable = trouble;
    this.#events.unwritable(detail);
    return trouble;
  }

  #noteSpoiled(objectId: string): void {
    const line = `object ${objectId} does not open`;
    if (this.#spoiled.includes(line) || this.#spoiled.length >= DAMAGE_MAX) return;
    this.#spoiled = [...this.#spoiled, line];
    this.#events.damaged(line);
  }

  /** Space is back. */
  noteWritable(): void {
    const trouble = this.#unwritable;
    if (trouble === null) return;
    this.#unwritable = null;
    this.#events.writableAgain({ sinceMs: trouble.sinceMs, refused: trouble.refused });
  }
}

/** The error of appending to the audit: damage there is worse than damage elsewhere. */
export function asAuditError(given: unknown): unknown {
  const error = asStoreError(given);
  return error instanceof OpenKmaError && error.code === 'STORE_DAMAGED'
    ? new AuditDamagedError(error)
    : given;
}
