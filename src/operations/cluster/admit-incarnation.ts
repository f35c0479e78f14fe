/** AdmitIncarnation: the life of a member that has proven its key on port 3336 may bring its log. It proves no key itself. */

import { z } from 'zod';
import { event, set } from '../../core/facts.ts';
import { INCARNATION_ID_BYTES, type IncarnationId, type KmaId } from '../../core/ids.ts';
import { isNotBegun, kmaOfLife, logKeyOfLife, replicationKeyOfLife } from '../../core/life.ts';
import { refuse } from '../../core/refusal.ts';
import { internalId } from '../fields.ts';
import { operation } from '../operation.ts';
import { success } from '../success.ts';
import { memberKeySha256 } from './member-key.ts';

/** As many as a vector of two KMAs' first message may name. */
const LIVES_MAX = 4_096;
/** Each may have got a copy of everything, so that nothing that is destroyed counts as gone before it is over. A member that joins needs one. */
const NOT_BEGUN_MAX = 8;

const publicKey = z.string().regex(/^[0-9A-F]{64}$/);

export const admitIncarnation = operation({
  callers: 'local',
  quorum: false,
  needsUnlocked: false,
  changes: true,
  audit: { class: 'System', retention: 'long' },
  name: 'AdmitIncarnation',
  summary: 'Admits a life of a member that has proven the key of its certificate.',
  input: z.strictObject({
    /** Of the certificate whose key was proven. */
    keySha256: publicKey,
    kmaId: internalId('KMA ID'),
    incarnationId: z.string().regex(new RegExp(`^[0-9A-F]{${INCARNATION_ID_BYTES * 2}}$`)),
    logPublicKey: publicKey,
    replicationPublicKey: publicKey,
    /** As it greeted; its own word in its log follows. */
    replicationVersion: z.int().min(1).optional(),
  }),
  output: z.null(),
  decide(input, { state, self }) {
    const { keySha256, kmaId, incarnationId, logPublicKey, replicationPublicKey, replicationVersion } = input;
    const kma = state.get('kma', kmaId);
    if (kma === undefined || kmaId === self.kmaId || memberKeySha256(kma) !== keySha256)
      return refuse('KMA_DOES_NOT_EXIST', 'its key is that of no other member');
    const what = `kma=${kma.name} incarnation=${incarnationId}`;
    const known = state.get('incarnation', incarnationId);
    if (known === undefined) {
      const lives = state.page('incarnation', '', LIVES_MAX);
      if (lives.length >= LIVES_MAX)
        return refuse('INVALID_PARAMETERS', `${what}: there are ${LIVES_MAX} lives already`);
      if (lives.filter((life) => isNotBegun(life, kmaId)).length >= NOT_BEGUN_MAX)
        return refuse(
          'INVALID_PARAMETERS',
          `${what}: ${NOT_BEGUN_MAX} of its lives were admitted and have written nothing; where their copies are gone: okm member end-joins`,
        );
    } else if (
      known.endedStamp !== null ||
      kmaOfLife(known) !== kmaId ||
      logKeyOfLife(known) !== logPublicKey ||
      (replicationKeyOfLife(known) ?? replicationPublicKey) !== replicationPublicKey
    )
      return refuse('INVALID_PARAMETERS', `${what}: this life is over, or another's`);
    return {
      facts:
        known === undefined || replicationKeyOfLife(known) === null
          ? [
              event('incarnation', incarnationId as IncarnationId, 'admitted', {
                admittedKmaId: kmaId as KmaId,
                admittedLogPublicKey: logPublicKey,
                admittedReplicationKey: replicationPublicKey,
              }),
              ...(replicationVersion === undefined
                ? []
                : [set('incarnation', incarnationId, { replicationVersion })]),
            ]
          : [],
      output: null,
      audit: success(what),
    };
  },
});
