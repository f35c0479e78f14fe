/** Settings that families of operations have in common word for word: reading, and the changes of Compliance Officers and of Security Officers without a quorum. Whatever differs stands in the family itself. */
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

/** What a Security Officer changes alone for the whole cluster. */
export const securityOfficer = {
  callers: ['SECURITY_OFFICER'],
  quorum: false,
  needsUnlocked: false,
  changes: true,
  audit: { class: 'Security Officer', retention: 'long' },
} as const;

/** The same for what nothing secret hangs on. */
export const securityOfficerLightly = {
  ...securityOfficer,
  audit: { class: 'Security Officer', retention: 'medium' },
} as const;
