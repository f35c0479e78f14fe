/** What operations may ask of the platform process, and know of its parts. It asks nothing itself. */
/** Absent where there is no running core, as in the simulated world. */
export interface PlatformDesk {
  /** A question that the part answers in its own words, to be checked by a schema. A refusal where it cannot, does not in time, or is not there. */
  ask(part: string, question: unknown, withinMs?: number): Promise<unknown>;
}

/** What each part said last; see platform/part.ts. */
export interface PlatformStates {
  /** False while the platform process is not there: what it said last holds no more, and is left out. */
  readonly running: boolean;
  /** Something is set that needs it, or an operation asked it. */
  readonly wanted: boolean;
  /** How long it has not been there though it is wanted; 0 while it is. */
  readonly goneForMs: number;
  readonly parts: ReadonlyMap<
    string,
    {
      readonly summary: string;
      readonly troubles: readonly string[];
      readonly details: Readonly<Record<string, unknown>>;
    }
  >;
}

export const NO_PLATFORM: PlatformStates = { running: false, wanted: false, goneForMs: 0, parts: new Map() };
