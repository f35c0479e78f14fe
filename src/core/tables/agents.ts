/** The tables of agents and of what they may use: policies, groups, certificates. They hold no secret. */
import type { AgentId, KeyGroupId, KeyPolicyId, ObjectId, SiteId } from '../ids.ts';
import { lww, on, table } from '../table.ts';
import { named } from './named.ts';

export const AGENT_TABLES = {
  key_policy: table(
    {
      ...named,
      encryptionPeriodSeconds: on('created').integer(),
      cryptoperiodSeconds: on('created').integer(),
      allowExportFrom: lww.integer(),
      allowImportTo: lww.integer(),
      allowAgentsToRevoke: lww.integer(),
    },
    { name: { columns: ['name', 'removedStamp'] } },
  ),
  key_group: table(
    { ...named, keyPolicyId: lww.text<KeyPolicyId>() },
    { name: { columns: ['name', 'removedStamp'] }, policy: { columns: ['keyPolicyId', 'removedStamp'] } },
  ),
  agent: table(
    {
      ...named,
      siteId: lww.text<SiteId>(),
      defaultKeyGroupId: lww.text<KeyGroupId>(),
      enabled: lww.integer(),
      /** 1: a passphrase works for one certificate retrieval. */
      oneTimePassphrase: lww.integer(),
      /** 1: the SHA-1 proof of the legacy protocol is refused. */
      modernOnly: lww.integer(),
      /** Object (class root-sealed) with the legacy authentication secret S (20 bytes). */
      legacySecretObjectId: lww.text<ObjectId>(),
      legacySecretSha256: lww.text(),
      legacyIterations: lww.integer(),
      /** Object (class open) with the Argon2id verifier for the modern proof. */
      verifierObjectId: lww.text<ObjectId>(),
      verifierSha256: lww.text(),
      /** 1 once the passphrase has been spent on a certificate; 0 again when a new one is set. */
      enrolled: lww.integer(),
      proofDisabled: lww.integer(),
    },
    {
      name: { columns: ['name', 'removedStamp'] },
      site: { columns: ['siteId', 'removedStamp'] },
      group: { columns: ['defaultKeyGroupId', 'removedStamp'] },
    },
  ),
  /** id = fingerprint of the certificate. A certificate counts while neither revoked nor its agent disabled or removed. */
  agent_certificate: table(
    {
      agentId: on('created').text<AgentId>(),
      serial: on('created').text(),
      createdAt: on('created').integer(),
      notAfter: on('created').integer(),
      proof: on('created').text<'legacy' | 'modern'>(),
      revokedAt: on('revoked').integer(),
    },
    { agent: { columns: ['agentId'] } },
  ),
  /** id = agentId:keyGroupId. */
  agent_group: table(
    {
      agentId: on('created').text<AgentId>(),
      keyGroupId: on('created').text<KeyGroupId>(),
      present: lww.integer(),
    },
    { agent: { columns: ['agentId', 'present'] }, group: { columns: ['keyGroupId', 'present'] } },
  ),
} as const;
