/** The SOAP 1.1 envelope around every message (protocol 2): writing it, and finding the body; headers are ignored. */
import type { XmlLimits } from './limits.ts';
import type { ServiceNamespace } from './operations.ts';
import { parseXml, type XmlElement, XmlError } from './xml.ts';

export const SOAP_ENVELOPE = 'http://schemas.xmlsoap.org/soap/envelope/';
export const SOAP_ENCODING = 'http://schemas.xmlsoap.org/soap/encoding/';
export const XML_SCHEMA_INSTANCE = 'http://www.w3.org/2001/XMLSchema-instance';
const XML_SCHEMA = 'http://www.w3.org/2001/XMLSchema';

const START =
  '<?xml version="1.0" encoding="UTF-8"?>\n' +
  `<SOAP-ENV:Envelope xmlns:SOAP-ENV="${SOAP_ENVELOPE}" xmlns:SOAP-ENC="${SOAP_ENCODING}"` +
  ` xmlns:xsi="${XML_SCHEMA_INSTANCE}" xmlns:xsd="${XML_SCHEMA}"`;
const END = '</SOAP-ENV:Body></SOAP-ENV:Envelope>';

/** The whole message around the content of its body; `bodyAttributes` begins with a blank. */
export function envelope(namespace: ServiceNamespace | null, content: string, bodyAttributes = ''): string {
  const declared = namespace === null ? '' : ` xmlns:${namespace.prefix}="${namespace.uri}"`;
  return `${START}${declared}><SOAP-ENV:Body${bodyAttributes}>${content}${END}`;
}

export interface Message {
  /** The first element in the body: the operation, the response or the fault. */
  readonly content: XmlElement;
  readonly body: XmlElement;
}

/** Opens a message; throws an XmlError when it is not a SOAP 1.1 message with something in its body. */
export function openEnvelope(bytes: Uint8Array, limits: XmlLimits): Message {
  const root = parseXml(bytes, limits);
  if (!isSoap(root, 'Envelope')) throw new XmlError('not a SOAP 1.1 envelope');
  const body = root.children.find((child) => isSoap(child, 'Body'));
  const content = body?.children[0];
  if (body === undefined || content === undefined)
    throw new XmlError('the envelope has no body, or an empty one');
  return { content, body };
}

export function isSoap(element: XmlElement, name: string): boolean {
  return element.name === name && element.namespace === SOAP_ENVELOPE;
}
