/** What the core tells the processes around it. It tells nobody itself. */
import type { Ending } from '../../operations/effects.ts';

export interface CoreEvents {
  /** The KMA was locked by an officer: this process is to be replaced, so that nothing of the keys stays in memory (D5). */
  readonly locked: () => void;
  /** Another KMA, restored aside, is to take this one's place. */
  readonly restored: () => void;
  /** Somebody at the appliance ended this KMA. */
  readonly ended: (why: Ending) => void;
  /** Certificate, root or TLS minimum changed: the fronts need new settings. */
  readonly servingChanged: () => void;
  /** This store is an older copy of one that goes on elsewhere: this process is to be replaced by one that begins a new life. */
  readonly livedElsewhere: () => void;
  /** There is another KMA in the cluster: what talks to it is needed. */
  readonly clustered: () => void;
  /** Something is set that needs the platform process. */
  readonly platformWanted: () => void;
  /** The core is in the error state and answers nobody any more; this process stays, so that it can say why. */
  readonly stopped: (reason: string) => void;
}
