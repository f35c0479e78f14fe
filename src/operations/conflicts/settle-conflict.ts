/** SettleConflict: a person has seen what was changed on both sides, and leaves it as it is; it is listed no more. It changes neither side. */
import { z } from 'zod';
import { removed } from '../../core/facts.ts';
import { live } from '../../core/live.ts';
import { refuse } from '../../core/refusal.ts';
import { text } from '../fields.ts';
import { operation } from '../operation.ts';
import { success } from '../success.ts';
import { subjectOf } from './subject.ts';

export const settleConflict = operation({
  callers: ['SECURITY_OFFICER', 'COMPLIANCE_OFFICER', 'OPERATOR'],
  quorum: false,
  needsUnlocked: false,
  changes: true,
  audit: { class: 'Management', retention: 'long' },
  name: 'SettleConflict',
  http: { method: 'DELETE', path: '/v1/conflicts/{conflict}' },
  summary: 'Leaves what was changed on both sides as it is now, and lists it no more.',
  input: z.strictObject({ conflict: text(1, 256, 'conflict, by its ID in the list') }),
  output: z.null(),
  command: {
    words: ['conflict', 'settle'],
    arguments: ['conflict'],
    example: 'kma conflict settle ID --user officer',
  },
  decide({ conflict }, { state }) {
    const found = live(state, 'conflict', conflict);
    if (found === undefined) return refuse('CONFLICT_DOES_NOT_EXIST', conflict);
    const { kind, name, field } = subjectOf(state, found);
    return {
      facts: [removed('conflict', found.id)],
      output: null,
      audit: success(`conflict=${conflict} ${kind}=${name} ${field}`.trim()),
    };
  },
});
