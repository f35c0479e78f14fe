/** What to do about a fault of a KMA, for people, by its number and the call; nothing in a program depends on it. */
import { type OperationName, SoapFault } from '@openkma/protocol';
import { KmsUnavailableError } from '../errors.ts';
import { wasReached } from '../faults.ts';

const ACCESS_DENIED = 1000;

const ADVICE: Readonly<Record<number, string>> = {
  1002:
    'the passphrase may be wrong, or spent: it is good for one enrolment, unless the agent was made with --no-one-time-passphrase; ' +
    'or it is disabled after too many failures, the agent is disabled or deleted or takes the modern proof only, or the KMA was restored ' +
    'from before it was made. A KMA tells strangers none of that, but its audit log. Ask the Operator for a new passphrase ' +
    '("okm agent set-passphrase")',
  1009:
    'no KMA that was asked knows the key, or it was never handed out. Another KMA may have it that cannot be reached now ' +
    '("okm-agent discover"), and a KMA that was restored does not know what was made after its backup',
  1018: 'a quorum has to unlock the KMA; one that has joined answers so until it has caught up',
  1020:
    'no KMA that was asked knows the data unit. Another KMA may that cannot be reached now ("okm-agent discover"), ' +
    'and a KMA that was restored does not know what was made after its backup',
  1021: 'the administrator has to take a backup, which makes keys Ready',
};

/** A KMA refuses each call for these; which of them it was its audit log says, and nobody else is told. */
const DENIED_ALWAYS =
  'the agent is disabled or deleted; its certificate is revoked, as by a new passphrase, or unknown to a KMA that was restored ' +
  'from before the enrolment: then enrol again with a new passphrase, "okm-agent enroll --replace"';

const GROUP =
  'the key group that was named, or the default one, is not of the agent, is unknown or has no key policy';
const NEW_KEY = `none was named and the agent has no default key group; ${GROUP}: see "okm-agent groups", or ask the Compliance Officer`;
const NOT_OF_AGENT = "the key is of a key group that is not the agent's: ask the Compliance Officer";

/** And for these, by the call; of a pair, plain and wrapped, by the plain one. */
const DENIED_BY_CALL: { readonly [Name in OperationName]?: string } = {
  CreateKey: NEW_KEY,
  RetrieveProtectAndProcessKey: NEW_KEY,
  RetrieveKey:
    `${NOT_OF_AGENT}; or the KMA was restored from a backup of before the key was handed out, so that it does not know the key group, and ` +
    'the agent named none and has no default one, or may not use that: name one once, "okm-agent get-key KEY-ID --group GROUP"',
  RevokeKey: `${NOT_OF_AGENT}; or its key policy does not let agents revoke keys`,
};

/** One for each different fault; those of all KMAs lie inside the error that says that all attempts failed. */
export function adviceFor(error: unknown): readonly string[] {
  if (error instanceof SoapFault) return adviceForFault(error);
  if (!(error instanceof KmsUnavailableError)) return [];
  const failures = error.answers.map((answer) => answer.error);
  const advice = failures.flatMap((failure) => (failure instanceof SoapFault ? adviceForFault(failure) : []));
  if (!failures.every(wasReached))
    advice.push('"okm-agent doctor" finds what is wrong on the way to a KMA that cannot be reached');
  return [...new Set(advice)];
}

function adviceForFault({ number, operation }: SoapFault): readonly string[] {
  if (number === ACCESS_DENIED) return [denied(operation)];
  const advice = number === null ? undefined : ADVICE[number];
  return advice === undefined ? [] : [advice];
}

function denied(operation: OperationName | null): string {
  const plain = operation?.replace(/2$/, '') as OperationName | undefined;
  const byCall = plain === undefined ? undefined : DENIED_BY_CALL[plain];
  const causes = byCall === undefined ? DENIED_ALWAYS : `${byCall}; or ${DENIED_ALWAYS}`;
  return `the audit log of the KMA says which it is: ${causes}`;
}
