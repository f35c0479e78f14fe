/** The cluster's root CA: shown, and renewed with its own key, so that certificates and backups from before stay good. Its key is never replaced here. */
import { X509Certificate } from 'node:crypto';
import { caKeySha256 } from '@openkma/protocol';
import { z } from 'zod';
import { set } from '../core/facts.ts';
import { refuse } from '../core/refusal.ts';
import type { StateView } from '../core/state.ts';
import { reading, securityOfficer } from './common-settings.ts';
import type { IssuedCertificate, RootCertificate } from './contexts.ts';
import { dateText } from './fields.ts';
import { reissueKmaCertificate } from './kma-certificate.ts';
import { operation, type Self } from './operation.ts';
import { success, warning } from './success.ts';

const shownRoot = z.strictObject({
  subject: z.string(),
  validFrom: z.string(),
  validTo: z.string(),
  digest: z.string(),
  fingerprint: z.string(),
  /** What clients pin: it stays when the root is renewed. */
  publicKeySha256: z.string(),
  certificatePem: z.string(),
});

function shown({ certificatePem, digest }: RootCertificate): z.infer<typeof shownRoot> {
  const certificate = new X509Certificate(certificatePem);
  return {
    subject: certificate.subject.replaceAll('\n', ', '),
    validFrom: dateText(certificate.validFromDate.getTime()),
    validTo: dateText(certificate.validToDate.getTime()),
    digest,
    fingerprint: certificate.fingerprint256.replaceAll(':', ''),
    publicKeySha256: caKeySha256(certificatePem),
    certificatePem,
  };
}

/** As it is served now; null before QuickStart. */
function presentRoot(state: StateView): RootCertificate | null {
  const row = state.get('certificate_authority', 'root');
  if (row?.certificatePem == null) return null;
  return { certificatePem: row.certificatePem, digest: row.digest ?? 'SHA-256' };
}

export const showRootCa = operation({
  ...reading,
  name: 'ShowRootCa',
  http: { method: 'GET', path: '/v1/root-ca' },
  summary: "Shows the cluster's root CA certificate.",
  input: z.strictObject({}),
  output: shownRoot,
  command: { words: ['root-ca', 'show'], example: 'kma root-ca show --user auditor' },
  view(_input, { state }) {
    const root = presentRoot(state);
    return root === null ? refuse('CORE_SECURITY_NOT_FOUND') : shown(root);
  },
});

interface Renewal {
  readonly before: RootCertificate;
  readonly root: RootCertificate;
  readonly kmaCertificate: IssuedCertificate;
}

/** With it goes the server certificate, which would else be the last to bear the digest of before. */
export const renewRootCa = operation({
  ...securityOfficer,
  needsUnlocked: true,
  name: 'RenewRootCa',
  http: { method: 'POST', path: '/v1/root-ca/renewals' },
  summary:
    "Renews the root CA's certificate for the same key: agents go on with theirs, and backups stay good.",
  input: z.strictObject({
    digest: z.enum(['SHA-256', 'SHA-1']).default('SHA-256').meta({
      description: 'what certificates are signed with from now on; only very old agents need SHA-1',
    }),
  }),
  output: shownRoot,
  command: { words: ['root-ca', 'renew'], example: 'kma root-ca renew --digest SHA-256 --user officer' },
  async prepare({ digest }, context) {
    const before = presentRoot(context.state);
    if (before === null) return refuse('CORE_SECURITY_NOT_FOUND');
    if (cutsAgentsOff(before, digest, context.state, context.self)) return refuse('SHA1_CUTS_AGENTS_OFF');
    const root = await context.security.renewRootCa(digest);
    return { before, root, kmaCertificate: await reissueKmaCertificate(context, root) };
  },
  decide(_input, { state, self, nowMs }, { before, root, kmaCertificate }: Renewal) {
    if (presentRoot(state)?.certificatePem !== before.certificatePem) return refuse('ROOT_CA_CHANGED');
    if (cutsAgentsOff(before, root.digest, state, self)) return refuse('SHA1_CUTS_AGENTS_OFF');
    const { certificatePem, digest } = root;
    const { fingerprint, validTo } = shown(root);
    const message = `digest=${digest} before=${before.digest} fingerprint=${fingerprint} until=${validTo}`;
    return {
      facts: [
        set('certificate_authority', 'root', {
          certificatePem,
          digest,
          previousCertificatePem: before.certificatePem,
          renewedAt: nowMs,
        }),
        set('kma', self.kmaId, { certificatePem: kmaCertificate.pem }),
      ],
      output: shown(root),
      audit: digest === 'SHA-1' ? warning('SHA-1 certificates', message) : success(message),
      effects: [{ effect: 'tls-changed' }],
    };
  },
});

/** Whoever asks for TLS 1.2 refuses a server certificate signed with SHA-1: while that is what is demanded, nobody needs one. */
function cutsAgentsOff(
  before: RootCertificate,
  digest: RootCertificate['digest'],
  state: StateView,
  self: Self,
): boolean {
  const minimumTls = state.get('kma', self.kmaId)?.minimumTls ?? '1.2';
  return digest === 'SHA-1' && before.digest !== 'SHA-1' && minimumTls >= '1.2';
}

export const rootCaOperations = [showRootCa, renewRootCa];
