/** The public face of @openkma/protocol: the wire of the agent protocol, knowing neither a server nor an agent. */
export {
  authMessage,
  caKeySha256,
  EXPORTER_BYTES,
  EXPORTER_LABEL,
  NONCE_BYTES,
  ONE_TIME_KEY_BYTES,
  PROOF_ROLES,
  type ProofChannel,
  type ProofOpening,
  type ProofRole,
  publicKeySha256,
  type TlsChannel,
  type WebChannel,
} from './auth-message.ts';
export { canonicalJson, canonicalSha256 } from './canonical-json.ts';
export { SoapFault } from './client.ts';
export { cutUtf8 } from './cut-text.ts';
export { EncodeError } from './encode-fields.ts';
export { decodeFault, encodeFault, type Fault, type FaultToSend, forbiddenWord, isFault } from './fault.ts';
export { KeyUnwrapError, unwrapKey, wrapKey } from './key-wrap.ts';
export * from './limits.ts';
export * from './model.ts';
export {
  isOperationName,
  OPERATIONS,
  type OperationName,
  type OperationOf,
  type Requests,
  type Responses,
  SERVICES,
  type Service,
  type ServiceOf,
} from './operations.ts';
export { canonicalPem, deriveSecret, hashPassphrase, proof } from './passphrase-proof.ts';
export { PreparedProof, type ProofAnswer, type ProofQuestion } from './proof-client.ts';
export {
  type Argon2Cost,
  costObjection,
  PROOF_COST_CEILING,
  PROOF_COST_FLOOR,
  PROOF_KEY_BYTES,
  PROOF_SALT_BYTES,
  preparedPassphrase,
  saltedPassword,
} from './proof-cost.ts';
export { sameBytes } from './same-bytes.ts';
export { type ClientKeys, clientProof, provesClient, scramKeys, serverSignature } from './scram.ts';
export { x25519PublicKey } from './sealed-box.ts';
export {
  openCredentials,
  type PlainCredential,
  type SealedFor,
  sealCredentials,
} from './sealed-credentials.ts';
export { type DecodedRequest, type DecodeError, decodeRequest, encodeRequest } from './soap-request.ts';
export { decodeResponse, encodeResponse, MalformedResponseError } from './soap-response.ts';
export { parseXml, type XmlElement, XmlError } from './xml.ts';
