/** Whether an NTP server answers, and how far its time is from the KMA's: one request of a client (RFC 5905). Nothing is set by it. */
import { type Finding, failed, ok, type Probe } from '@openkma/agent/doctor';
import { Exchange } from '../snmp/exchange.ts';

const PACKET_BYTES = 48;
/** Version 4, mode 3: a client. */
const CLIENT = 0x23;
const MODE_SERVER = 4;
const MODE_BITS = 0x07;
const LEAP_SHIFT = 6;
const UNSYNCHRONISED = 3;
/** More is no stratum. */
const STRATUM_MAX = 15;
/** Milliseconds from 1900 to 1970. */
const EPOCH_MS = 2_208_988_800_000;
const AT = { originate: 24, transmit: 40, stratum: 1 } as const;
const FRACTIONS = 2 ** 32;

export function ntpProbe(nowMs: () => number): Probe {
  return async (address, port, timeoutMs): Promise<Finding> => {
    const exchange = new Exchange(address, port, { timeoutMs: timeoutMs / 2, retries: 1 });
    const sentMs = nowMs();
    const question = Buffer.alloc(PACKET_BYTES);
    question[0] = CLIENT;
    writeTime(question, sentMs);
    try {
      const answered = await exchange.ask(question, (bytes) => (answers(bytes, question) ? bytes : null));
      if ('failed' in answered) return failed('udp-silent', answered.failed);
      return judged(answered.answer, sentMs, nowMs());
    } finally {
      exchange.close();
    }
  };
}

/** What the server says is told; whether the clock is followed, the part that follows it tells. */
function judged(answer: Buffer, sentMs: number, receivedMs: number): Finding {
  const [stratum, leap] = [answer[AT.stratum] ?? 0, (answer[0] ?? 0) >> LEAP_SHIFT];
  if (stratum === 0 || leap === UNSYNCHRONISED)
    return failed('no-time-given', 'it answers, and gives no time: it has none itself, or none for this KMA');
  const aheadMs = readTime(answer, AT.transmit) - (sentMs + receivedMs) / 2;
  return ok(`answers at stratum ${stratum}, ${(aheadMs / 1000).toFixed(3)} s of the time here`);
}

/** To this very question: a server repeats the time it was asked at. */
function answers(bytes: Buffer, question: Buffer): boolean {
  const [flags = 0, stratum = 0] = bytes;
  if (bytes.length < PACKET_BYTES || (flags & MODE_BITS) !== MODE_SERVER || stratum > STRATUM_MAX)
    return false;
  const asked = question.subarray(AT.transmit, AT.transmit + 8);
  return bytes.subarray(AT.originate, AT.originate + 8).equals(asked);
}

function writeTime(packet: Buffer, ms: number): void {
  const seconds = (ms + EPOCH_MS) / 1000;
  packet.writeUInt32BE(Math.floor(seconds) % FRACTIONS, AT.transmit);
  packet.writeUInt32BE(Math.floor((seconds % 1) * FRACTIONS), AT.transmit + 4);
}
function readTime(packet: Buffer, offset: number): number {
  const seconds = packet.readUInt32BE(offset) + packet.readUInt32BE(offset + 4) / FRACTIONS;
  return seconds * 1000 - EPOCH_MS;
}
