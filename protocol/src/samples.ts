/** One sound response of each operation, for the tests; it is no part of the package's face. */
import type { AgentKey, ClusterMember, DataUnit, Responses } from './index.ts';

export const UNIT: DataUnit = {
  dataUnitId: '24072F2D9892BE582A1E7FB320BA76F6',
  externalUniqueId: '5441504530303031',
  externalTag: 'VOL001',
  description: 'Beschreibung ä',
  state: 'DATA-UNIT-STATE-READABLE-NORMAL',
};
export const KEY: AgentKey = {
  keyId: '0000F293E1C6215923C757F3CA3183B6A7E89AB12251AE0806F776AB5E83',
  keyState: 'KEY-STATE-PROTECT-AND-PROCESS',
  keyType: 'KEY-TYPE-AES-256',
  keyGroupId: 'DefaultGroup',
  key: Buffer.alloc(32, 0xa5),
};
export const WRAPPED: AgentKey = {
  ...KEY,
  key: Buffer.from('117300E9F6799208B19C15411FB4FD6AFA414F0D108E29B4AA27B646C0655973E0CCEB88B2D8BCB0', 'hex'),
};
export const MEMBER: ClusterMember = {
  kmaVersion: 'Build700',
  kmaHostNameIpv6: '',
  kmaNetworkAddressIpv6: '',
  locked: false,
  kmaId: 1,
  kmaName: 'KMA1',
  kmaSiteId: 'SiteA',
  kmaHostName: 'kma1',
  kmaNetworkAddress: '192.0.2.10',
  enabled: true,
  load: 0,
  responding: true,
};

const oneUnit = { dataUnit: UNIT };

export const SAMPLES: Responses = {
  RetrieveRootCACertificate: {
    rootCaCertificate: Buffer.from('-----BEGIN CERTIFICATE-----\n'),
    authenticationHashIterationCount: 50_000,
    clientAuthenticationChallenge: Buffer.from('0F368796E3927D6F71834DD73FCF0B97B437F3E7', 'hex'),
  },
  RetrieveLocalClock: { currentTime: Date.UTC(2026, 10, 23, 7, 30) },
  RetrieveEntityCertificate: {
    serverAuthenticationResponse: Buffer.from('41805DCDA599F85A93661014AF87281E48CE607E', 'hex'),
    certificate: Buffer.from('-----BEGIN CERTIFICATE-'),
    wrappedPrivateKeyMaterial: Buffer.from('-----BEGIN RSA PRIVATE KEY-'),
  },
  BeginProof: {
    salt: Buffer.alloc(16, 1),
    memoryKib: 19_456,
    passes: 2,
    lanes: 1,
    rootCaCertificate: Buffer.from('-----BEGIN CERTIFICATE-----\n'),
    serverChallenge: Buffer.alloc(32, 2),
    oneTimePublicKey: Buffer.alloc(32, 3),
  },
  EnrolAgent: {
    serverSignature: Buffer.alloc(32, 4),
    certificate: Buffer.from('-----BEGIN CERTIFICATE-'),
  },
  EnrolKma: {
    serverSignature: Buffer.alloc(32, 5),
    certificate: Buffer.from('-----BEGIN CERTIFICATE-'),
  },
  LogInUser: { serverSignature: Buffer.alloc(32, 6), expiresAt: Date.UTC(2026, 10, 23, 19, 30) },
  DiscoverCluster: { entitySiteId: 'SiteA', clusterMembers: [MEMBER] },
  ListKeyGroups: {
    keyGroups: [
      { keyGroupId: 'DefaultGroup', description: 'default' },
      { keyGroupId: 'Gruppe-Ä', description: 'second & more' },
    ],
    lastPage: true,
    nextPageQueryParameters: {
      nextPageSize: 100,
      sortFieldName: '',
      sortOrder: 'SORT-ORDER-ASCENDING',
      filterParameters: [],
      previousPageLastIdValue: '',
      previousPageLastSortFieldValue: '',
    },
  },
  CreateDataUnit: oneUnit,
  RetrieveDataUnit: oneUnit,
  RetrieveDataUnitByExternalUniqueID: oneUnit,
  DisassociateDataUnitKeys: {},
  CreateKey: { key: KEY },
  CreateKey2: { key: WRAPPED },
  RetrieveKey: { key: KEY },
  RetrieveKey2: { key: WRAPPED },
  RetrieveDataUnitKeys: { keysRemaining: 0, keys: [KEY, KEY] },
  RetrieveDataUnitKeys2: { keysRemaining: 7, keys: [WRAPPED] },
  RetrieveProtectAndProcessKey: { key: KEY },
  RetrieveProtectAndProcessKey2: { key: WRAPPED },
  CreateAuditLog: {},
  GetAgentKWKPublicKey: { kwkPublicKey: Buffer.from('-----BEGIN PUBLIC KEY-') },
  RegisterAgentKWK: { agentKwkId: 'D8D64A361117E476' },
  RevokeKey: {},
};
