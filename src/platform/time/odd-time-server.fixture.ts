/** An NTP server that answers as a test wants: right, wrong by any time, not synchronised, with a kiss of death, with garbage or never. It knows the packets of RFC 5905 as far as a client looks at them. */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';

export type Answers =
  | 'sound'
  | 'silent'
  | 'unsynchronised'
  | 'kiss of death'
  | 'other origin'
  | 'garbage'
  | 'huge root distance';

const PACKET_BYTES = 48;
/** From 1900 to 1970. */
const EPOCH_SECONDS = 2_208_988_800;

export class OddTimeServer implements AsyncDisposable {
  readonly address: string;
  readonly #socket: Socket;
  readonly #random: () => number;
  answers: Answers = 'sound';
  /** By how much its time is ahead of the true one. */
  aheadSeconds = 0;
  requests = 0;

  private constructor(address: string, socket: Socket, random: () => number) {
    this.address = address;
    this.#socket = socket;
    this.#random = random;
    socket.on('message', (request, { address: from, port }) => {
      this.requests += 1;
      for (const answer of this.#answersTo(request)) socket.send(answer, port, from);
    });
  }

  static async start(address: string, random: () => number = () => 0.5): Promise<OddTimeServer> {
    const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
    socket.bind(0, address);
    await once(socket, 'listening');
    return new OddTimeServer(address, socket, random);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #answersTo(request: Buffer): readonly Buffer[] {
    if (this.answers === 'silent' || request.length < PACKET_BYTES) return [];
    if (this.answers === 'garbage') return [this.#garbage(request), this.#garbage(request)];
    return [this.#packet(request)];
  }

  #packet(request: Buffer): Buffer {
    const packet = Buffer.alloc(PACKET_BYTES);
    const unsynchronised = this.answers === 'unsynchronised';
    const kiss = this.answers === 'kiss of death';
    packet[0] = ((unsynchronised || kiss ? 3 : 0) << 6) | (4 << 3) | 4;
    packet[1] = unsynchronised || kiss ? 0 : 2;
    packet[2] = request[2] ?? 0;
    packet[3] = 0xec;
    packet.writeUInt32BE(this.answers === 'huge root distance' ? 0x7fff_ffff : 0x100, 4);
    packet.writeUInt32BE(0x100, 8);
    packet.write(kiss ? 'DENY' : 'TEST', 12, 'latin1');
    const now = this.#stamp();
    now.copy(packet, 16);
    request.copy(packet, 24, 40, 48);
    if (this.answers === 'other origin') packet.fill(0x11, 24, 32);
    now.copy(packet, 32);
    this.#stamp().copy(packet, 40);
    return packet;
  }

  /** What begins like an answer, and what does not. */
  #garbage(request: Buffer): Buffer {
    const bytes = Buffer.from(
      Array.from({ length: Math.floor(this.#random() * 512) }, () => this.#random() * 256),
    );
    if (this.#random() < 0.5 || bytes.length < PACKET_BYTES) return bytes;
    bytes[0] = (Math.floor(this.#random() * 8) << 5) | (4 << 3) | 4;
    request.copy(bytes, 24, 40, 48);
    return bytes;
  }

  #stamp(): Buffer {
    const nowSeconds = Date.now() / 1000 + this.aheadSeconds + EPOCH_SECONDS;
    const stamp = Buffer.alloc(8);
    stamp.writeUInt32BE(Math.floor(nowSeconds) % 2 ** 32, 0);
    stamp.writeUInt32BE(Math.floor((nowSeconds % 1) * 2 ** 32), 4);
    return stamp;
  }
}
