/** What to do about a fault of a KMA, for people; nothing in a program depends on it. */
import { SoapFault } from '@openkma/protocol';

const ADVICE: Readonly<Record<number, string>> = {
  1000: 'the agent may be disabled, have no default key group, or not have the group named: see "okm-agent groups", or ask the Compliance Officer; a new passphrase revokes the certificate: then enrol again with it, "okm-agent enroll --replace"',
  1002: 'the passphrase is wrong, spent or disabled, or the agent takes the modern proof only: the operator can set a new one, the audit log says which',
  1018: 'a quorum has to unlock the KMA',
  1021: 'the administrator has to take a backup, which makes keys Ready',
};

/** The fault may lie inside the error that says that all attempts failed. */
export function adviceFor(error: unknown): string | null {
  for (let inner = error; inner instanceof Error; inner = inner.cause)
    if (inner instanceof SoapFault) return inner.number === null ? null : (ADVICE[inner.number] ?? null);
  return null;
}
