/** A bounded XML parser: one message in memory as a small tree, or an XmlError; it never resolves anything outside. */
import { SaxesParser, type SaxesTagNS } from 'saxes';
import type { XmlLimits } from './limits.ts';

export interface XmlAttribute {
  readonly uri: string;
  readonly local: string;
  readonly value: string;
}
export interface XmlElement {
  /** The local name. */
  readonly name: string;
  readonly namespace: string;
  readonly attributes: readonly XmlAttribute[];
  readonly children: readonly XmlElement[];
  /** All character data directly inside, in one piece; white space is kept. */
  readonly text: string;
}

/** The bytes are not XML as we accept it; the message tells why and repeats no content but names. */
export class XmlError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'XmlError';
  }
}

interface Growing {
  name: string;
  namespace: string;
  attributes: XmlAttribute[];
  children: Growing[];
  text: string;
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Parses UTF-8 bytes; throws an XmlError on anything malformed, unbounded or needing a document type. */
export function parseXml(bytes: Uint8Array, limits: XmlLimits): XmlElement {
  if (bytes.length > limits.bytes) throw new XmlError(`larger than ${limits.bytes} bytes`);
  const document: Growing = { name: '', namespace: '', attributes: [], children: [], text: '' };
  const parser = boundedParser(document, limits);
  const source = decodeUtf8(bytes);
  try {
    parser.write(source).close();
  } catch (error) {
    // Saxes throws a plain Error at the first thing it dislikes.
    throw error instanceof XmlError
      ? error
      : new XmlError(error instanceof Error ? error.message : 'malformed');
  }
  const [root] = document.children;
  if (root === undefined) throw new XmlError('no root element');
  return root;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw new XmlError('not UTF-8');
  }
}

/**
 * Six handlers and no more: with a seventh, V8 turns the parser into a dictionary and parsing takes three times as long.
 * The limits are checked when a start tag is complete; until then the number of bytes bounds the work.
 */
function boundedParser(document: Growing, limits: XmlLimits): SaxesParser<{ xmlns: true }> {
  // Version 1.1 would let control characters in by reference.
  const parser = new SaxesParser({ xmlns: true, defaultXMLVersion: '1.0', forceXMLVersion: true });
  const open: Growing[] = [document];
  let current = document;
  let elements = 0;

  parser.on('doctype', () => {
    throw new XmlError('a document type is not accepted');
  });
  parser.on('processinginstruction', () => {
    throw new XmlError('a processing instruction is not accepted');
  });
  parser.on('opentag', (tag) => {
    elements += 1;
    if (elements === 1) requireUtf8(parser.xmlDecl.encoding);
    if (elements > limits.elements) throw new XmlError(`more than ${limits.elements} elements`);
    if (open.length > limits.depth) throw new XmlError(`nested deeper than ${limits.depth}`);
    const element = growing(tag, limits);
    current.children.push(element);
    open.push(element);
    current = element;
  });
  parser.on('closetag', () => {
    open.pop();
    current = open.at(-1) ?? document;
  });
  const addText = (text: string): void => {
    current.text += text;
  };
  parser.on('text', addText);
  parser.on('cdata', addText);
  return parser;
}

function requireUtf8(encoding: string | undefined): void {
  if (encoding !== undefined && !/^(utf-8|us-ascii)$/i.test(encoding))
    throw new XmlError('not declared as UTF-8');
}

function growing(tag: SaxesTagNS, limits: XmlLimits): Growing {
  const attributes = Object.values(tag.attributes);
  if (attributes.length > limits.attributesPerElement) throw new XmlError('too many attributes');
  return { name: tag.local, namespace: tag.uri, attributes, children: [], text: '' };
}

/** The value of an attribute; `uri` is "" for one without a prefix. */
export function attributeOf(element: XmlElement, uri: string, local: string): string | undefined {
  for (const attribute of element.attributes)
    if (attribute.local === local && attribute.uri === uri) return attribute.value;
  return undefined;
}
