/** Asks one KMA over port 3335, in SOAP, which KMAs there are. It chooses none. */
import { type ClusterMember, decodeResponse, encodeRequest, isFault } from '@openkma/protocol';
import { OpenKmaError } from '../errors.ts';
import type { HttpsConnection } from './https-connection.ts';

const OPERATION = 'DiscoverCluster';
const HEADERS = { Accept: 'text/xml', 'Content-Type': 'text/xml; charset=utf-8', SOAPAction: '""' };

export async function discoveredOver(connection: HttpsConnection): Promise<readonly ClusterMember[]> {
  const body = encodeRequest('discovery', OPERATION, {});
  const answer = await connection.send({ method: 'POST', target: '/', body }, HEADERS, true);
  const response = decodeResponse('discovery', OPERATION, Buffer.from(answer.body));
  // A KMA gives no reason there; 3333 tells whether a log-in counts.
  if (isFault(response)) throw new OpenKmaError('ACCESS_DENIED', `discovery: ${response.text}`);
  return response.clusterMembers;
}
