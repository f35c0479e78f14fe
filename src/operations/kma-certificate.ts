/** Issues this KMA's server certificate anew: the TLS key stays, dates and signature are new. It records nothing. */
import { X509Certificate } from 'node:crypto';
import type { IssuedCertificate, PrepareContext, RootCertificate } from './contexts.ts';

/** Under the root that is served, unless another is about to be. */
export function reissueKmaCertificate(
  { state, self, security }: PrepareContext,
  root?: RootCertificate,
): Promise<IssuedCertificate> {
  const pem = state.get('kma', self.kmaId)?.certificatePem;
  if (pem == null) throw new Error('this KMA has no certificate');
  const publicKey = new X509Certificate(pem).publicKey.export({ type: 'spki', format: 'der' });
  const request = { kind: 'kma', name: self.kmaName, publicKey } as const;
  return security.issueCertificate(root === undefined ? request : { ...request, root });
}
