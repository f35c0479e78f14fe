/** The public face of @openkma/protocol: the wire of the agent protocol, knowing neither a server nor an agent. */
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
export { sameBytes } from './same-bytes.ts';
export { type DecodedRequest, type DecodeError, decodeRequest, encodeRequest } from './soap-request.ts';
export { decodeResponse, encodeResponse, MalformedResponseError } from './soap-response.ts';
export { parseXml, type XmlElement, XmlError } from './xml.ts';
