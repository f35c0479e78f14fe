/** What a server was sent and may not have yet. Syslog has no acknowledgement: what the other machine has taken for a while, on a connection that goes on, counts as received. It reads no clock and no socket. */

interface Piece {
  /** Of its last audit record. */
  readonly throughRow: number;
  readonly records: number;
  /** Where it ends, in bytes since the connection began. */
  readonly endByte: number;
  arrivedAtMs: number | null;
}

/** Of more than these the oldest count as received as soon as the other machine has them. */
const RECORDS_MAX = 5_000;

export class Unsettled {
  readonly #settleMs: number;
  readonly #pieces: Piece[] = [];
  #row: number;
  #bytes = 0;
  #arrivedBytes = 0;
  #records = 0;

  constructor(row: number, settleMs: number) {
    this.#row = row;
    this.#settleMs = settleMs;
  }

  /** Up to which audit record the server has everything. */
  get row(): number {
    return this.#row;
  }
  /** Sent since the connection began. */
  get bytes(): number {
    return this.#bytes;
  }
  get isEmpty(): boolean {
    return this.#pieces.length === 0;
  }
  /** What would be sent again if the connection broke now. */
  get records(): number {
    return this.#records;
  }

  /** Handed to the operating system; a piece without records is one that the server does not want. */
  sent(throughRow: number, records: number, bytes: number): void {
    this.#bytes += bytes;
    this.#records += records;
    this.#pieces.push({ throughRow, records, endByte: this.#bytes, arrivedAtMs: null });
  }

  /** So many bytes are at the other machine for certain. True where it has more of them than before, or all. */
  arrived(bytes: number, nowMs: number): boolean {
    const before = this.#arrivedBytes;
    this.#arrivedBytes = Math.max(before, bytes);
    for (const piece of this.#pieces)
      if (piece.arrivedAtMs === null && piece.endByte <= this.#arrivedBytes) piece.arrivedAtMs = nowMs;
    this.#settle(
      ({ arrivedAtMs }) =>
        arrivedAtMs !== null && (nowMs - arrivedAtMs >= this.#settleMs || this.#records > RECORDS_MAX),
    );
    return this.#arrivedBytes > before || this.#arrivedBytes === this.#bytes;
  }

  /** The server has closed the connection after it had read what its machine had. */
  arrivedReceived(): void {
    this.#settle(({ arrivedAtMs }) => arrivedAtMs !== null);
  }

  /** The server has closed the connection in order, after it had read everything. */
  allReceived(): void {
    this.#settle(() => true);
  }

  #settle(isSettled: (piece: Piece) => boolean): void {
    for (let first = this.#pieces[0]; first !== undefined && isSettled(first); first = this.#pieces[0]) {
      this.#row = first.throughRow;
      this.#records -= first.records;
      this.#pieces.shift();
    }
  }
}
