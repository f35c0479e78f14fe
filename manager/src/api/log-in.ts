/** Logs a user in: two messages, of which neither holds the passphrase, and a check that the KMA knows its verifier. The session itself is in a cookie that no script sees. */
import { fromHex, toHex } from '../proof/bytes.ts';
import { type Opening, prove } from '../proof/scram.ts';
import { request } from './call.ts';

/** Somebody answers who is not the KMA. */
export class NotTheKma extends Error {
  override readonly name = 'NotTheKma';
}

const NONCE_BYTES = 32;

/** Gives the key to which credentials are sealed in this log-in, hex. */
export async function logIn(name: string, passphrase: string): Promise<string> {
  // As names are kept: a keyboard may give another spelling.
  const user = name.normalize('NFC');
  const clientNonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
  const asked = { user, clientNonce: toHex(clientNonce) };
  const opening = (await request('POST', '/web/proof', asked)).body as Opening;
  const proof = await prove(user, passphrase, clientNonce, opening, location.origin);
  const message = { ...asked, clientProof: toHex(proof.clientProof) };
  const answer = (await request('POST', '/web/log-in', message)).body as { readonly serverSignature: string };
  if (!proof.accepts(fromHex(answer.serverSignature)))
    throw new NotTheKma('the answer was not made by this KMA');
  return opening.oneTimePublicKey;
}
