/** Agents' requests as the bytes that go over the wire, made before anything is measured. */
import { encodeRequest, type OperationOf, type Requests } from '@openkma/protocol';
import { unitOf } from '../test/support/raw-agent.ts';
import type { HeldKey } from './population.ts';

/** What a call asks for; "for a unit" names a data unit, as tape drives do. */
export const KINDS = ['retrieve', 'create', 'retrieve for a unit', 'create for a unit'] as const;
export type Kind = (typeof KINDS)[number];

export function keyRequest(
  kind: Kind,
  held: HeldKey,
  agentKwkId: string,
  headers: readonly string[] = [],
): string {
  const dataUnit = unitOf(kind.endsWith('unit') ? held.dataUnitId : '');
  const common = { dataUnit, keyGroupId: '', agentKwkId };
  return kind.startsWith('create')
    ? post('CreateKey2', common, headers)
    : post('RetrieveKey2', { keyId: held.keyId, ...common }, headers);
}

export function post<Name extends OperationOf<'agent'>>(
  name: Name,
  fields: Requests[Name],
  headers: readonly string[] = [],
): string {
  const body = encodeRequest('agent', name, fields);
  const head = [
    'POST / HTTP/1.1',
    'Host: 127.0.0.1',
    'Content-Type: text/xml; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'SOAPAction: ""',
    ...headers,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}
