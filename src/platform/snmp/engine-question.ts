/** The question who is there, which every SNMPv3 engine answers (RFC 3414, 4): it holds no user and no key, and changes nothing. */
import { randomInt } from 'node:crypto';
import type { Answered, Exchange } from './exchange.ts';
import { ENGINE_ID_BYTES, FLAG, ID_MAX, PDU, readMessage, writeMessage, writeScopedPdu } from './message.ts';

const EMPTY = Buffer.alloc(0);

export function newId(): number {
  return randomInt(1, ID_MAX);
}

/** The engine's ID. */
export function askEngine(exchange: Exchange): Promise<Answered<Buffer>> {
  const messageId = newId();
  const pdu = { type: PDU.get, requestId: newId(), errorStatus: 0, errorIndex: 0, varbinds: [] };
  const question = writeMessage({
    ...{ messageId, flags: FLAG.reportable, engineId: EMPTY, engineBoots: 0, engineTime: 0 },
    ...{ user: EMPTY, mac: EMPTY, salt: EMPTY },
    scoped: writeScopedPdu({ engineId: EMPTY, context: EMPTY, pdu }),
  });
  return exchange.ask(question, (bytes) => {
    const message = readMessage(bytes);
    const isEngine = message !== null && message.engineId.length >= ENGINE_ID_BYTES.minimum;
    return isEngine && message.messageId === messageId ? Buffer.from(message.engineId) : null;
  });
}
