/** DeleteKma: a KMA leaves the cluster for good, in the hands of its owner (retired) or not (lost): then the others go on with new root key material. It erases nothing on the KMA that leaves. */

import { z } from 'zod';
import { event, type Fact } from '../../core/facts.ts';
import type { IncarnationId } from '../../core/ids.ts';
import { kmaOfLife } from '../../core/life.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { securityOfficer } from '../common-settings.ts';
import type { DecideContext, NewRoot } from '../contexts.ts';
import { find } from '../entities.ts';
import { name } from '../fields.ts';
import { operation } from '../operation.ts';
import { kmaEntity } from '../show-kma.ts';
import { success, warning } from '../success.ts';
import { endFact } from './close-logs.ts';
import { type RootChange, replaceRoot, rootReplaced } from './root-facts.ts';

const NO_CHANGE: RootChange = { facts: [], objects: [], erase: [] };
/** Of all KMAs: one for each restore and copy. */
const LIVES_MAX = 10_000;

/** A lost one is removed all the same, and a member makes new root key material once it can. */
const LATER: ReadonlySet<string> = new Set(['NOT_YET_ALL_UPGRADED', 'CORE_SECURITY_NOT_FOUND']);

const AFTERWARDS = {
  retired:
    'Its destroyed keys count as erased there once every member has said how much it has of its log: zeroise its disk. What it handed out and told nobody of before it went is served for decryption only.',
  lostAndWaits:
    'The root key material and the master key are replaced by a member soon after all members read what follows from it and the key split of today is at one of them: upgrade them, and start those that are down. Until then whoever has the lost KMA can open what is made. Afterwards take a core security backup.',
  lost: 'The root key material and the master key were replaced, with the same key split credentials: take a core security backup. Keys that no agent had yet are void at all KMAs: take a backup, or let another KMA join, before new ones are Ready. Void too are the passphrases of all agents, and of KMAs that have not joined yet: who has a certificate goes on with it, and who still has to enrol needs a new passphrase. Whoever has the lost KMA may have the keys that were in use, and the key of the root CA: that alarm stays. Keys that are destroyed from now on stay "incomplete", because nobody can say that they are gone from it.',
} as const;

export const deleteKma = operation({
  ...securityOfficer,
  name: 'DeleteKma',
  http: { method: 'DELETE', path: '/v1/kmas/{kma}' },
  entity: kmaEntity,
  summary: 'Removes another KMA from the cluster for good; nothing that it says counts from then on.',
  input: z.strictObject({
    kma: name('KMA name'),
    as: z.enum(['retired', 'lost']).meta({
      description:
        'retired: it is in your hands, and its disk is zeroised; lost: it may be in the hands of others',
    }),
  }),
  output: z.strictObject({
    kma: z.string(),
    as: z.enum(['retired', 'lost']),
    afterwards: z.string(),
    /** KMAs that could not be given the new root key material: each has to be unlocked with a quorum. */
    unlockWithQuorum: z.array(z.string()),
  }),
  command: {
    words: ['member', 'delete'],
    arguments: ['kma'],
    example: 'kma member delete kma-2 --as retired --user officer',
  },
  async prepare(
    { kma: kmaName, as },
    { state, self, security, unlocked },
  ): Promise<NewRoot | null | Refusal> {
    const kma = find(state, 'kma', kmaName, 'KMA_DOES_NOT_EXIST');
    if (as === 'retired' || isRefusal(kma) || kma.id === self.kmaId) return null;
    if (!unlocked) return refuse('APPLIANCE_LOCKED');
    const made = await security.newRoot(kma.id);
    return isRefusal(made) && LATER.has(made.refused) ? null : made;
  },
  decide({ kma: kmaName, as }, context, made: NewRoot | null) {
    const { state, self } = context;
    const kma = find(state, 'kma', kmaName, 'KMA_DOES_NOT_EXIST');
    if (isRefusal(kma)) return kma;
    if (kma.id === self.kmaId)
      return refuse('INVALID_PARAMETERS', 'this KMA itself: ask another member of the cluster');
    const afterwards = AFTERWARDS[as === 'lost' && made === null ? 'lostAndWaits' : as];
    const unlockWithQuorum = [...(made?.without ?? [])];
    const what = `kma=${kmaName} as=${as}`;
    const lost = `${what} root=${made?.rootEpochId ?? ''} unlockWithQuorum=${unlockWithQuorum.join(',')}: ${afterwards}`;
    const change = made === null ? NO_CHANGE : replaceRoot(made, context);
    if (isRefusal(change)) return change;
    return {
      facts: [
        event('kma', kma.id, 'removed', { removedHow: as }),
        ...(as === 'retired' ? endedLives(context, kma.id) : []),
        ...change.facts,
      ],
      objects: change.objects,
      erase: [...(kma.verifierObjectId === null ? [] : [kma.verifierObjectId]), ...change.erase],
      output: { kma: kmaName, as, afterwards, unlockWithQuorum },
      audit: as === 'retired' ? success(what) : warning('KMA lost', lost),
      effects: [
        { effect: 'passphrase-set', entity: `kma:${kmaName}` },
        ...(made === null ? [] : [rootReplaced(made)]),
      ],
    };
  },
});

/**
 * Of a lost one nobody can say that its lives are over: its disk holds what it held. One that was only admitted may have got a
 * copy. How much is here of its logs is said in the same entry: what it was to confirm is waited for until all have said so.
 */
function endedLives({ state, self, nowMs }: DecideContext, kmaId: string): Fact[] {
  return state
    .page('incarnation', '', LIVES_MAX)
    .filter((life) => kmaOfLife(life) === kmaId && life.endedStamp === null)
    .flatMap(({ id }) => {
      const life = id as IncarnationId;
      const ended = event('incarnation', life, 'ended', { endedAt: nowMs });
      const isSaid = state.get('log_end', `${life}:${self.incarnationId}`)?.createdStamp != null;
      return isSaid ? [ended] : [ended, endFact(state, self.incarnationId, life, state.logLength(life))];
    });
}
