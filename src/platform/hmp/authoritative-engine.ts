/** The engine of an SNMPv3 agent with one user, who has to sign and to encrypt (RFC 3414, 3.2): lets his questions through and reports what is wrong with others. What is not version 3 it does not answer. */
import { sameBytes } from '@openkma/protocol';
import { integer, type Oid, TYPE } from '../snmp/ber.ts';
import {
  FLAG,
  ID_MAX,
  MESSAGE_BYTES_MAX,
  PDU,
  type Pdu,
  type ReadMessage,
  readMessage,
  writeMessage,
  writeScopedPdu,
} from '../snmp/message.ts';
import { isAuthentic, opened, protect, signed, type UserKeys } from '../snmp/user-security.ts';

/** Reports by the last number of their counters (usmStats). */
const REPORTS = {
  unsupportedLevel: 1,
  notInTimeWindow: 2,
  unknownUser: 3,
  unknownEngine: 4,
  wrongDigest: 5,
  notDecrypted: 6,
} as const;
export type Refused = keyof typeof REPORTS | 'malformed';

const USM_STATS: Oid = [1, 3, 6, 1, 6, 3, 15, 1, 1];
const TIME_WINDOW_SECONDS = 150;
const ANSWER_BYTES_MIN = 484;
const EMPTY = Buffer.alloc(0);

export interface EngineParts {
  readonly engineId: Buffer;
  /** Grows with each start, so that nothing recorded before one is taken after it. */
  readonly boots: number;
  readonly user: string;
  readonly keys: UserKeys;
  readonly elapsedSeconds: () => number;
  /** Null for what is no question. */
  readonly answer: (question: Pdu, bytesMax: number) => Pdu | null;
}

/** What goes back, if anything, and why the question was not let through. */
export interface Heard {
  readonly reply: Buffer | null;
  readonly refused: Refused | null;
}

export class AuthoritativeEngine {
  readonly #parts: EngineParts;
  readonly #user: Buffer;
  /** usmStats count since the start. */
  readonly #counters = new Map<number, number>();

  constructor(parts: EngineParts) {
    this.#parts = parts;
    this.#user = Buffer.from(parts.user);
  }

  /** In the order of the standard: nobody without the key learns more than whether there is such a user. */
  hear(bytes: Buffer): Heard {
    const message = readMessage(bytes);
    if (message === null) return { reply: null, refused: 'malformed' };
    const { engineId, keys } = this.#parts;
    const both = FLAG.authenticated | FLAG.encrypted;
    if (!sameBytes(message.engineId, engineId)) return this.#report(message, 'unknownEngine');
    if (!sameBytes(message.user, this.#user)) return this.#report(message, 'unknownUser');
    if ((message.flags & both) !== both) return this.#report(message, 'unsupportedLevel');
    if (!isAuthentic(bytes, message, keys)) return this.#report(message, 'wrongDigest');
    if (!this.#isTimely(message)) return this.#report(message, 'notInTimeWindow');
    const scoped = opened(message, keys);
    if (scoped === null) return this.#report(message, 'notDecrypted');
    const bytesMax = Math.max(ANSWER_BYTES_MIN, Math.min(message.bytesMax, MESSAGE_BYTES_MAX));
    const isOurs = sameBytes(scoped.engineId, engineId) && scoped.context.length === 0;
    const pdu = isOurs ? this.#parts.answer(scoped.pdu, bytesMax) : null;
    if (pdu === null) return { reply: null, refused: 'malformed' };
    const header = { ...this.#header(message.messageId), flags: both, user: this.#user };
    return { reply: protect(header, { engineId, context: EMPTY, pdu }, keys), refused: null };
  }

  #isTimely({ engineBoots, engineTime }: ReadMessage): boolean {
    const { boots, elapsedSeconds } = this.#parts;
    return (
      engineBoots === boots &&
      boots < ID_MAX &&
      Math.abs(engineTime - elapsedSeconds()) <= TIME_WINDOW_SECONDS
    );
  }

  /** That the time is wrong is signed, since clients set theirs by it. */
  #report(message: ReadMessage, reason: keyof typeof REPORTS): Heard {
    const number = REPORTS[reason];
    const count = (this.#counters.get(number) ?? 0) + 1;
    this.#counters.set(number, count);
    if ((message.flags & FLAG.reportable) === 0) return { reply: null, refused: reason };
    const { engineId, keys } = this.#parts;
    const varbind = { oid: [...USM_STATS, number, 0], value: integer(count % 2 ** 32, TYPE.counter32) };
    const pdu = {
      ...{ type: PDU.report, errorStatus: 0, errorIndex: 0 },
      ...{ requestId: 0, varbinds: [varbind] },
    };
    const scoped = { engineId, context: EMPTY, pdu };
    const header = { ...this.#header(message.messageId), user: message.user };
    const reply =
      reason === 'notInTimeWindow'
        ? signed({ ...header, flags: FLAG.authenticated }, scoped, keys)
        : writeMessage({ ...header, flags: 0, mac: EMPTY, salt: EMPTY, scoped: writeScopedPdu(scoped) });
    return { reply, refused: reason };
  }

  #header(messageId: number) {
    const { engineId, boots, elapsedSeconds } = this.#parts;
    return { messageId, engineId, engineBoots: boots, engineTime: elapsedSeconds() };
  }
}
