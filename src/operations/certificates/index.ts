/** The operations on saved certificates of users, as the catalogue takes them. */
import type { Operation } from '../operation.ts';
import { issueMonitoringCertificate, saveOwnCertificate } from './issue.ts';
import { listUserCertificates, revokeUserCertificate } from './saved.ts';

export const certificateOperations: readonly Operation[] = [
  saveOwnCertificate,
  issueMonitoringCertificate,
  listUserCertificates,
  revokeUserCertificate,
];
