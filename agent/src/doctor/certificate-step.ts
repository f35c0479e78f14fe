/** Judges the certificate that a port showed: whose root CA it comes from, and its dates. Pure: it reads no clock and no network. */
import { X509Certificate } from 'node:crypto';
import { caKeySha256 } from '@openkma/protocol';
import { type Finding, failed, ok, skipped, warning } from './step.ts';

const DAY_MS = 86_400_000;
export const WARN_DAYS = 30;

/** What is known of the cluster's root CA; all null where nothing is. */
export interface Trust {
  /** The certificate itself, as a profile keeps it or as a KMA has shown it. */
  readonly caPem: string | null;
  /** SHA-256 of its public key, upper-case hex, where it was compared by people: the certificate must have it. */
  readonly caKeySha256: string | null;
}

/** The chain is the certificate and the root: KMAs have nothing between. */
export function judgeCertificate(certificate: X509Certificate, trust: Trust, nowMs: number): Finding {
  const dates = judgeDates('the certificate', certificate, nowMs);
  if (dates.outcome === 'failed') return dates;
  if (trust.caPem === null) return skipped('no-ca', `no root CA is known to compare with; ${dates.detail}`);
  const root = new X509Certificate(trust.caPem);
  if (trust.caKeySha256 !== null && caKeySha256(trust.caPem) !== trust.caKeySha256)
    return failed(
      'wrong-ca',
      `its root CA has the key ${caKeySha256(trust.caPem)}, pinned is ${trust.caKeySha256}`,
    );
  if (!isIssuedBy(certificate, root))
    return failed(
      'wrong-ca',
      `issued by another root CA than the cluster's (${oneLine(certificate.issuer)})`,
    );
  const rootDates = judgeDates("the root CA's certificate", root, nowMs);
  if (rootDates.outcome !== 'ok') return rootDates;
  if (trust.caKeySha256 === null && dates.outcome === 'ok')
    return warning(
      'no-ca',
      `from the root CA that the KMA itself shows, which nobody has compared; ${dates.detail}`,
    );
  return dates;
}

/** A key that OpenSSL does not take is nobody's. */
function isIssuedBy(certificate: X509Certificate, root: X509Certificate): boolean {
  try {
    return certificate.checkIssued(root) && certificate.verify(root.publicKey);
  } catch {
    return false;
  }
}

function judgeDates(what: string, { validFromDate, validToDate }: X509Certificate, nowMs: number): Finding {
  const [from, to] = [dayOf(validFromDate), dayOf(validToDate)];
  if (validToDate.getTime() < nowMs) return failed('expired', `${what} expired on ${to}`);
  if (validFromDate.getTime() > nowMs) return failed('not-yet-valid', `${what} counts from ${from} on only`);
  if (validToDate.getTime() < nowMs + WARN_DAYS * DAY_MS)
    return warning('expires-soon', `${what} expires on ${to}`);
  return ok(`until ${to}`);
}

/** Whether who the certificate names is who the cluster says it is, where anybody has said. */
export function judgeName(shown: string, expected: string | null): Finding {
  if (expected === null || shown.normalize('NFC') === expected.normalize('NFC')) return ok(shown);
  return failed('other-kma', `who answers is "${shown}", and the cluster says it is "${expected}"`);
}

/** Who the certificate says it is: the cluster's name for the KMA. */
export function commonName(certificate: X509Certificate): string {
  const { CN } = certificate.toLegacyObject().subject as { readonly CN?: string | string[] };
  return Array.isArray(CN) ? CN.join(' ') : (CN ?? '');
}

function dayOf(date: Date): string {
  return date.toISOString().slice(0, 10);
}

function oneLine(text: string): string {
  return text.replaceAll('\n', ' ');
}
