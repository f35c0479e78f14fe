/** What the kernel says of this machine's sockets: those that listen, whoever has them, and those of this KMA's processes. It opens none. */
import { readFileSync } from 'node:fs';
import type { Socket } from '../../ports.ts';
import { type FoundSocket, readSockets } from './proc-net.ts';
import { type Family, holdersOf } from './processes.ts';

const TABLES = [
  ['tcp', '/proc/net/tcp'],
  ['tcp', '/proc/net/tcp6'],
  ['udp', '/proc/net/udp'],
  ['udp', '/proc/net/udp6'],
] as const;

/** Null where the kernel tells nothing, as on another system. */
export function kernelSockets(family: Family): readonly Socket[] | null {
  const texts = TABLES.map(([transport, path]) => [transport, tableText(path)] as const);
  if (texts.every(([, text]) => text === null)) return null;
  const found = outgoing(texts.flatMap(([transport, text]) => readSockets(text ?? '', transport)));
  const holders = holdersOf(new Set(found.map(({ inode }) => inode)), family);
  return found.map(({ inode, ...socket }) => ({ ...socket, holders: holders.get(inode) ?? [] }));
}

/** Those that others opened to a port that listens here are left out: there may be thousands, and they tell nothing more. */
function outgoing(sockets: readonly FoundSocket[]): readonly FoundSocket[] {
  const place = ({ transport, local }: FoundSocket) => `${local.port}/${transport}`;
  const open = new Set(sockets.filter(({ state }) => state === 'listening').map(place));
  return sockets.filter((socket) => socket.state === 'listening' || !open.has(place(socket)));
}

/** IPv6 may be switched off. */
function tableText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
