/** How many bytes of a TCP connection the other machine has not acknowledged, as Linux tells it. It opens no connection. */
import { readFile } from 'node:fs/promises';

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];

/** Null of a connection that is no more; 0 where the system tells nothing of any. */
export async function bytesOnTheWay(localPort: number, remotePort: number): Promise<number | null> {
  const tables = await Promise.all(TABLES.map((path) => readFile(path, 'latin1').catch(() => '')));
  const table = tables.join('\n');
  return table === '\n' ? 0 : bytesIn(table, localPort, remotePort);
}

/** Of connections between the same ports of several addresses, the most. */
export function bytesIn(table: string, localPort: number, remotePort: number): number | null {
  const line = new RegExp(
    `^ *\\d+: [0-9A-F]+:${portText(localPort)} [0-9A-F]+:${portText(remotePort)} [0-9A-F]{2} ([0-9A-F]{8}):`,
    'gm',
  );
  const found = [...table.matchAll(line)].map(([, digits]) => Number.parseInt(digits ?? '', 16));
  return found.length === 0 ? null : Math.max(...found);
}

function portText(port: number): string {
  return port.toString(16).toUpperCase().padStart(4, '0');
}
