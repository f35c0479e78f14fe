/** Reads a certificate request (PKCS#10) and checks that its maker has the private key. It issues nothing. */
import 'reflect-metadata';
import { createPublicKey } from 'node:crypto';
import { Pkcs10CertificateRequest } from '@peculiar/x509';
import { isManagerKey } from '../core/manager-key.ts';

export interface ProvenRequest {
  /** The only common name in the subject. */
  readonly commonName: string;
  /** SubjectPublicKeyInfo in DER. */
  readonly publicKey: Uint8Array;
}

/** Null for what cannot be read, is not signed by its own key, names not exactly one subject, or has a key no manager may have. */
export async function readCertificateRequest(pem: string): Promise<ProvenRequest | null> {
  try {
    const request = new Pkcs10CertificateRequest(pem);
    const [commonName, ...others] = request.subjectName.getField('CN');
    if (commonName === undefined || others.length > 0) return null;
    const key = createPublicKey({ key: Buffer.from(request.publicKey.rawData), format: 'der', type: 'spki' });
    // As TLS will show it: what the request holds could be the same key written otherwise.
    const publicKey = key.export({ type: 'spki', format: 'der' });
    if (!isManagerKey(key) || !(await request.verify())) return null;
    return { commonName: commonName.normalize('NFC'), publicKey };
  } catch {
    return null;
  }
}
