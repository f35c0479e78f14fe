/** Which keys a manager may be known by (D7). It sees only what kind of key it is. */

const CURVES = ['prime256v1', 'secp384r1'];
const RSA_BITS = { min: 2048, max: 4096 } as const;

/** The part of a public key that is judged. */
export interface KeyKind {
  readonly asymmetricKeyType?: string | undefined;
  readonly asymmetricKeyDetails?:
    | { readonly modulusLength?: number | undefined; readonly namedCurve?: string | undefined }
    | undefined;
}

export function isManagerKey({ asymmetricKeyType, asymmetricKeyDetails }: KeyKind): boolean {
  if (asymmetricKeyType === 'rsa') {
    const bits = asymmetricKeyDetails?.modulusLength ?? 0;
    return bits >= RSA_BITS.min && bits <= RSA_BITS.max;
  }
  if (asymmetricKeyType === 'ec') return CURVES.includes(asymmetricKeyDetails?.namedCurve ?? '');
  return asymmetricKeyType === 'ed25519';
}
