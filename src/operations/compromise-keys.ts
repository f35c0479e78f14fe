/** Declares many keys compromised at once: those of a list, or all of a data unit. It destroys nothing, and one key alone is src/operations/keys.ts. */
import { z } from 'zod';
import { keysOfUnit } from '../core/data-units.ts';
import { event, type Fact } from '../core/facts.ts';
import { live } from '../core/live.ts';
import { isRefusal, type Refusal, refuse } from '../core/refusal.ts';
import type { StateView } from '../core/state.ts';
import type { Row } from '../core/tables.ts';
import { compliance } from './common-settings.ts';
import { comment, dataUnitId, keyId } from './fields.ts';
import { operation } from './operation.ts';
import { success } from './success.ts';

/** One transaction, which agents wait for, and one audit record that names them. */
const COMPROMISED_AT_ONCE_MAX = 200;

export const compromiseKeys = operation({
  ...compliance,
  name: 'CompromiseKeys',
  http: { method: 'POST', path: '/v1/compromised-keys' },
  summary:
    'Declares keys compromised, those named or those of a data unit: agents only decrypt with them from now on.',
  input: z
    .strictObject({
      keyIds: z.array(keyId()).min(1).max(COMPROMISED_AT_ONCE_MAX).optional().meta({
        description: 'these keys, at most 200',
      }),
      dataUnitId: dataUnitId().optional().meta({ description: 'the keys of this data unit' }),
      comment: comment(),
    })
    .refine(
      (input) => (input.keyIds === undefined) !== (input.dataUnitId === undefined),
      'either key IDs or a data unit',
    ),
  output: z.strictObject({ compromised: z.number(), left: z.number() }),
  command: {
    words: ['key', 'compromise-all'],
    example:
      'kma key compromise-all --data-unit-id 000102030405060708090A0B0C0D0E0F --comment "tape was stolen" --user compliance',
  },
  decide(input, { state, nowMs }) {
    const named =
      input.keyIds === undefined ? keysOf(state, input.dataUnitId) : keysNamed(state, input.keyIds);
    if (isRefusal(named)) return named;
    const keys = named.filter((key) => key.compromisedStamp === null);
    const now = keys.slice(0, COMPROMISED_AT_ONCE_MAX);
    if (now.length === 0) return refuse('KEY_ALREADY_COMPROMISED', 'no key is left to be compromised');
    const cells = { compromisedAt: nowMs, compromisedComment: input.comment };
    const unit = input.dataUnitId === undefined ? '' : `dataUnit=${input.dataUnitId} `;
    return {
      facts: now.map((key): Fact => event('key', key.id, 'compromised', cells)),
      output: { compromised: now.length, left: keys.length - now.length },
      audit: success(
        `${unit}keys=${now.length} comment=${input.comment} ids=${now.map((key) => key.id).join(',')}`,
      ),
      effects: now.some((key) => key.activatedStamp === null) ? [{ effect: 'pool-changed' }] : [],
    };
  },
});

/** Destroyed ones too: that their bytes were known to others stays worth knowing. */
function keysOf(state: StateView, id = ''): readonly Row<'key'>[] | Refusal {
  const unit = live(state, 'data_unit', id);
  return unit === undefined ? refuse('DATA_UNIT_NOT_FOUND', id) : keysOfUnit(state, unit);
}

/** All or none: a mistyped ID must not look like a key that is safe now. */
function keysNamed(state: StateView, ids: readonly string[]): readonly Row<'key'>[] | Refusal {
  const keys: Row<'key'>[] = [];
  for (const id of new Set(ids)) {
    const key = live(state, 'key', id);
    if (key === undefined) return refuse('KEY_DOES_NOT_EXIST', id);
    keys.push(key);
  }
  return keys;
}
