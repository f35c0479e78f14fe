/** ListLostKmas: the standing alarm of each KMA that was deleted as lost. It stays, since nothing takes back what the KMA knew. It changes nothing. */
import { z } from 'zod';
import { lostAtMs, lostKmas, mayKnowRoot } from '../../core/root-epochs.ts';
import { readSetting } from '../../core/settings.ts';
import { reading } from '../common-settings.ts';
import { dateText } from '../fields.ts';
import { listOperation } from '../lists/list.ts';

const KNOWS_CA =
  'Whoever has it knows the key of the root CA, and can make certificates that look genuine until the root CA is made anew.';

export const listLostKmas = listOperation({
  ...reading,
  name: 'ListLostKmas',
  http: { method: 'GET', path: '/v1/lost-kmas' },
  summary: 'Lists the KMAs that were deleted as lost, and what that means for the cluster.',
  row: z.strictObject({
    id: z.string(),
    kma: z.string(),
    lostAt: z.string(),
    /** Whether what the cluster goes on with is unknown to it. */
    rootReplaced: z.boolean(),
    alarm: z.string(),
  }),
  key: ['id'],
  order: 'lostAt',
  command: { words: ['member', 'list-lost'], example: 'kma member list-lost --user auditor' },
  rows({ state }) {
    const root = readSetting(state, 'currentRootEpochId');
    return lostKmas(state).map((kma) => ({
      id: kma.id,
      kma: kma.name ?? '',
      lostAt: dateText(lostAtMs(kma)),
      rootReplaced: root !== null && !mayKnowRoot(state, kma, root),
      alarm: KNOWS_CA,
    }));
  },
});
