/** What a KMA that no member connects with may ask on port 3336, as whoever its key proves it to be: whether it is a member still. It tells a stranger nothing, and a KMA of the cluster as it was or will be that its key is unknown. */
import { z } from 'zod';
import { ABSENCES } from '../core/membership.ts';

/** The question is the connection (ALPN); the answer is one frame, and the end of it. */
export const STANDING_ALPN = 'openkma-standing/1';

/** `unknown`: a KMA's certificate of this cluster, with a key that stands in no row. A KMA that knows no such answer takes it for none. */
export const clusterStanding = z.enum(['member', ...ABSENCES, 'unknown']);
export type ClusterStanding = z.infer<typeof clusterStanding>;

/** Who answers does not know which version asks: what a later one adds is left out. */
export const standingAnswer = z.object({ t: z.literal('standing'), standing: clusterStanding });
export type StandingAnswer = z.infer<typeof standingAnswer>;
