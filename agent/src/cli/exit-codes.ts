/** The exit codes of okm-agent, one for each kind of failure; scripts rely on them, so they never change their meaning. */
import type { FailureKind } from '../errors.ts';

export const EXIT_CODES: Record<FailureKind, number> = {
  failure: 1,
  usage: 2,
  'not-found': 3,
  denied: 4,
  conflict: 5,
  unavailable: 6,
  damaged: 7,
};

export const EXIT_CODES_HELP = `
Exit codes:
  0  done
  1  failure without a code of its own
  2  wrong usage: an option, an argument, a value out of bounds
  3  not found: no such key or data unit, or the key is destroyed
  4  denied: agent disabled, group not allowed, wrong passphrase, files open to others
  5  conflict: the external ID, the profile or the output file exists already
  6  unavailable: no KMA answered, all are locked, or none has ready keys
  7  damaged data: the encrypted file was altered or cut short; output so far is incomplete
`;
