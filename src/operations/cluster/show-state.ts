/** ShowState: the hash of this KMA's replicated state and how far it has folded each log, so that KMAs can be compared. It changes nothing. */
import { z } from 'zod';
import { kmaOfIncarnation } from '../../core/life.ts';
import { nameOf } from '../entities.ts';
import { operation } from '../operation.ts';

export const stateShape = z.strictObject({
  kma: z.string(),
  /** SHA-256, upper-case hex: equal wherever the same logs are folded as far. */
  stateHash: z.string(),
  /** In order of the lives that wrote them. */
  logs: z.array(z.strictObject({ incarnation: z.string(), kma: z.string(), entries: z.number() })),
});

/** The reader does all of it, since every row is read. */
export const showState = operation({
  name: 'ShowState',
  summary: 'Shows the hash of the replicated state and how far each log is folded, to compare KMAs.',
  callers: 'local',
  quorum: false,
  needsUnlocked: false,
  changes: false,
  recordedOnceAMinute: true,
  audit: { class: 'Management', retention: 'short' },
  input: z.strictObject({}),
  output: stateShape,
  command: { words: ['state'], example: 'kma state' },
  view(_input, { state, self, replicated }) {
    const { stateHash, vector } = replicated();
    const logs = Object.entries(vector).sort(([one], [other]) => (one < other ? -1 : 1));
    return {
      kma: self.kmaName,
      stateHash,
      logs: logs.map(([incarnation, entries]) => ({
        incarnation,
        kma: nameOf(state, 'kma', kmaOfIncarnation(state, incarnation)),
        entries,
      })),
    };
  },
});
