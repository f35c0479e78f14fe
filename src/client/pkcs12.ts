/** Key and certificate as PKCS#12, as browsers and other programs keep them: AES-256 under a passphrase. It touches no file. */
import { createPrivateKey, X509Certificate } from 'node:crypto';
import * as pkijs from 'pkijs';
import type { FileParts } from './saved-certificate.ts';

const CERTIFICATE_BAG = '1.2.840.113549.1.12.10.1.3';
const SHROUDED_KEY_BAG = '1.2.840.113549.1.12.10.1.2';
const PASSWORD_MODE = 0;
const ENCRYPTED = 1;
const UNENCRYPTED = 0;
/** Of PBKDF2; openssl takes 2,048. */
const ITERATIONS = 100_000;
const ENCRYPTION = {
  contentEncryptionAlgorithm: { name: 'AES-CBC', length: 256 },
  hmacHashAlgorithm: 'SHA-256',
  iterationCount: ITERATIONS,
};
/** With the root CA beside the certificate. */
export async function toPkcs12(
  { privateKeyPem, certificatePem, rootCaPem }: FileParts,
  passphrase: string,
): Promise<Uint8Array> {
  const password = passwordOf(passphrase);
  const key = new pkijs.PKCS8ShroudedKeyBag({
    parsedValue: pkijs.PrivateKeyInfo.fromBER(
      bufferOf(createPrivateKey(privateKeyPem).export({ type: 'pkcs8', format: 'der' })),
    ),
  });
  await key.makeInternalValues({ password, ...ENCRYPTION });
  const certificates = [certificatePem, rootCaPem].map(
    (pem) =>
      new pkijs.SafeBag({
        bagId: CERTIFICATE_BAG,
        bagValue: new pkijs.CertBag({ parsedValue: pkijs.Certificate.fromBER(derOf(pem)) }),
      }),
  );
  const keys = [new pkijs.SafeBag({ bagId: SHROUDED_KEY_BAG, bagValue: key })];
  const authenticatedSafe = new pkijs.AuthenticatedSafe({
    parsedValue: {
      safeContents: [
        { privacyMode: UNENCRYPTED, value: new pkijs.SafeContents({ safeBags: keys }) },
        { privacyMode: ENCRYPTED, value: new pkijs.SafeContents({ safeBags: certificates }) },
      ],
    },
  });
  await authenticatedSafe.makeInternalValues({ safeContents: [{}, { password, ...ENCRYPTION }] });
  const file = new pkijs.PFX({ parsedValue: { integrityMode: PASSWORD_MODE, authenticatedSafe } });
  const mac = { pbkdf2HashAlgorithm: 'SHA-256', hmacHashAlgorithm: 'SHA-256' };
  await file.makeInternalValues({ password, iterations: ITERATIONS, ...mac });
  return new Uint8Array(file.toSchema().toBER(false));
}

const derOf = (pem: string): ArrayBuffer => bufferOf(new X509Certificate(pem).raw);
const passwordOf = (text: string): ArrayBuffer => bufferOf(Buffer.from(text));
const bufferOf = (bytes: Uint8Array): ArrayBuffer => Uint8Array.from(bytes).buffer;
