/** The one table of operations on the wire, from which encoders, decoders and types derive; it knows no semantics. */
import { NONCE_BYTES, ONE_TIME_KEY_BYTES, PROOF_ROLES } from './auth-message.ts';
import * as limits from './limits.ts';
import { AUDIT_LOG_CONDITIONS, AUDIT_LOG_RETENTIONS } from './model.ts';
import { PROOF_KEY_BYTES, PROOF_SALT_BYTES } from './proof-cost.ts';
import { clusterMember, dataUnit, keyGroup, plainKey, queryParameters, wrappedKey } from './structs.ts';
import {
  array,
  boolean,
  count,
  dateTime,
  element,
  enumeration,
  type FieldSet,
  type FieldsOf,
  hexBinary,
  identifier,
  int,
  optionalElement,
  type StructType,
  struct,
  text,
} from './wire-type.ts';

export interface ServiceNamespace {
  readonly prefix: string;
  readonly uri: string;
}
export const SERVICES = {
  ca: { prefix: 'KMS-CA', uri: 'http://www.sun.com/KMS/KMS-CA' },
  certificate: { prefix: 'KMS-Certificate', uri: 'http://www.sun.com/KMS/KMS-Certificate' },
  discovery: { prefix: 'KMS-Discovery', uri: 'http://www.sun.com/KMS/KMS-Discovery' },
  agent: { prefix: 'KMS-Agent', uri: 'http://www.sun.com/KMS/KMS-Agent' },
} as const satisfies Record<string, ServiceNamespace>;
export type Service = keyof typeof SERVICES;
/** The operations of the modern proof, which are no part of the OKM protocol (docs/proof.md). */
const PROOF: ServiceNamespace = { prefix: 'OKMA-Proof', uri: 'urn:openkma:proof:1' };
/** What agents of OpenKMA ask beyond the OKM protocol (docs/agent-extension.md). */
const EXTENSION: ServiceNamespace = { prefix: 'OKMA-Agent', uri: 'urn:openkma:agent:1' };

export interface Operation<S extends Service, Request, Response> {
  readonly service: S;
  readonly namespace: ServiceNamespace;
  readonly request: StructType<Request>;
  readonly response: StructType<Response>;
}

const operation =
  <S extends Service>(service: S, namespace: ServiceNamespace = SERVICES[service]) =>
  <Request extends FieldSet, Response extends FieldSet>(
    request: Request,
    response: Response,
  ): Operation<S, FieldsOf<Request>, FieldsOf<Response>> => ({
    service,
    namespace,
    request: struct('', request),
    response: struct('', response),
  });
const ca = operation('ca');
const certificate = operation('certificate');
const discovery = operation('discovery');
const agent = operation('agent');
const agentExtension = operation('agent', EXTENSION);
const caProof = operation('ca', PROOF);
const certificateProof = operation('certificate', PROOF);

const MEMBERS_MAX = 1_000;
const GROUPS_DECODED_MAX = 10_000;

const entityId = element('EntityID', text(limits.AGENT_ID_BYTES));
const dataUnitId = element('DataUnitID', identifier(limits.DATA_UNIT_ID_HEX));
const externalUniqueId = element('ExternalUniqueID', identifier(0, limits.EXTERNAL_UNIQUE_ID_HEX));
const externalTag = element('ExternalTag', text(limits.EXTERNAL_TAG_BYTES));
const description = element('Description', text(limits.DESCRIPTION_BYTES));
const unit = { dataUnit: element('DataUnit', dataUnit) };
const keyId = element('KeyID', identifier(limits.KEY_ID_HEX));
const keyGroupId = element('KeyGroupID', text(limits.KEY_GROUP_ID_BYTES));
const agentKwkId = element('AgentKWKID', identifier(limits.KWK_ID_HEX));
const onePlainKey = { key: element('Key', plainKey) };
const oneWrappedKey = { key: element('Key', wrappedKey) };

const createKey = { ...unit, keyGroupId };
const retrieveKey = { keyId, ...unit, keyGroupId };
const retrieveDataUnitKeys = {
  ...unit,
  pageSize: element('PageSize', int()),
  pageOffset: element('PageOffset', int()),
  keyId: optionalElement('KeyID', identifier(limits.KEY_ID_HEX)),
};
const proven = {
  entityId,
  clientNonce: element('ClientNonce', hexBinary(NONCE_BYTES)),
  clientProof: element('ClientProof', hexBinary(PROOF_KEY_BYTES)),
};
const serverSignature = element('ServerSignature', hexBinary(PROOF_KEY_BYTES));
/** SubjectPublicKeyInfo in DER of the key pair that the caller made itself. */
const clientPublicKey = element('ClientPublicKey', hexBinary(1, limits.CLIENT_PUBLIC_KEY_BYTES));
const certified = {
  serverSignature,
  certificate: element('Certificate', hexBinary(1, limits.PEM_BYTES)),
};

const keysRemaining = element('KeysRemaining', count());

