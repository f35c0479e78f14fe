/** What a KMA does by itself about the root key material: its member key made known, master keys wrapped that are not, and new root key material where a lost KMA may know that of today. People do not call it. */
import { z } from 'zod';
import { currentKeySplit } from '../../core/key-split-standing.ts';
import { isRefusal, type Refusal, refuse } from '../../core/refusal.ts';
import { lostKmas, mayKnowRoot } from '../../core/root-epochs.ts';
import { readSetting } from '../../core/settings.ts';
import type { StateView } from '../../core/state.ts';
import type { NewRoot, RootUpkeep } from '../contexts.ts';
import { operation } from '../operation.ts';
import { success, warning } from '../success.ts';
import { replaceRoot, rootReplaced, upkeepOfRoot } from './root-facts.ts';

const appliance = {
  callers: 'local',
  quorum: false,
  needsUnlocked: true,
  changes: true,
  audit: { class: 'System', retention: 'long' },
  input: z.strictObject({}),
  output: z.null(),
} as const;

export const keepRoot = operation({
  ...appliance,
  name: 'KeepRoot',
  summary: "Makes this KMA's member key known, and wraps master keys under the root key material of today.",
  async prepare(_input, { security }): Promise<RootUpkeep | Refusal> {
    return security.rootUpkeep() ?? refuse('INVALID_PARAMETERS', 'nothing is missing');
  },
  decide(_input, context, upkeep: RootUpkeep) {
    const { memberKey, wraps } = upkeep;
    return {
      ...upkeepOfRoot(upkeep, context),
      output: null,
      audit: success(`root=${upkeep.rootEpochId} memberKey=${memberKey !== null} masterKeys=${wraps.length}`),
    };
  },
});

/**
 * Two KMAs may be lost on two sides of a cut network, and each side give the other's a copy. Or the key split was changed on
 * one side while a KMA was lost on the other: then a quorum opens other root key material than that of today, and what is
 * made under that would be lost with the members' memory.
 */
export function isRootExposed(state: Pick<StateView, 'get' | 'page' | 'scan'>): boolean {
  const rootEpochId = readSetting(state, 'currentRootEpochId');
  if (rootEpochId === null) return false;
  const split = currentKeySplit(state);
  if (split?.rootEpochId != null && split.rootEpochId !== rootEpochId) return true;
  return lostKmas(state).some((kma) => mayKnowRoot(state, kma, rootEpochId));
}

export const replaceExposedRoot = operation({
  ...appliance,
  name: 'ReplaceExposedRoot',
  summary: 'Replaces root key material that a lost KMA may know, or that no quorum opens.',
  prepare: (_input, { security }) => security.newRoot(null),
  decide(_input, context, made: NewRoot) {
    if (!isRootExposed(context.state))
      return refuse('INVALID_PARAMETERS', 'a quorum opens it, and no lost KMA can know it');
    const change = replaceRoot(made, context);
    if (isRefusal(change)) return change;
    return {
      ...change,
      output: null,
      audit: warning(
        'Root key material replaced',
        `root=${made.rootEpochId} withoutCopy=${made.without.join(',')}: take a core security backup`,
      ),
      effects: [rootReplaced(made)],
    };
  },
});
