/** RetrieveProtectAndProcessKey and ...Key2: the key to encrypt a data unit with, a new one where the agent has none (protocol 6.2). */
import { isRefusal, refuse } from '../../core/refusal.ts';
import { type CreateKeyRequest, issueKey, type OneKey } from './create-key.ts';
import { planUnit } from './data-unit-plan.ts';
import { bothForms } from './key-forms.ts';
import { type HandOut, handOutNote } from './key-hand-out.ts';
import { keysForAgent, newestProtecting, toHandOuts } from './unit-keys.ts';
import { dataUnit, fields, text } from './wire-fields.ts';

export const { plain: retrieveProtectAndProcessKey, wrapped: retrieveProtectAndProcessKey2 } = bothForms<
  CreateKeyRequest,
  HandOut,
  OneKey
>({
  name: 'RetrieveProtectAndProcessKey',
  summary: 'Gives an agent the newest key it may encrypt a data unit with, or a new one.',
  changes: false,
  request: { dataUnit, keyGroupId: text },
  response: (key) => fields<OneKey>({ key }),
  names: (input) => ({ dataUnitId: input.dataUnit.dataUnitId, gives: 'keys of the unit' }),
  decide(input, context) {
    const unit = planUnit(context, input.dataUnit);
    if (isRefusal(unit)) return unit;
    if (unit === null) return refuse('INVALID_DATA_UNIT_ID', 'no data unit given');
    const known = unit.row === undefined ? undefined : newestProtecting(keysForAgent(unit.row, context));
    const [given] = known === undefined ? [] : toHandOuts([known], context);
    if (given === undefined) return issueKey(context, input.keyGroupId, unit);
    return { facts: [], output: given, audit: handOutNote([given], `dataUnit=${unit.id}`) };
  },
  reply: (given, give) => ({ key: give(given) }),
});
