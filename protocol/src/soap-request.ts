/** Requests: written as real agents write them, read as liberally as protocol section 2.1 asks; never throws on input. */
import { decodeStruct, InvalidFieldError, scopeOf } from './decode-fields.ts';
import { encodeElements } from './encode-fields.ts';
import { envelope, openEnvelope, SOAP_ENCODING } from './envelope.ts';
import { REQUEST_LIMITS } from './limits.ts';
import {
  isOperationName,
  OPERATIONS,
  type OperationName,
  type OperationOf,
  type Requests,
  type Service,
} from './operations.ts';
import { type XmlElement, XmlError } from './xml.ts';

/** An understood request; `name` decides the type of `fields`. */
export type DecodedRequest<S extends Service = Service> = {
  readonly [Name in OperationOf<S>]: {
    readonly kind: 'request';
    readonly name: Name;
    readonly fields: Requests[Name];
  };
}[OperationOf<S>];

/** Why a request was not understood. No detail repeats a value, since that may be a secret. */
export type DecodeError =
  | { readonly kind: 'malformed'; readonly detail: string }
  | { readonly kind: 'unknown-operation'; readonly name: string; readonly detail: string }
  | {
      readonly kind: 'invalid-field';
      readonly name: OperationName;
      readonly field: string;
      readonly detail: string;
    };

/** Longest part of a stranger's own words that we pass on. */
const DETAIL_CHARACTERS = 120;

const ENCODING_STYLE = ` SOAP-ENV:encodingStyle="${SOAP_ENCODING}"`;

/** The body of a request, as an agent sends it. Throws an EncodeError for a value that breaks its type. */
export function encodeRequest<Name extends OperationName>(
  service: Service,
  name: Name,
  fields: Requests[Name],
): string {
  const operation = OPERATIONS[name];
  if (operation.service !== service) throw new TypeError(`${name} is not an operation of ${service}`);
  const { prefix } = operation.namespace;
  const elements = encodeElements(operation.request.shape, fields, { side: 'request', prefix }, '');
  return envelope(operation.namespace, `<${prefix}:${name}>${elements}</${prefix}:${name}>`, ENCODING_STYLE);
}

/** What a KMA was asked: the first element of the body alone decides; what follows it is only there for references. */
export function decodeRequest<S extends Service>(
  service: S,
  body: Uint8Array,
): DecodedRequest<S> | DecodeError {
  try {
    return decode(service, body) as DecodedRequest<S> | DecodeError;
  } catch (error) {
    if (error instanceof XmlError) return { kind: 'malformed', detail: shorten(error.message) };
    throw error;
  }
}

function decode(service: Service, bytes: Uint8Array): DecodedRequest | DecodeError {
  const { content, body } = openEnvelope(bytes, REQUEST_LIMITS);
  const { name } = content;
  if (!isOperationName(name) || OPERATIONS[name].service !== service || !isOfItsNamespace(content, name))
    return {
      kind: 'unknown-operation',
      name: shorten(name),
      detail: `not an operation of the ${service} service`,
    };
  try {
    const fields = decodeStruct(
      OPERATIONS[name].request.shape,
      content,
      scopeOf(body, content.namespace),
      '',
    );
    return { kind: 'request', name, fields } as DecodedRequest;
  } catch (error) {
    if (!(error instanceof InvalidFieldError)) throw error;
    return { kind: 'invalid-field', name, field: error.field, detail: error.reason };
  }
}

function isOfItsNamespace({ namespace }: XmlElement, name: OperationName): boolean {
  return namespace === OPERATIONS[name].namespace.uri;
}

function shorten(text: string): string {
  return text.slice(0, DETAIL_CHARACTERS);
}
