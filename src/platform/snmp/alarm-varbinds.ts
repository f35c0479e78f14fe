/** An audit record as the variables of an SNMP alarm (product reference 11.1; deploy/OPENKMA-MIB.txt). It holds nothing that the audit does not. */
import { cutUtf8 } from '@openkma/protocol';
import type { AuditRecord } from '../../operations/audit-record.ts';
import { integer, type Oid, octets, oid, TYPE } from './ber.ts';
import type { Varbind } from './message.ts';

/** Of the product whose receivers there are. */
export const PRODUCT: Oid = [1, 3, 6, 1, 4, 1, 42, 2, 22, 99];
/** Of the health of a KMA as its SNMP agent shows it: receivers of before find it behind the variables that they know. */
const KMA_NAME: Oid = [...PRODUCT, 200, 1, 0];
const ALARM: Oid = [...PRODUCT, 109, 1];
const SYS_UP_TIME: Oid = [1, 3, 6, 1, 2, 1, 1, 3, 0];
const TRAP_OID: Oid = [1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0];
const TIME_TICKS_END = 2 ** 32;
/** What is longer than these the audit has whole: a datagram in several pieces gets lost on some ways, again at each try. */
const WORDS_BYTES_MAX = 64;
const NAME_BYTES_MAX = 128;
const MESSAGE_BYTES_MAX = 512;
const SOLUTION_BYTES_MAX = 256;

export type AlarmRecord = Pick<
  AuditRecord,
  | 'kmaName'
  | 'createdAt'
  | 'class'
  | 'operation'
  | 'condition'
  | 'severity'
  | 'entityId'
  | 'entityAddress'
  | 'message'
  | 'solution'
>;

export function alarmVarbinds(record: AlarmRecord, upTimeMs: number): readonly Varbind[] {
  const words = [
    dateText(record.createdAt),
    record.class,
    record.operation,
    record.condition,
    record.severity,
  ];
  const texts = [
    ...words.map((text) => cutUtf8(text, WORDS_BYTES_MAX)),
    cutUtf8(record.entityId, NAME_BYTES_MAX),
    cutUtf8(record.entityAddress, WORDS_BYTES_MAX),
    cutUtf8(record.message, MESSAGE_BYTES_MAX),
    cutUtf8(record.solution, SOLUTION_BYTES_MAX),
  ];
  return [
    { oid: SYS_UP_TIME, value: integer(Math.floor(upTimeMs / 10) % TIME_TICKS_END, TYPE.timeTicks) },
    { oid: TRAP_OID, value: oid(ALARM) },
    ...texts.map((text, place) => ({
      oid: [...PRODUCT, place + 1, 0],
      value: octets(Buffer.from(text)),
    })),
    { oid: KMA_NAME, value: octets(Buffer.from(cutUtf8(record.kmaName, NAME_BYTES_MAX))) },
  ];
}

/** "" for what is no date: no record is to hold up those behind it. */
function dateText(timeMs: number): string {
  const date = new Date(timeMs);
  return Number.isNaN(date.getTime()) ? '' : date.toISOString();
}
