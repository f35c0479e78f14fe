/** SaveOwnCertificate and IssueMonitoringCertificate: the CA signs a key that its user made, which then counts as his on port 3333. The private half never comes here. */
import { z } from 'zod';
import { created } from '../../core/facts.ts';
import { type Fingerprint, toHex, type UserId } from '../../core/ids.ts';
import { type Refusal, refuse } from '../../core/refusal.ts';
import type { StateView } from '../../core/state.ts';
import type { CertificatePurpose } from '../../core/tables/user-certificates.ts';
import { isOpenCertificate } from '../../core/user-certificate.ts';
import type { DecideContext, IssuedCertificate, PrepareContext } from '../contexts.ts';
import { dateText, description } from '../fields.ts';
import { type Decision, type Origin, operation, ROLES } from '../operation.ts';
import { success } from '../success.ts';
import { callingUser, sha256Of } from './of-caller.ts';

/** Far above what a person has scripts; each is a row for ever. */
const OPEN_OF_USER_MAX = 64;
const REQUEST_CHARACTERS_MAX = 8192;
const DAYS = { min: 1, default: 365, max: 3650 } as const;

const input = z.strictObject({
  request: z
    .string()
    .max(REQUEST_CHARACTERS_MAX)
    .regex(
      /^-----BEGIN (NEW )?CERTIFICATE REQUEST-----\s[A-Za-z0-9+/=\s]+-----END (NEW )?CERTIFICATE REQUEST-----\s*$/,
    )
    .meta({ description: "certificate request (PKCS#10, PEM) whose common name is the user's own" }),
  description: description().default(''),
  days: z.int().min(DAYS.min).max(DAYS.max).default(DAYS.default).meta({ description: 'how long it counts' }),
});
const output = z.strictObject({
  key: z.string(),
  user: z.string(),
  purpose: z.enum(['full', 'monitoring']),
  serial: z.string(),
  notAfter: z.string(),
  certificatePem: z.string(),
  rootCaPem: z.string(),
});
type Input = z.infer<typeof input>;
type Output = z.infer<typeof output>;

interface Prepared {
  readonly keySha256: Fingerprint;
  readonly certificate: IssuedCertificate;
}

const common = { quorum: false, needsUnlocked: true, changes: true, input, output, prepare } as const;

export const saveOwnCertificate = operation<Input, Prepared, Output, Output>({
  ...common,
  name: 'SaveOwnCertificate',
  summary:
    'Signs a certificate for a key that the caller made: who has that key can do all that the caller may.',
  callers: ROLES,
  audit: { class: 'Management', retention: 'long' },
  command: {
    words: ['certificate', 'sign'],
    example: 'kma certificate sign --request "$(cat olga.csr)" --days 90 --user olga',
  },
  http: { method: 'POST', path: '/v1/certificates' },
  decide: (given, context, prepared) => issued(given, context, prepared, 'full'),
});

export const issueMonitoringCertificate = operation<Input, Prepared, Output, Output>({
  ...common,
  name: 'IssueMonitoringCertificate',
  summary: 'Signs a certificate for a key that can read the metrics and nothing else.',
  callers: ['SECURITY_OFFICER'],
  audit: { class: 'Security Officer', retention: 'long' },
  command: {
    words: ['certificate', 'sign-monitoring'],
    example: 'kma certificate sign-monitoring --request "$(cat prometheus.csr)" --user officer',
  },
  http: { method: 'POST', path: '/v1/monitoring-certificates' },
  decide: (given, context, prepared) => issued(given, context, prepared, 'monitoring'),
});

/** The request carries the user's name, so that nobody hands in another's as his own: its key would then act in his name. */
async function prepare(given: Input, context: PrepareContext): Promise<Prepared | Refusal> {
  const { name } = callingUser(context.caller);
  const obstacle = withoutLogIn(context.state, context.origin);
  if (obstacle !== null) return obstacle;
  // Loaded here: the processes that only show operations need none of what reads X.509.
  const { readCertificateRequest } = await import('../../security/certificate-request.ts');
  const request = await readCertificateRequest(given.request);
  if (request === null)
    return refuse(
      'CERTIFICATE_REQUEST_INVALID',
      'it cannot be read, is not signed by its own key, or the key is none of RSA 2048 to 4096, P-256, P-384, Ed25519',
    );
  if (request.commonName !== name)
    return refuse('CERTIFICATE_REQUEST_INVALID', `its common name has to be ${name}`);
  const { publicKey } = request;
  const asked = { kind: 'user', name, publicKey, days: given.days } as const;
  const certificate = await context.security.issueCertificate(asked);
  return { keySha256: toHex(sha256Of(publicKey)) as Fingerprint, certificate };
}

function issued(
  given: Input,
  { state, caller, nowMs, sessionOwner }: DecideContext,
  prepared: Prepared,
  purpose: CertificatePurpose,
): Decision<Output> {
  const { id: userId, name } = callingUser(caller);
  const { keySha256, certificate } = prepared;
  if (state.get('user_certificate', keySha256) !== undefined || sessionOwner?.(keySha256) != null)
    return refuse('CERTIFICATE_KEY_TAKEN', `key=${keySha256}`);
  if (openOf(state, userId, nowMs) >= OPEN_OF_USER_MAX)
    return refuse('TOO_MANY_CERTIFICATES', `at most ${OPEN_OF_USER_MAX} count at a time`);
  const { serial, notAfterMs, pem } = certificate;
  const fact = created('user_certificate', keySha256, {
    userId,
    purpose,
    description: given.description,
    serial,
    createdAt: nowMs,
    notAfter: notAfterMs,
  });
  const shown = { key: keySha256, user: name, purpose, serial, notAfter: dateText(notAfterMs) };
  const rootCaPem = state.get('certificate_authority', 'root')?.certificatePem ?? '';
  return {
    facts: [fact],
    output: { ...shown, certificatePem: pem, rootCaPem },
    audit: success(
      `user=${name} purpose=${purpose} key=${keySha256} serial=${serial} until=${shown.notAfter}`,
    ),
  };
}

/** Else whoever once got hold of a certificate could have himself new ones without end. */
function withoutLogIn(state: StateView, { service, fingerprint }: Origin): Refusal | null {
  const saved =
    service === 'management' && fingerprint !== null && state.get('user_certificate', fingerprint);
  return saved ? refuse('LOG_IN_NEEDED') : null;
}

function openOf(state: StateView, userId: UserId, nowMs: number): number {
  const equals = [userId, null];
  const rows = state.scan('user_certificate', 'user', { equals, limit: Number.MAX_SAFE_INTEGER });
  return rows.filter((row) => isOpenCertificate(row, nowMs)).length;
}