export const OPERATIONS = {
  RetrieveRootCACertificate: ca(
    { entityId },
    {
      rootCaCertificate: element('RootCACertificate', hexBinary(1, limits.PEM_BYTES)),
      authenticationHashIterationCount: element(
        'AuthenticationHashIterationCount',
        int(limits.ITERATIONS_MIN, limits.ITERATIONS_MAX),
      ),
      clientAuthenticationChallenge: element(
        'ClientAuthenticationChallenge',
        hexBinary(limits.CHALLENGE_BYTES),
      ),
    },
  ),
  RetrieveLocalClock: ca({ entityId }, { currentTime: element('CurrentTime', dateTime()) }),

  RetrieveEntityCertificate: certificate(
    {
      entityId,
      clientAuthenticationResponse: element('ClientAuthenticationResponse', hexBinary(limits.PROOF_BYTES)),
      serverAuthenticationChallenge: element(
        'ServerAuthenticationChallenge',
        hexBinary(limits.CHALLENGE_BYTES),
      ),
    },
    {
      serverAuthenticationResponse: element('ServerAuthenticationResponse', hexBinary(limits.PROOF_BYTES)),
      certificate: element('Certificate', hexBinary(1, limits.PEM_BYTES)),
      /** The name notwithstanding, a PEM private key that is not encrypted (protocol 4.1). */
      wrappedPrivateKeyMaterial: element('WrappedPrivateKeyMaterial', hexBinary(1, limits.PEM_BYTES)),
    },
  ),

  BeginProof: caProof(
    {
      role: element('Role', enumeration('Role', PROOF_ROLES)),
      entityId,
      clientNonce: element('ClientNonce', hexBinary(NONCE_BYTES)),
    },
    {
      salt: element('Salt', hexBinary(PROOF_SALT_BYTES)),
      memoryKib: element('MemoryKiB', int(1)),
      passes: element('Passes', int(1)),
      lanes: element('Lanes', int(1)),
      rootCaCertificate: element('RootCACertificate', hexBinary(1, limits.PEM_BYTES)),
      serverChallenge: element('ServerChallenge', hexBinary(NONCE_BYTES)),
      oneTimePublicKey: element('OneTimePublicKey', hexBinary(ONE_TIME_KEY_BYTES)),
    },
  ),
  EnrolAgent: certificateProof({ ...proven, clientPublicKey }, certified),
  EnrolKma: certificateProof({ ...proven, clientPublicKey }, certified),
  LogInUser: certificateProof(
    { ...proven, clientKeySha256: element('ClientKeySHA256', hexBinary(limits.SHA256_BYTES)) },
    { serverSignature, expiresAt: element('ExpiresAt', dateTime()) },
  ),

  DiscoverCluster: discovery(
    {},
    {
      entitySiteId: element('EntitySiteID', text(limits.SITE_ID_BYTES)),
      clusterMembers: element(
        'ArrayOfClusterMembers',
        array('KMS-Discovery-ClusterMember', clusterMember, 1, MEMBERS_MAX),
      ),
    },
  ),

  ListKeyGroups: agent(
    { queryParameters: element('QueryParameters', queryParameters) },
    {
      keyGroups: element('KeyGroups', array('KeyGroup', keyGroup, 0, GROUPS_DECODED_MAX)),
      lastPage: element('LastPage', boolean()),
      nextPageQueryParameters: element('NextPageQueryParameters', queryParameters),
    },
  ),
  CreateDataUnit: agent({ externalUniqueId, externalTag, description }, unit),
  RetrieveDataUnit: agent({ dataUnitId, externalUniqueId, externalTag, description }, unit),
  RetrieveDataUnitByExternalUniqueID: agent({ externalUniqueId, externalTag, description }, unit),
  DisassociateDataUnitKeys: agent(unit, {}),
  CreateKey: agent(createKey, onePlainKey),
  CreateKey2: agent({ ...createKey, agentKwkId }, oneWrappedKey),
  RetrieveKey: agent(retrieveKey, onePlainKey),
  RetrieveKey2: agent({ ...retrieveKey, agentKwkId }, oneWrappedKey),
  RetrieveDataUnitKeys: agent(retrieveDataUnitKeys, {
    keysRemaining,
    keys: element('Keys', array('Key', plainKey, 0, limits.KEYS_PER_PAGE)),
  }),
  RetrieveDataUnitKeys2: agent(
    { ...retrieveDataUnitKeys, agentKwkId },
    { keysRemaining, keys: element('Keys', array('Key', wrappedKey, 0, limits.KEYS_PER_PAGE)) },
  ),
  RetrieveProtectAndProcessKey: agent(createKey, onePlainKey),
  RetrieveProtectAndProcessKey2: agent({ ...createKey, agentKwkId }, oneWrappedKey),
  CreateAuditLog: agent(
    {
      retention: element('Retention', enumeration('AuditLogRetention', AUDIT_LOG_RETENTIONS)),
      condition: element('Condition', enumeration('AuditLogCondition', AUDIT_LOG_CONDITIONS)),
      issueAlert: element('IssueAlert', boolean()),
      message: element('Message', text(Number.POSITIVE_INFINITY)),
    },
    {},
  ),
  GetAgentKWKPublicKey: agent(
    {},
    { kwkPublicKey: element('KWKPublicKey', hexBinary(1, limits.KWK_PUBLIC_KEY_PEM_BYTES)) },
  ),
  RegisterAgentKWK: agent(
    { agentKwk: element('AgentKWK', hexBinary(1, limits.ENCRYPTED_KWK_BYTES)) },
    { agentKwkId },
  ),

  RevokeKey: agentExtension({ keyId }, {}),
};

export type OperationName = keyof typeof OPERATIONS;

type ValueOf<Type> = Type extends StructType<infer Value> ? Value : never;
/** The fields of each request: `Requests['CreateKey2']`. */
export type Requests = { readonly [Name in OperationName]: ValueOf<(typeof OPERATIONS)[Name]['request']> };
/** The fields of each response. */
export type Responses = { readonly [Name in OperationName]: ValueOf<(typeof OPERATIONS)[Name]['response']> };

/** The operations of one service. */
export type OperationOf<S extends Service> = {
  [Name in OperationName]: (typeof OPERATIONS)[Name]['service'] extends S ? Name : never;
}[OperationName];
/** The service of an operation. */
export type ServiceOf<Name extends OperationName> = (typeof OPERATIONS)[Name]['service'];

export function isOperationName(name: string): name is OperationName {
  return Object.hasOwn(OPERATIONS, name);
}
