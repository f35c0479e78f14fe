/** Settings that families of operations have in common word for word: reading, and the changes of Compliance Officers. Whatever differs stands in the family itself. */
import { ROLES } from './operation.ts';

/** What everybody with a role may look at. */
export const reading = {
  callers: ROLES,
  quorum: false,
  needsUnlocked: false,
  changes: false,
  audit: { class: 'Management', retention: 'short' },
} as const;

/** Keys, their groups and their policies are the Compliance Officers'; records of what they change are kept longest. */
export const compliance = {
  callers: ['COMPLIANCE_OFFICER'],
  quorum: false,
  needsUnlocked: false,
  changes: true,
  audit: { class: 'Compliance Officer', retention: 'long' },
} as const;
