/** Shamir's secret sharing for thresholds from 1 on. It cannot tell a wrong secret from the right one: whoever combines must check. */
import { combine, split } from 'shamir-secret-sharing';
import { SecretBytes } from './secret-bytes.ts';

/** Each share is the secret's length and one byte, its place. */
export async function splitSecret(
  secret: SecretBytes,
  size: number,
  threshold: number,
): Promise<SecretBytes[]> {
  if (threshold > 1) {
    const shares = await split(plain(secret.reveal()), size, threshold);
    return shares.map((share) => new SecretBytes(share));
  }
  // The package starts at 2. Threshold 1 is a polynomial of degree 0: every share is the secret itself.
  return Array.from(
    { length: size },
    (_, index) => new SecretBytes(Buffer.concat([secret.reveal(), Uint8Array.of(index + 1)])),
  );
}

/** Null where the shares cannot belong to one split. */
export async function combineShares(
  shares: readonly SecretBytes[],
  threshold: number,
): Promise<SecretBytes | null> {
  const used = shares.slice(0, threshold).map((share) => plain(share.reveal()));
  const [first] = used;
  if (first === undefined || used.length < threshold) return null;
  try {
    return new SecretBytes(threshold === 1 ? first.slice(0, -1) : await combine(used));
  } catch {
    return null;
  } finally {
    for (const share of used) share.fill(0);
  }
}

/** The package refuses a Buffer. */
function plain(bytes: Uint8Array): Uint8Array {
  return Uint8Array.from(bytes);
}
