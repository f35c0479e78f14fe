/** Data units that a KMA has given its agents before anything is measured: which one a call names the KMA knows then, and asks no other. */
import { Transport } from '../../agent/src/transport.ts';
import type { KeptCaller } from '../kept-load.ts';
import type { Member } from './member.ts';

const ANSWER_MS = 10_000;
const BLANK = { externalUniqueId: '', externalTag: '', description: '' };

/** One after the other over one connection. */
export async function dataUnitsAt(
  { place, served }: Member,
  { key, cert, ca }: Omit<KeptCaller, 'requests'>,
  count: number,
): Promise<readonly string[]> {
  const identity = { caPem: ca, certificatePem: cert, privateKeyPem: key };
  const kept = new Transport({ ...identity, timeoutMs: ANSWER_MS, minimumTls: '1.2', keepAlive: true });
  const endpoint = { address: place.host, port: served.ports.agent };
  try {
    const ids: string[] = [];
    while (ids.length < count)
      ids.push((await kept.call(endpoint, 'CreateDataUnit', BLANK)).dataUnit.dataUnitId);
    return ids;
  } finally {
    kept.close();
  }
}
