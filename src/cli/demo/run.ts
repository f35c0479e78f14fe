/** What one run of the demonstration works with. */
import type { DemoCluster } from './cluster.ts';
import type { Place } from './places.ts';
import type { DemoTalk } from './talk.ts';

export interface Run {
  readonly talk: DemoTalk;
  readonly cluster: DemoCluster;
  readonly first: Place;
  readonly others: readonly Place[];
  readonly portOffset: number;
  readonly interrupted: AbortSignal;
}
