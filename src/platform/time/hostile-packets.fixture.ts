/** Packets that no sound NTP client sends, from a seed: random bytes, every mode and version, control messages of ntpd, extension fields of any length. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';

const PACKETS = 2_000;
/** Sent together, so that the receiver's buffer holds them. */
const BURST = 50;
const BYTES_MAX = 1_400;
const LATE_MS = 300;

export interface Answered {
  /** Of the packet that was answered. */
  readonly mode: number;
  readonly answerBytes: number;
}

/** mulberry32. */
export function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** One socket for each mode, so that answers are told apart. */
export async function hostilePackets(
  address: string,
  port: number,
  random: () => number,
): Promise<Answered[]> {
  const answers: Answered[] = [];
  const sockets = Array.from({ length: 8 }, (_, mode) => {
    const socket = createSocket('udp4');
    socket.on('message', ({ length: answerBytes }) => answers.push({ mode, answerBytes }));
    return socket;
  });
  for (const socket of sockets) {
    socket.bind(0, address.replace(/\.\d+$/, '.99'));
    await once(socket, 'listening');
  }
  for (let sent = 1; sent <= PACKETS; sent++) {
    const mode = Math.floor(random() * 8);
    sockets[mode]?.send(packetOf(mode, random), port, address);
    if (sent % BURST === 0) await pause(1);
  }
  await pause(LATE_MS);
  for (const socket of sockets) socket.close();
  return answers;
}

/** Of 12 bytes for control messages, of 48 for time, or of any length. */
function packetOf(mode: number, random: () => number): Buffer {
  const [length = 48] = [[48, 12, 8, 68, 0, 1, Math.floor(random() * BYTES_MAX)][Math.floor(random() * 7)]];
  const packet = Buffer.from(Array.from({ length }, () => random() * 256));
  const version = Math.floor(random() * 8);
  if (length > 0) packet[0] = (Math.floor(random() * 4) << 6) | (version << 3) | mode;
  return packet;
}
