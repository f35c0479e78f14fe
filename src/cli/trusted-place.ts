/** The KMA that a client is about to trust for the first time: its root CA's key is the one that was given, or somebody at the terminal compares it. */
import { X509Certificate } from 'node:crypto';
import { createInterface } from 'node:readline/promises';
import { caKeySha256 } from '@openkma/protocol';
import { type Place, shownCa } from '../client/log-in.ts';
import { OpenKmaError } from '../errors.ts';
import { say } from './output.ts';

export interface Candidate {
  readonly address: string;
  readonly portOffset: number;
  /** Null where it is to be compared. */
  readonly caKeySha256: string | null;
  readonly timeoutMs: number;
  /** What there is not, where it is not trusted. */
  readonly otherwise: string;
}

export async function trustedPlace(candidate: Candidate): Promise<Place> {
  const { address, portOffset, caKeySha256: known, timeoutMs, otherwise } = candidate;
  const shown = await shownCa({ address, portOffset }, timeoutMs);
  const found = caKeySha256(shown);
  if (known !== null && known !== found)
    throw new OpenKmaError('KMA_NOT_TRUSTED', `its root CA has the key ${found}, not ${known}`);
  if (known === null) await assertAccepted(address, found, shown, otherwise);
  return { address, portOffset, caKeySha256: found };
}

async function assertAccepted(kma: string, key: string, pem: string, otherwise: string): Promise<void> {
  if (process.stdin.isTTY !== true)
    throw new OpenKmaError(
      'USAGE',
      `no terminal to confirm the root CA on: give --ca-key (${kma} shows ${key})`,
    );
  say(
    `${kma} shows a root CA made ${new X509Certificate(pem).validFrom}, whose key has the SHA-256\n\n  ${key}\n`,
  );
  say('Compare with "Public key SHA256" of "kma root-ca show" at the appliance.');
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await lines.question('Are they equal? (yes or no) ');
    if (answer.trim().toLowerCase() !== 'yes') throw new OpenKmaError('KMA_NOT_TRUSTED', otherwise);
  } finally {
    lines.close();
  }
}
