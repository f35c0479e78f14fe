/** The tables of a cluster's members: KMAs, the lives of their data directories, sites. They hold no secret. */
import type { KmaId, ObjectId, SiteId } from '../ids.ts';
import { lww, on, table } from '../table.ts';
import { named } from './named.ts';

export const MEMBER_TABLES = {
  /** Members. `number` is the random positive 31-bit KMAID of discovery. Addresses are literal or names, "" if none. */
  kma: table(
    {
      ...named,
      number: on('created').integer(),
      siteId: lww.text<SiteId>(),
      enabled: lww.integer(),
      hostName: lww.text(),
      serviceAddress: lww.text(),
      serviceAddressIPv6: lww.text(),
      managementAddress: lww.text(),
      /** Minimum TLS version of ports 3332, 3334 and 3335: "1.0", "1.1", "1.2" or "1.3". */
      minimumTls: lww.text<'1.0' | '1.1' | '1.2' | '1.3'>(),
      /** PEM of the server certificate in use; its private key is a local file. Null where it is to prove its passphrase first. */
      certificatePem: lww.text(),
      /** Object (class open) with the Argon2id verifier of the passphrase that the KMA joins with. */
      verifierObjectId: lww.text<ObjectId>(),
      verifierSha256: lww.text(),
      /** 1 once the passphrase has been spent on a certificate; 0 again when a new one is set. */
      enrolled: lww.integer(),
      proofDisabled: lww.integer(),
      /** The verifier that the certificate was proven against: the certificate counts only while that is still the KMA's. */
      certificateVerifierObjectId: lww.text<ObjectId>(),
      /** `lost`: what was in it may be in strange hands. */
      removedHow: on('removed').text<'retired' | 'lost'>(),
    },
    { name: { columns: ['name', 'removedStamp'] }, site: { columns: ['siteId', 'removedStamp'] } },
  ),
  /** Lives of data directories; `logPublicKey` (raw Ed25519, hex) verifies signed audit heads. `ended` when a later one replaced it. */
  incarnation: table(
    {
      kmaId: on('created').text<KmaId>(),
      logPublicKey: on('created').text(),
      createdAt: on('created').integer(),
      reason: on('created').text<'quickstart' | 'restore' | 'join' | 'copy'>(),
      /** The life of the cluster this one belongs to; a whole-cluster restore begins a new one. */
      clusterEpochId: on('created').text(),
      /** What this life began with: {incarnationId: entries}. Logs of the lives named here are closed at these lengths in a new cluster epoch. */
      baseVectorJson: on('created').text(),
      endedAt: on('ended').integer(),
      /** Raw Ed25519, hex: signs the blocks of the log in the replication engine (security/log-signing.ts). */
      replicationPublicKey: on('created').text(),
      /** By another member, or by a later life of the same KMA, since a life's own `created` stands in a log that nobody follows before. */
      admittedKmaId: on('admitted').text<KmaId>(),
      admittedLogPublicKey: on('admitted').text(),
      admittedReplicationKey: on('admitted').text(),
      /** What this life can read (core/replication-version.ts). */
      replicationVersion: lww.integer(),
    },
    { kma: { columns: ['kmaId'] } },
  ),
  site: table(named, { name: { columns: ['name', 'removedStamp'] } }),
} as const;
