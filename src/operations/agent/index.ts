/** All operations of the four services agents use, for the catalogue. */
import type { Operation } from '../operation.ts';
import { retrieveLocalClock, retrieveRootCaCertificate } from './ca.ts';
import { retrieveEntityCertificate } from './certificate.ts';
import { createAuditLog } from './create-audit-log.ts';
import { createKey, createKey2 } from './create-key.ts';
import {
  createDataUnit,
  disassociateDataUnitKeys,
  retrieveDataUnit,
  retrieveDataUnitByExternalUniqueId,
} from './data-units.ts';
import { discoverCluster } from './discovery.ts';
import { getAgentKwkPublicKey, registerAgentKwk } from './key-wrapping-key.ts';
import { listKeyGroups } from './list-key-groups.ts';
import { retrieveDataUnitKeys, retrieveDataUnitKeys2 } from './retrieve-data-unit-keys.ts';
import { retrieveKey, retrieveKey2 } from './retrieve-key.ts';
import {
  retrieveProtectAndProcessKey,
  retrieveProtectAndProcessKey2,
} from './retrieve-protect-and-process-key.ts';
import { revokeKey } from './revoke-key.ts';

export const agentOperations: readonly Operation[] = [
  retrieveRootCaCertificate,
  retrieveLocalClock,
  retrieveEntityCertificate,
  discoverCluster,
  listKeyGroups,
  createDataUnit,
  retrieveDataUnit,
  retrieveDataUnitByExternalUniqueId,
  disassociateDataUnitKeys,
  createKey,
  createKey2,
  retrieveKey,
  retrieveKey2,
  retrieveDataUnitKeys,
  retrieveDataUnitKeys2,
  retrieveProtectAndProcessKey,
  retrieveProtectAndProcessKey2,
  createAuditLog,
  getAgentKwkPublicKey,
  registerAgentKwk,
  revokeKey,
];
