/** NoteServedHours: tells the cluster what this KMA has served in some hours; it goes by itself. It counts nothing. */
import { z } from 'zod';
import { hourFact } from '../../core/kma-performance.ts';
import { operation } from '../operation.ts';
import { success } from '../success.ts';

/** In one entry of the log; the others a minute later. */
export const HOURS_TOLD_MAX = 100;

const count = z.int().min(0);
const servedHour = z.strictObject({
  hour: count,
  countedUntilMs: count,
  agents: count,
  createKey: count,
  retrieveKey: count,
  registerKwk: count,
  other: count,
  refused: count,
  totalMs: z.number().min(0),
  busy: count,
  management: count,
  replication: count,
});

export const noteServedHours = operation({
  callers: 'local',
  quorum: false,
  needsUnlocked: false,
  changes: true,
  audit: { class: 'System', retention: 'short' },
  name: 'NoteServedHours',
  summary: 'Tells the cluster what this KMA has served in each of some hours.',
  input: z.strictObject({ hours: z.array(servedHour).min(1).max(HOURS_TOLD_MAX) }),
  output: z.null(),
  decide: ({ hours }, { self }) => ({
    facts: hours.map(({ countedUntilMs, ...hour }) => hourFact(self.kmaId, hour, countedUntilMs)),
    output: null,
    audit: success(`hours=${hours.length}`),
  }),
});
