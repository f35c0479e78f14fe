/** Long work in steps, between which others can be answered: after each how far it is, and in the end what came of it. It knows no time and no work. */

/** `done` of `total`, in a unit of the work. */
export interface HowFar {
  readonly done: number;
  readonly total: number;
}
export type Steps<T> = Generator<HowFar, T, undefined>;

/** All of them at once, where nobody waits meanwhile. */
export function atOnce<T>(steps: Steps<T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
  }
}
