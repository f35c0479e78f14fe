/** An audit record as the variables of an SNMP alarm (product reference 11.1; deploy/OPENKMA-MIB.txt). It holds nothing that the audit does not. */
import { cutUtf8 } from '@openkma/protocol';
import type { AuditRecord } from '../../operations/audit-record.ts';
import { integer, type Oid, octets, oid, TYPE } from './ber.ts';
import type { Varbind } from './message.ts';

/** Of the product whose receivers there are. */
export const PRODUCT: Oid = [1, 3, 6, 1, 4, 1, 42, 2, 22, 99];
const ALARM: Oid = [...PRODUCT, 109, 1];
const SYS_UP_TIME: Oid = [1, 3, 6, 1, 2, 1, 1, 3, 0];
const TRAP_OID: Oid = [1, 3, 6, 1, 6, 3, 1, 1, 4, 1, 0];
const TIME_TICKS_END = 2 ** 32;
/** As the MIB has it; a datagram stays whole on most ways then. */
export const TEXT_BYTES_MAX = 1024;

export type AlarmRecord = Pick<
  AuditRecord,
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
  const texts = [
    new Date(record.createdAt).toISOString(),
    record.class,
    record.operation,
    record.condition,
    record.severity,
    record.entityId,
    record.entityAddress,
    record.message,
    record.solution,
  ];
  return [
    { oid: SYS_UP_TIME, value: integer(Math.floor(upTimeMs / 10) % TIME_TICKS_END, TYPE.timeTicks) },
    { oid: TRAP_OID, value: oid(ALARM) },
    ...texts.map((text, place) => ({
      oid: [...PRODUCT, place + 1, 0],
      value: octets(Buffer.from(cutUtf8(text, TEXT_BYTES_MAX))),
    })),
  ];
}
