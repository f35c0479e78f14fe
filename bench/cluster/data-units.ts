/** Data units that a KMA has given its agents before anything is measured: which one a call names the KMA knows then, and asks no other. */
import https from 'node:https';
import { decodeResponse, encodeRequest, isFault } from '@openkma/protocol';
import type { KeptCaller } from '../kept-load.ts';
import type { Member } from './member.ts';

type Agent = Omit<KeptCaller, 'requests'>;

/** One after the other over one connection. */
export async function dataUnitsAt(member: Member, agent: Agent, count: number): Promise<readonly string[]> {
  const kept = new https.Agent({ keepAlive: true, maxSockets: 1, ...agent });
  try {
    const ids: string[] = [];
    while (ids.length < count) ids.push(await dataUnitAt(member, kept));
    return ids;
  } finally {
    kept.destroy();
  }
}

async function dataUnitAt({ place, served }: Member, agent: https.Agent): Promise<string> {
  const blank = { externalUniqueId: '', externalTag: '', description: '' };
  const answer = await posted(
    { host: place.host, port: served.ports.agent, agent, checkServerIdentity: () => undefined },
    encodeRequest('agent', 'CreateDataUnit', blank),
  );
  const response = decodeResponse('agent', 'CreateDataUnit', answer);
  if (isFault(response)) throw new Error(`no data unit at ${place.name}: ${response.text}`);
  return response.dataUnit.dataUnitId;
}

function posted(options: https.RequestOptions, body: string): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const headers = { 'Content-Type': 'text/xml; charset=utf-8', 'Content-Length': Buffer.byteLength(body) };
  https
    .request({ ...options, method: 'POST', path: '/', headers }, async (response) => {
      try {
        resolve(Buffer.concat(await response.toArray()));
      } catch (error) {
        reject(error);
      }
    })
    .on('error', reject)
    .end(body);
  return promise;
}
