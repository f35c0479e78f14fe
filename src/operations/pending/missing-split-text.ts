/** What is told where the object of the key split of today is not here: who may bring it, and what is to be done. It never says which credentials were right. */
import { currentKeySplit } from '../../core/key-split-standing.ts';
import { makerOf, missingSplit, type SplitSearch } from '../../core/missing-split.ts';

/** Undefined where it is here, or where there is no key split. */
export function missingSplitText(search: SplitSearch): string | undefined {
  const { state } = search;
  const missing = missingSplit(search);
  const current = currentKeySplit(state);
  if (missing === null || current === undefined) return undefined;
  const nameOf = (kmaId: string | null) => state.get('kma', kmaId ?? '')?.name ?? kmaId ?? '';
  const maker = nameOf(makerOf(state, current));
  if (missing.at === 'maker' && maker === '')
    return 'the key split is on its way here from a KMA of which nothing has come yet';
  if (missing.at === 'maker')
    return `the key split is on its way here from ${maker}; where that KMA or its data is gone for good, delete it from the cluster`;
  if (missing.at === 'others')
    return `the key split is on its way here, or went with ${maker}, which made it: ${missing.kmaIds.map(nameOf).join(', ')} may have it, or another one that was made later than what is here. Each has to respond; where it does not come from there, it is changed there (kma key-split modify); one that is gone for good is to be deleted from the cluster`;
  return `the key split of today is lost with ${maker}, which made it, and no member has it: its credentials open nothing any more, and a quorum of the one before has to change the key split (kma key-split modify)`;
}
