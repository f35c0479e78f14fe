/** Responses: written so that the strictest agent takes them (protocol 2.2, 13), read with tolerance. */
import { decodeStruct, InvalidFieldError, scopeOf } from './decode-fields.ts';
import { encodeElements } from './encode-fields.ts';
import { envelope, isSoap, openEnvelope } from './envelope.ts';
import { decodeFault, type Fault } from './fault.ts';
import { RESPONSE_LIMITS } from './limits.ts';
import { OPERATIONS, type OperationName, type Responses, type Service } from './operations.ts';
import { XmlError } from './xml.ts';

/** What a KMA sent is not a response of this operation. */
export class MalformedResponseError extends Error {
  constructor(name: OperationName, detail: string) {
    super(`the response to ${name} is malformed: ${detail}`);
    this.name = 'MalformedResponseError';
  }
}

/**
 * The body of a response: every declared element, none else, never nil, no xsi:type, identifiers in upper-case hex,
 * strings cut to the agents' buffers. Throws an EncodeError rather than write what would crash an agent.
 */
export function encodeResponse<Name extends OperationName>(
  service: Service,
  name: Name,
  fields: Responses[Name],
): string {
  const operation = OPERATIONS[name];
  if (operation.service !== service) throw new TypeError(`${name} is not an operation of ${service}`);
  const { prefix } = operation.namespace;
  const elements = encodeElements(operation.response.shape, fields, { side: 'response', prefix }, '');
  return envelope(operation.namespace, `<${prefix}:${name}Response>${elements}</${prefix}:${name}Response>`);
}

/** The fields of a response, or the fault in its place (`isFault` tells); else throws a MalformedResponseError. */
export function decodeResponse<Name extends OperationName>(
  service: Service,
  name: Name,
  body: Uint8Array,
): Responses[Name] | Fault {
  if (OPERATIONS[name].service !== service) throw new TypeError(`${name} is not an operation of ${service}`);
  try {
    const { content, body: soapBody } = openEnvelope(body, RESPONSE_LIMITS);
    if (isSoap(content, 'Fault')) return decodeFault(content);
    if (content.name !== `${name}Response`)
      throw new MalformedResponseError(name, 'another element in its place');
    const scope = scopeOf(soapBody, OPERATIONS[name].namespace.uri);
    return decodeStruct(OPERATIONS[name].response.shape, content, scope, '') as Responses[Name];
  } catch (error) {
    if (error instanceof XmlError || error instanceof InvalidFieldError)
      throw new MalformedResponseError(name, error.message);
    throw error;
  }
}
