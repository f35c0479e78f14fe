/** EndUnfinishedJoins: an officer says that the copies which a KMA got for joins that it never finished are gone; until then whatever is destroyed may still be in one of them. It erases nothing there. */
import { z } from 'zod';
import { event } from '../../core/facts.ts';
import type { IncarnationId } from '../../core/ids.ts';
import { isNotBegun } from '../../core/life.ts';
import { isRefusal } from '../../core/refusal.ts';
import { hlcMs } from '../../core/stamp.ts';
import { securityOfficer } from '../common-settings.ts';
import { find } from '../entities.ts';
import { name } from '../fields.ts';
import { operation } from '../operation.ts';
import { kmaEntity } from '../show-kma.ts';
import { success, warning } from '../success.ts';

const LIVES_MAX = 10_000;
/** It may still be under way: its copy is kept for so long. */
const RECENT_MS = 60 * 60_000;
const AFTERWARDS =
  'Destroyed keys wait for these copies no more. Where one of them goes on all the same, the KMA is not let in with it and has to join anew.';

export const endUnfinishedJoins = operation({
  ...securityOfficer,
  name: 'EndUnfinishedJoins',
  http: { method: 'POST', path: '/v1/kmas/{kma}/end-joins' },
  entity: kmaEntity,
  summary: 'Says that the copies are gone which a KMA got for joins that it began and never finished.',
  input: z.strictObject({ kma: name('KMA name') }),
  output: z.strictObject({
    kma: z.string(),
    ended: z.number(),
    /** Begun within the last hour: they may be under way, and are left alone. */
    underWay: z.number(),
    afterwards: z.string(),
  }),
  command: {
    words: ['member', 'end-joins'],
    arguments: ['kma'],
    example: 'kma member end-joins kma-2 --user officer',
  },
  decide({ kma: kmaName }, { state, nowMs }) {
    const kma = find(state, 'kma', kmaName, 'KMA_DOES_NOT_EXIST');
    if (isRefusal(kma)) return kma;
    const joins = state.page('incarnation', '', LIVES_MAX).filter((life) => isNotBegun(life, kma.id));
    const over = joins.filter(
      ({ admittedStamp }) => admittedStamp !== null && hlcMs(admittedStamp) < nowMs - RECENT_MS,
    );
    const underWay = joins.length - over.length;
    const what = `kma=${kmaName} ended=${over.map(({ id }) => id).join(',')} underWay=${underWay}`;
    return {
      facts: over.map(({ id }) => event('incarnation', id as IncarnationId, 'ended', { endedAt: nowMs })),
      output: { kma: kmaName, ended: over.length, underWay, afterwards: over.length === 0 ? '' : AFTERWARDS },
      audit: over.length === 0 ? success(what) : warning('Copies of unfinished joins are gone', what),
    };
  },
});
