/** Holds refusals of the appliance's own operations to a line each, without values, and not again while they stay the same. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuse } from '../../core/refusal.ts';
import { LocalRefusals } from './local-refusals.ts';

test('a line for the first refusal, for another code, and again after a success', () => {
  const lines: string[] = [];
  const refusals = new LocalRefusals((text, where) => lines.push(`${where}: ${text}`));
  const full = refuse('STORE_UNWRITABLE', 'secret detail');
  refusals.note('FillKeyPool', full);
  refusals.note('FillKeyPool', full);
  refusals.note('CutAuditLog', full);
  refusals.note('FillKeyPool', refuse('CLOCK_ODD'));
  refusals.note('FillKeyPool', { output: { made: 1 } });
  refusals.note('FillKeyPool', refuse('CLOCK_ODD'));
  assert.deepEqual(lines, [
    "the appliance's own FillKeyPool: refused with STORE_UNWRITABLE",
    "the appliance's own CutAuditLog: refused with STORE_UNWRITABLE",
    "the appliance's own FillKeyPool: refused with CLOCK_ODD",
    "the appliance's own FillKeyPool: refused with CLOCK_ODD",
  ]);
});
