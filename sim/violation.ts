/** A broken invariant of architecture 4, found in a simulated world. It ends the world. */

/** By the numbers of architecture 4; `assertion` is a broken invariant that the code itself threw. */
export type Invariant = 1 | 2 | 3 | 4 | 5 | 6 | 8 | 9 | 10 | 'convergence' | 'assertion';

export class Violation extends Error {
  readonly invariant: Invariant;
  /** What the history is about: an ID or a name. */
  readonly subject: string;

  constructor(invariant: Invariant, subject: string, text: string) {
    super(text);
    this.invariant = invariant;
    this.subject = subject;
  }
}
