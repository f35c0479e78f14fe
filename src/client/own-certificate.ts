/** A new key for a saved certificate, and the request that proves it; the key is not sent anywhere. */
import 'reflect-metadata';
import { KeyObject, webcrypto } from 'node:crypto';
import { Name, Pkcs10CertificateRequestGenerator } from '@peculiar/x509';

export interface RequestedKey {
  readonly privateKeyPem: string;
  /** PKCS#10, PEM. */
  readonly requestPem: string;
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** The common name is the user's, so that the request serves nobody else. */
export async function makeRequestedKey(user: string): Promise<RequestedKey> {
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const request = await Pkcs10CertificateRequestGenerator.create({
    name: new Name([{ CN: [{ utf8String: user }] }]),
    keys,
    signingAlgorithm: ALGORITHM,
  });
  const privateKey = KeyObject.from(keys.privateKey);
  return {
    privateKeyPem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    requestPem: request.toString('pem'),
  };
}
