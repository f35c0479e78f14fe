/** One connection to a syslog server, over TCP or TLS: opened, written to, ended in order. It reads nothing that the server says, and trusts only who the server has to be. */
import { connect, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, checkServerIdentity, connect as connectTls } from 'node:tls';
import type { SyslogServer } from '../../platform-settings/syslog.ts';
import { SyslogTrouble, troubleOf } from './trouble.ts';

export interface ConnectionLimits {
  /** TLS included. */
  readonly connectMs: number;
  /** For a write to be taken. */
  readonly stallMs: number;
  /** In which a server that closes would still say that it had not read all. */
  readonly graceMs: number;
  /** In which a server closes once it is told that no more comes. */
  readonly endMs: number;
}

/** A server has nothing to say; some greet nevertheless. */
const NOISE_BYTES_MAX = 64 * 1024;

export class Connection {
  readonly #socket: Socket;
  readonly #limits: ConnectionLimits;
  #peerEnded = false;
  #endedFirst = false;
  #heardBytes = 0;
  #trouble: SyslogTrouble | null = null;
  readonly localPort: number;
  readonly #encrypted: boolean;
  /** When the server has closed its side. */
  readonly peerEnd: Promise<void>;
  /** With what ended it; null where the server closed in order. */
  readonly ended: Promise<SyslogTrouble | null>;

  private constructor(socket: Socket, limits: ConnectionLimits, encrypted: boolean) {
    this.#socket = socket;
    this.#encrypted = encrypted;
    this.#limits = limits;
    this.localPort = socket.localPort ?? 0;
    socket.on('data', (data) => this.#hear(data.length));
    socket.on('error', (error) => {
      this.#trouble ??= troubleOf(error, 'closed');
    });
    this.peerEnd = new Promise((resolve) => {
      socket.on('end', () => {
        this.#endAfterPeer();
        resolve();
      });
    });
    this.ended = new Promise((resolve) => {
      socket.on('close', () => resolve(this.#ending()));
    });
  }

  /** To the first of the addresses that answers as it should; rejects with the trouble of the last. */
  static async open(
    server: SyslogServer,
    addresses: readonly string[],
    limits: ConnectionLimits,
    signal: AbortSignal,
  ): Promise<Connection> {
    let trouble = new SyslogTrouble('not reached', 'the name has no address');
    for (const address of addresses) {
      try {
        const socket = await opened(server, address, limits.connectMs, signal);
        return new Connection(socket, limits, server.transport === 'tls');
      } catch (error) {
        trouble = troubleOf(error, 'not reached');
      }
    }
    throw trouble;
  }

  /**
   * The server has closed, and had read all that its machine had by then: otherwise the system resets the connection and does not end it.
   * Of TLS this is not known, whose own end comes first.
   */
  get hasReadWhatArrived(): boolean {
    return this.#peerEnded && !this.#encrypted;
  }

  /**
   * The server has closed in order, and had read everything. Over TLS only where it was told before that no more comes: the end
   * that TLS itself says reaches us before the reset that tells of what was not read, and that by any time.
   */
  get hasReadAll(): boolean {
    return this.#trouble === null && this.#peerEnded && (!this.#encrypted || this.#endedFirst);
  }

  /** Resolves when the operating system has taken the bytes; rejects when the connection ends before. */
  write(bytes: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(
        () => this.break(new SyslogTrouble('not read', 'the server does not read what it is sent')),
        this.#limits.stallMs,
      );
      this.#socket.write(bytes, (error) => {
        clearTimeout(late);
        if (error == null) resolve();
        else reject(this.#trouble ?? troubleOf(error, 'closed'));
      });
    });
  }

  /** Says that no more comes, and gives the server a while to close too. */
  end(): void {
    this.#endedFirst = !this.#peerEnded;
    const late = setTimeout(() => this.#socket.destroy(), this.#limits.endMs);
    this.#socket.once('close', () => clearTimeout(late));
    this.#socket.end();
  }

  break(trouble: SyslogTrouble): void {
    this.#trouble ??= trouble;
    this.#socket.destroy();
  }

  #hear(bytes: number): void {
    this.#heardBytes += bytes;
    if (this.#heardBytes > NOISE_BYTES_MAX)
      this.break(new SyslogTrouble('noise', 'the server talks, which no syslog server does'));
  }

  /** A server that closes without having read all says so by a reset, just after its end. */
  #endAfterPeer(): void {
    this.#peerEnded = true;
    const grace = setTimeout(() => this.#socket.end(), this.#limits.graceMs);
    this.#socket.once('close', () => clearTimeout(grace));
  }

  #ending(): SyslogTrouble | null {
    if (this.#trouble !== null) return this.#trouble;
    return this.#peerEnded ? null : new SyslogTrouble('closed', 'the connection broke');
  }
}

function opened(
  server: SyslogServer,
  address: string,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = server.transport === 'tls' ? tlsSocket(server, address) : plainSocket(server, address);
    const late = setTimeout(
      () => socket.destroy(new SyslogTrouble('not reached', `no answer from ${address} port ${server.port}`)),
      timeoutMs,
    );
    const stop = () => void socket.destroy(new SyslogTrouble('not reached', 'stopped'));
    signal.addEventListener('abort', stop, { once: true });
    const settled = () => {
      clearTimeout(late);
      signal.removeEventListener('abort', stop);
      socket.off('error', failed);
    };
    const failed = (error: Error) => {
      settled();
      socket.destroy();
      reject(error);
    };
    // Stays: an error may come before somebody else listens.
    socket.on('error', () => undefined);
    socket.on('error', failed);
    socket.once(server.transport === 'tls' ? 'secureConnect' : 'connect', () => {
      settled();
      socket.setKeepAlive(true, KEEP_ALIVE_MS);
      resolve(socket);
    });
    if (signal.aborted) stop();
  });
}

/** A server that is gone without a word is noticed though there is nothing to send. */
const KEEP_ALIVE_MS = 30_000;

function plainSocket({ port }: SyslogServer, address: string): Socket {
  return connect({ host: address, port, allowHalfOpen: true });
}

/** The CA that was loaded for this server, and none besides. */
function tlsSocket(server: SyslogServer, address: string): Socket {
  const expected = server.serverName || server.address;
  // Not among the options that are known to the compiler.
  const options: ConnectionOptions & { readonly allowHalfOpen: true } = {
    host: address,
    port: server.port,
    allowHalfOpen: true,
    minVersion: 'TLSv1.2',
    ca: server.caPem,
    ...(server.clientKeyPem === '' ? {} : { cert: server.clientCertificatePem, key: server.clientKeyPem }),
    ...(isIP(expected) === 0 ? { servername: expected } : {}),
    checkServerIdentity: (_host, certificate) => checkServerIdentity(expected, certificate),
  };
  return connectTls(options);
}
