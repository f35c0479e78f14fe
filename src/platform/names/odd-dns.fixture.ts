/** A DNS server for tests that answers as it is told to, rightly or not. It resolves nothing. */
import { createSocket, type RemoteInfo } from 'node:dgram';
import { once } from 'node:events';

const HEADER_BYTES = 12;
const TYPE_A = 1;
const TYPE_CNAME = 5;
export const TYPE_AAAA = 28;

export interface Asked {
  readonly bytes: Buffer;
  readonly name: string;
  readonly type: number;
}
/** Each buffer is one answer; none is silence. */
type Answer = (asked: Asked) => readonly Buffer[];

export class OddDns implements AsyncDisposable {
  readonly asked: Asked[] = [];
  readonly #socket = createSocket('udp4');
  answer: Answer;

  private constructor(answer: Answer) {
    this.answer = answer;
    this.#socket.on('message', (bytes, from) => this.#receive(bytes, from));
  }

  static async start(answer: Answer): Promise<OddDns> {
    const dns = new OddDns(answer);
    dns.#socket.bind(0, '127.0.0.1');
    await once(dns.#socket, 'listening');
    return dns;
  }

  /** As the resolver takes it. */
  get server(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket.close();
    await once(this.#socket, 'close');
  }

  #receive(bytes: Buffer, { port, address }: RemoteInfo): void {
    const asked = questionOf(bytes);
    this.asked.push(asked);
    for (const answer of this.answer(asked)) this.#socket.send(answer, port, address);
  }
}

function questionOf(bytes: Buffer): Asked {
  const labels: string[] = [];
  let at = HEADER_BYTES;
  for (let length = bytes[at] ?? 0; length > 0; length = bytes[at] ?? 0) {
    labels.push(bytes.toString('latin1', at + 1, at + 1 + length));
    at += length + 1;
  }
  return { bytes, name: labels.join('.'), type: bytes.readUInt16BE(at + 1) };
}

/** The question again, as an answer with these records behind it. */
export function reply({ bytes }: Asked, records: readonly Buffer[] = [], code = 0): Buffer {
  const head = Buffer.from(bytes.subarray(0, questionEnd(bytes)));
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(records.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, ...records]);
}

function questionEnd(bytes: Buffer): number {
  let at = HEADER_BYTES;
  while ((bytes[at] ?? 0) > 0) at += (bytes[at] ?? 0) + 1;
  return at + 5;
}

/** Of the name that was asked for. */
export function addressRecord(address: string, ttl = 60): Buffer {
  return record(TYPE_A, ttl, Buffer.from(address.split('.').map(Number)));
}

/** An alias of the name that was asked for, for itself. */
export function loopRecord(): Buffer {
  return record(TYPE_CNAME, 60, Buffer.from([0xc0, HEADER_BYTES]));
}

function record(type: number, ttl: number, data: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc000 | HEADER_BYTES, 0);
  head.writeUInt16BE(type, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(ttl, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}
