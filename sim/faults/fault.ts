/** What a misfortune of a simulated world is: it begins, and where it does not end by itself it gives how it ends. */
import type { Machine } from '../machine.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';

export interface Scene {
  readonly world: World;
  readonly random: Random;
  /** Machines that run now. */
  readonly running: readonly Machine[];
}

/** What it does, for the trace, and its end; null where it cannot be just now. */
export interface Begun {
  readonly what: string;
  readonly end?: () => void;
}

export interface Fault {
  readonly kind: string;
  /** How often, beside the others. */
  readonly weight: number;
  readonly begin: (scene: Scene) => Begun | null | Promise<Begun | null>;
}
