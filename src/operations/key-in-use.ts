/** Whether a data unit still uses a key: an Operator's note beside the association. It changes nothing of what agents get. */
import { z } from 'zod';
import { set } from '../core/facts.ts';
import { live } from '../core/live.ts';
import { refuse } from '../core/refusal.ts';
import { dataUnitId, flag, keyId } from './fields.ts';
import { operation } from './operation.ts';
import { success } from './success.ts';

export const setKeyInUse = operation({
  callers: ['OPERATOR'],
  quorum: false,
  needsUnlocked: false,
  changes: true,
  audit: { class: 'Operator', retention: 'medium' },
  name: 'SetKeyInUse',
  http: { method: 'PUT', path: '/v1/data-units/{dataUnitId}/keys/{keyId}/in-use' },
  summary: 'Notes whether a data unit still holds something that is encrypted with a key.',
  input: z.strictObject({
    dataUnitId: dataUnitId(),
    keyId: keyId(),
    inUse: flag('whether the data unit uses the key'),
  }),
  output: z.null(),
  command: {
    words: ['data-unit', 'set-key-in-use'],
    arguments: ['dataUnitId', 'keyId'],
    example:
      'kma data-unit set-key-in-use 000102030405060708090A0B0C0D0E0F KEYID --no-in-use --user operator',
  },
  decide(input, { state }) {
    if (live(state, 'data_unit', input.dataUnitId) === undefined)
      return refuse('DATA_UNIT_NOT_FOUND', input.dataUnitId);
    const pair = state.get('data_unit_key', `${input.dataUnitId}:${input.keyId}`);
    if (pair?.present !== 1) return refuse('KEY_DOES_NOT_EXIST', `${input.keyId} is none of the data unit's`);
    const before = pair.inUse !== 0;
    return {
      facts: before === input.inUse ? [] : [set('data_unit_key', pair.id, { inUse: Number(input.inUse) })],
      output: null,
      audit: success(`dataUnit=${input.dataUnitId} key=${input.keyId} inUse=${input.inUse} before=${before}`),
    };
  },
});
