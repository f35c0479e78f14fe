/** The part of version 3 for the renewal of the root CA. */
import type { Migration } from './migration.ts';

export const ROOT_RENEWAL: Migration = [
  'ALTER TABLE "certificate_authority" ADD COLUMN "previousCertificatePem" TEXT',
  'ALTER TABLE "certificate_authority" ADD COLUMN "renewedAt" INTEGER',
];
