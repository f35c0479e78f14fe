/** The public face of @openkma/agent: an agent of the OKM protocol as a library; the command is in cli/. */
export type {
  AuditLogCondition,
  AuditLogRetention,
  ClusterMember,
  DataUnit,
  KeyGroup,
  KeyState,
} from '@openkma/protocol';
export { SoapFault } from '@openkma/protocol';
export {
  type AuditOptions,
  type ClientOptions,
  type Cluster,
  type DataUnitDescription,
  type KeyOptions,
  KmaClient,
  type LastKnownCluster,
} from './client.ts';
export { type ByteStream, decryptStream, encryptStream } from './container.ts';
export { type EnrollOptions, enroll } from './enroll.ts';
export {
  type Credentials,
  DEFAULT_PORTS,
  type EnrolmentProof,
  type EnrolmentRequest,
  type Ports,
} from './enrolment.ts';
export {
  AgentError,
  type FailureKind,
  type KmaAnswer,
  KmsUnavailableError,
  TransportError,
} from './errors.ts';
export { kindOf } from './faults.ts';
export { KeyBytes } from './key-bytes.ts';
export type { RetrievedKey } from './key-calls.ts';
export { legacyProof } from './legacy-proof.ts';
export { modernProof } from './modern-proof.ts';
export { type FileKeyNames, STANZA_TYPE } from './okm-stanza.ts';
export { privateFiles } from './private-files.ts';
export {
  DEFAULT_SETTINGS,
  isEnrolled,
  loadProfile,
  type Profile,
  profileDirectory,
  type Settings,
} from './profile.ts';
export {
  type ProofPlace,
  type ProofRequest,
  type Proven,
  provePassphrase,
  shownRootCa,
} from './prove-passphrase.ts';
export type { TlsMinimum } from './transport.ts';
