/** Which root CA certificates a passphrase proof under way may have begun with (D6), as a pure question; it issues and serves nothing. */
import type { StateView } from './state.ts';

/** A challenge is good for three minutes at most: nobody can still hold one from before. */
const PREVIOUS_MS = 180_000;

/** The present one first. Before a KMA has any there is none. */
export function rootsOfProofs(state: Pick<StateView, 'get'>, nowMs: number): string[] {
  const root = state.get('certificate_authority', 'root');
  if (root === undefined || root.certificatePem === null) return [];
  const { certificatePem, previousCertificatePem, renewedAt } = root;
  const recent = renewedAt !== null && nowMs - renewedAt < PREVIOUS_MS;
  return recent && previousCertificatePem !== null
    ? [certificatePem, previousCertificatePem]
    : [certificatePem];
}
