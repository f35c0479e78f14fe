/** An audit record in the Common Event Format of security event managers, behind the old syslog header as they expect it. It sends nothing. */
import { isIP } from 'node:net';
import type { AuditRecord } from '../../operations/audit-record.ts';
import { fitting, oneLine } from './one-line.ts';
import { oldHead } from './rfc3164.ts';
import type { SentEvent } from './sent-event.ts';

/** The first is the format's own. With the others an event stays below 8 KB, also where every character is escaped. */
const MESSAGE_CHARACTERS_MAX = 1_023;
const MESSAGE_BYTES_MAX = 1_600;
const VALUE_BYTES_MAX = 300;
const HEADER_BYTES_MAX = 200;

export function cef({ record, version }: SentEvent): string {
  const header = [
    'OpenKMA',
    'KMA',
    version,
    record.operation,
    `${record.operation}: ${record.condition}`,
    String(severityOf(record)),
  ].map((field) => fitting(oneLine(field), HEADER_BYTES_MAX).replace(/[\\|]/g, '\\$&'));
  const message = [...record.message].slice(0, MESSAGE_CHARACTERS_MAX).join('');
  const extension = Object.entries(extensionOf(record))
    .filter(([, value]) => value !== '')
    .map(([key, value]) => pair(key, value, VALUE_BYTES_MAX));
  if (message !== '') extension.push(pair('msg', message, MESSAGE_BYTES_MAX));
  return `${oldHead(record)} CEF:0|${header.join('|')}|${extension.join(' ')}`;
}

function pair(key: string, value: string, bytesMax: number): string {
  return `${key}=${fitting(oneLine(value), bytesMax).replace(/[\\=]/g, '\\$&')}`;
}

/** 0 to 10: low, medium, high; refused access is the highest of all that are no disaster. */
function severityOf({ severity, class: auditClass }: AuditRecord): number {
  if (auditClass === 'Security Violation') return severity === 'success' ? 5 : 8;
  return { success: 2, warning: 5, error: 7 }[severity];
}

function extensionOf(record: AuditRecord): Readonly<Record<string, string>> {
  const { entityAddress } = record;
  return {
    rt: String(record.createdAt),
    cat: record.class,
    act: record.operation,
    outcome: record.severity,
    reason: record.condition,
    suser: record.entityId,
    src: isIP(entityAddress) === 4 ? entityAddress : '',
    c6a2: isIP(entityAddress) === 6 ? entityAddress : '',
    c6a2Label: isIP(entityAddress) === 6 ? 'Source IPv6 Address' : '',
    dvchost: record.kmaName,
    deviceExternalId: record.kmaId,
    externalId: record.id,
    cn1: String(record.row),
    cn1Label: 'row',
    cs1: record.term,
    cs1Label: 'term',
    cs2: record.solution,
    cs2Label: record.solution === '' ? '' : 'solution',
  };
}
