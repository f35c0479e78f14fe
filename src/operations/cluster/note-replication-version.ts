/** NoteReplicationVersion: what this life can read of what others write, once its software has changed; it goes by itself. It upgrades nothing. */
import { z } from 'zod';
import { set } from '../../core/facts.ts';
import { operation } from '../operation.ts';
import { success } from '../success.ts';

export const noteReplicationVersion = operation({
  callers: 'local',
  quorum: false,
  needsUnlocked: false,
  changes: true,
  audit: { class: 'System', retention: 'long' },
  name: 'NoteReplicationVersion',
  summary: 'Tells the cluster what this KMA can read of what others write.',
  input: z.strictObject({ replicationVersion: z.int().min(1) }),
  output: z.null(),
  decide: ({ replicationVersion }, { self }) => ({
    facts: [set('incarnation', self.incarnationId, { replicationVersion })],
    output: null,
    audit: success(`version=${replicationVersion}`),
  }),
});
