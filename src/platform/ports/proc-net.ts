/** Reads the tables of sockets in /proc/net, and the addresses in others, as text. It opens no file. */
import { SocketAddress } from 'node:net';
import type { Socket } from '../../ports.ts';

/** The states that matter here, as Linux numbers them; a socket of UDP without a partner counts as closed there. */
const STATES: Readonly<Record<string, Socket['state'] | undefined>> = {
  'tcp 01': 'connected',
  'tcp 02': 'connected',
  'tcp 0A': 'listening',
  'udp 01': 'connected',
  'udp 07': 'listening',
};

export interface FoundSocket extends Omit<Socket, 'holders'> {
  /** "0" where no process has it any more. */
  readonly inode: string;
}

/** Lines: number, local address:port in hex, remote, state, queues, timer, retransmits, user, timeout, inode. */
export function readSockets(text: string, transport: 'tcp' | 'udp'): readonly FoundSocket[] {
  return text.split('\n').flatMap((line): FoundSocket[] => {
    const [, local, remote, number, , , , , , inode] = line.trim().split(/\s+/);
    const state = STATES[`${transport} ${number}`];
    const [here, there] = [placeOf(local), placeOf(remote)];
    if (state === undefined || here === null || there === null || inode === undefined) return [];
    const partner = there.port === 0 ? null : there;
    return [{ transport, state, local: here, remote: partner, inode }];
  });
}

function placeOf(text: string | undefined): { readonly address: string; readonly port: number } | null {
  const match = /^([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4})$/.exec(text ?? '');
  if (match === null) return null;
  const [, address = '', port = ''] = match;
  return { address: addressOf(address), port: Number.parseInt(port, 16) };
}

const MAPPED = '00000000000000000000ffff';

/** Words of four bytes in the order of this machine, which has the lowest first. */
export function addressOf(words: string): string {
  const hex = (words.match(/.{8}/g) ?? [])
    .map((word) => (word.match(/../g) ?? []).reverse().join(''))
    .join('')
    .toLowerCase();
  if (hex.length === 8) return dotted(hex);
  if (hex.startsWith(MAPPED)) return dotted(hex.slice(-8));
  const address = (hex.match(/.{4}/g) ?? []).join(':');
  return new SocketAddress({ address, family: 'ipv6' }).address;
}

function dotted(hex: string): string {
  return (hex.match(/../g) ?? []).map((byte) => Number.parseInt(byte, 16)).join('.');
}
