/** One question at a time to one SNMP receiver over UDP: sent again after a while, answered by the first bytes that its asker takes. It keeps nothing of what it hears. */
import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';

export interface ExchangeTimes {
  /** How long each sending waits for its answer. */
  readonly timeoutMs: number;
  /** How often more than once it is sent. */
  readonly retries: number;
}

/** An answer, or why there is none. */
export type Answered<T> = { readonly answer: T } | { readonly failed: string };

export class Exchange {
  readonly #address: string;
  readonly #port: number;
  readonly #times: ExchangeTimes;
  #socket: Promise<Socket> | null = null;
  #heard: ((bytes: Buffer) => void) | null = null;
  #broken: ((why: string) => void) | null = null;
  #closed = false;

  /** `address` is a literal: nothing is looked up. */
  constructor(address: string, port: number, times: ExchangeTimes) {
    this.#address = address;
    this.#port = port;
    this.#times = times;
  }

  /** `take` gives null for bytes that answer something else, which are not waited for less. */
  async ask<T>(question: Buffer, take: (bytes: Buffer) => T | null): Promise<Answered<T>> {
    try {
      const socket = await this.#connected();
      for (let sent = 0; sent <= this.#times.retries && !this.#closed; sent += 1) {
        const answered = await this.#once(socket, question, take);
        if (answered !== null) return answered;
      }
      return { failed: this.#closed ? 'it was given up' : 'no answer' };
    } catch (error) {
      this.#drop();
      return { failed: reasonOf(error) };
    }
  }

  close(): void {
    this.#closed = true;
    this.#broken?.('it was given up');
    this.#drop();
  }

  /** Null when the time is over. */
  #once<T>(socket: Socket, question: Buffer, take: (bytes: Buffer) => T | null): Promise<Answered<T> | null> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => end(null), this.#times.timeoutMs);
      const end = (outcome: Answered<T> | null) => {
        clearTimeout(timer);
        this.#heard = null;
        this.#broken = null;
        resolve(outcome);
      };
      this.#heard = (bytes) => {
        const answer = take(bytes);
        if (answer !== null) end({ answer });
      };
      this.#broken = (why) => end({ failed: why });
      socket.send(question, (error) => {
        if (error !== null) end({ failed: reasonOf(error) });
      });
    });
  }

  /** Connected, so that the kernel takes datagrams of nobody else, and says where nobody listens. */
  #connected(): Promise<Socket> {
    this.#socket ??= new Promise((resolve, reject) => {
      const socket = createSocket(isIPv6(this.#address) ? 'udp6' : 'udp4');
      socket.on('message', (bytes) => this.#heard?.(bytes));
      socket.on('error', (error) => {
        reject(error);
        this.#broken?.(reasonOf(error));
      });
      socket.connect(this.#port, this.#address, () => resolve(socket));
    });
    return this.#socket;
  }

  #drop(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.then(
      (open) => open.close(),
      () => undefined,
    );
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  if (code === 'ECONNREFUSED') return 'nobody listens there';
  if (code === 'ENETUNREACH' || code === 'EHOSTUNREACH') return 'there is no route to it';
  return code === '' ? 'it cannot be sent' : `it cannot be sent (${code})`;
}
