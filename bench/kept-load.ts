/** The calling side with connections kept alive, in a process of its own and as lean as it can be: prepared bytes out, only the status and the length of what comes back. */
import tls from 'node:tls';

export interface KeptCaller {
  readonly key: string;
  readonly cert: string;
  readonly ca: string;
  /** Whole HTTP requests, sent in turn. */
  readonly requests: readonly string[];
}
export interface KeptOrder {
  /** 127.0.0.1 unless given. */
  readonly host?: string;
  readonly port: number;
  readonly callers: readonly KeptCaller[];
  /** Of all callers together; without it they go on until told to stop. */
  readonly calls?: number;
  /** Of all callers together; without it each calls again as soon as it is answered. */
  readonly callsPerSecond?: number;
  readonly tls?: { readonly ciphers?: string; readonly maxVersion?: tls.SecureVersion };
}
export type ToKeptLoad = KeptOrder | { readonly go: true } | { readonly stop: true };

export interface KeptResult {
  readonly seconds: number;
  /** Of each call, from the moment it was due. */
  readonly latenciesMs: readonly number[];
  readonly failures: number;
  readonly firstFailure: string;
  /** Of the failures, those with fault 1021, "No ready keys". */
  readonly noReadyKeys: number;
}
export interface Connected {
  readonly protocol: string;
  readonly cipher: string;
}

const NO_READY_KEYS = '<faultstring>1021 ';

class Connection {
  readonly #order: KeptOrder;
  readonly #requests: readonly Buffer[];
  readonly #context: tls.SecureContext;
  #next = 0;
  #socket: tls.TLSSocket | null = null;
  #settle: (problem: string | null) => void = () => undefined;
  #answer: Buffer = Buffer.alloc(0);

  constructor(order: KeptOrder, caller: KeptCaller) {
    this.#order = order;
    this.#requests = caller.requests.map((text) => Buffer.from(text));
    const { key, cert, ca } = caller;
    this.#context = tls.createSecureContext({ key, cert, ca, ...order.tls });
  }

  /** Also after the server has ended the connection, which it does after a number of requests. */
  async open(): Promise<tls.TLSSocket> {
    if (this.#socket !== null) return this.#socket;
    const { host = '127.0.0.1', port } = this.#order;
    const socket = tls.connect({
      port,
      host,
      secureContext: this.#context,
      checkServerIdentity: () => undefined,
    });
    socket.setNoDelay(true);
    await new Promise<void>((resolve, reject) => {
      socket.once('secureConnect', resolve);
      socket.once('error', reject);
    });
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => this.#settle(error.message));
    socket.on('close', () => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      this.#settle('closed without an answer');
    });
    this.#socket = socket;
    return socket;
  }

  /** Null where it was answered with a success. */
  async call(): Promise<string | null> {
    const socket = this.#socket ?? (await this.open());
    const request = this.#requests[this.#next++ % this.#requests.length] ?? '';
    return new Promise((resolve) => {
      this.#settle = resolve;
      socket.write(request);
    });
  }

  close(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.destroy();
  }

  #receive(chunk: Buffer): void {
    const answer = this.#answer.length === 0 ? chunk : Buffer.concat([this.#answer, chunk]);
    const head = answer.indexOf('\r\n\r\n');
    const length = head < 0 ? -1 : lengthOf(answer.toString('latin1', 0, head));
    if (head < 0 || answer.length < head + 4 + length) {
      this.#answer = answer;
      return;
    }
    this.#answer = Buffer.alloc(0);
    if (answer.includes('Connection: close')) this.close();
    const success = answer.toString('latin1', 9, 12) === '200';
    this.#settle(success ? null : answer.toString('utf8').slice(0, 600));
  }
}

function lengthOf(head: string): number {
  const at = head.indexOf('Content-Length: ');
  return at < 0 ? 0 : Number.parseInt(head.slice(at + 16), 10);
}

class Run {
  readonly #order: KeptOrder;
  readonly connections: readonly Connection[];
  readonly #latenciesMs: number[] = [];
  #left: number;
  #failures = 0;
  #firstFailure = '';
  #noReadyKeys = 0;

  constructor(order: KeptOrder) {
    this.#order = order;
    this.#left = order.calls ?? Number.POSITIVE_INFINITY;
    this.connections = order.callers.map((caller) => new Connection(order, caller));
  }

  async go(): Promise<KeptResult> {
    const began = performance.now();
    await Promise.all(this.connections.map((connection, index) => this.#work(connection, index, began)));
    const seconds = (performance.now() - began) / 1000;
    for (const connection of this.connections) connection.close();
    return {
      seconds,
      latenciesMs: this.#latenciesMs,
      failures: this.#failures,
      firstFailure: this.#firstFailure,
      noReadyKeys: this.#noReadyKeys,
    };
  }

  stop(): void {
    this.#left = 0;
  }

  /** At a given rate each caller has its own times, so that a late answer makes the next call late, and that counts. */
  async #work(connection: Connection, index: number, began: number): Promise<void> {
    const { callsPerSecond, callers } = this.#order;
    const intervalMs = callsPerSecond === undefined ? 0 : (1000 * callers.length) / callsPerSecond;
    for (let number = 0; this.#left > 0; number += 1) {
      const dueMs = began + intervalMs * (number + index / callers.length);
      const waitMs = intervalMs === 0 ? 0 : dueMs - performance.now();
      if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
      if (this.#left <= 0) break;
      this.#left -= 1;
      const fromMs = intervalMs === 0 ? performance.now() : Math.max(dueMs, began);
      const problem = await connection.call().catch((error: unknown) => String(error));
      this.#latenciesMs.push(performance.now() - fromMs);
      if (problem === null) continue;
      this.#failures += 1;
      this.#firstFailure ||= problem;
      if (problem.includes(NO_READY_KEYS)) this.#noReadyKeys += 1;
    }
  }
}

let run: Run | null = null;

process.on('message', async (message: ToKeptLoad) => {
  if ('stop' in message) return run?.stop();
  if ('go' in message) return process.send?.((await run?.go()) as KeptResult);
  run = new Run(message);
  const sockets = await Promise.all(run.connections.map((connection) => connection.open()));
  const [first] = sockets;
  process.send?.({
    protocol: first?.getProtocol() ?? '',
    cipher: first?.getCipher().name ?? '',
  } satisfies Connected);
});
process.on('disconnect', () => process.exit(0));
