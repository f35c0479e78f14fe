/** What both ways of proving a passphrase share: reading the root CA, holding it to the pin, one transport for one step. It proves nothing itself. */
import { caKeySha256, canonicalPem } from '@openkma/protocol';
import { AgentError } from './errors.ts';
import type { Transport } from './transport.ts';

/** Text from the KMA as a canonical certificate; an AgentError where it is none. */
export function canonical(pem: Uint8Array, what: string): string {
  try {
    // As text, so that DER is refused as agents do (protocol 4.1).
    return canonicalPem(Buffer.from(pem).toString('latin1'));
  } catch (error) {
    throw new AgentError('failure', `the ${what} that the KMA sent cannot be read`, error);
  }
}

/** Before anything that depends on the passphrase is sent: the CA's key must be the one that is known, where one is. */
export function requirePinned(caPem: string, pinned: string | null): void {
  const given = caKeySha256(caPem);
  if (pinned === null || pinned === given) return;
  throw new AgentError(
    'denied',
    `the root CA of this KMA has another key than the one pinned: this may be an impostor. ` +
      `Pinned is ${pinned}, the KMA has ${given}. Compare with publicKeySha256 of "kma root-ca show" at the KMA itself; ` +
      'only where they are equal, try again with --ca-key and that value',
  );
}

export async function withTransport<Result>(
  transport: Transport,
  work: (transport: Transport) => Promise<Result>,
): Promise<Result> {
  try {
    return await work(transport);
  } finally {
    transport.close();
  }
}
