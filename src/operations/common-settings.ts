/** Settings that families of operations have in common word for word: reading, and what Compliance Officers and Security Officers do. Whatever differs stands in the family itself. */
import { ROLES } from './operation.ts';

/** What only shows, to everybody with a role unless it names those who may. */
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

/** What Security Officers change of what all KMAs of the cluster hold in common; what needs a quorum besides says so itself. */
export const securityOfficer = {
  callers: ['SECURITY_OFFICER'],
  quorum: false,
  needsUnlocked: false,
  changes: true,
  audit: { class: 'Security Officer', retention: 'long' },
} as const;

/** The same where records of it are kept for a medium term. */
export const securityOfficerMediumTerm = {
  ...securityOfficer,
  audit: { class: 'Security Officer', retention: 'medium' },
} as const;

/** What Security Officers do at one KMA. It makes no facts: it is done also while the clock is odd, which it may mend, and outside of a cluster. */
export const machineOfficer = {
  ...securityOfficer,
  changes: false,
} as const;
