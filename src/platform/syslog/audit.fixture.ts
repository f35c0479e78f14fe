/** An audit for tests of what sends it: records in memory, told of as the platform process is told. It writes nothing. */
import { mkdtempSync, rmSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { isAlarmEvent } from '../../core/alarm-events.ts';
import type { AuditRecord } from '../../operations/audit-record.ts';
import type { SyslogServer } from '../../platform-settings/syslog.ts';
import type { PlatformNote, PlatformTools } from '../part.ts';
import { placeAt } from '../place.fixture.ts';

export const KMA = { id: 'C'.repeat(32), name: 'kma-1', version: '1.2.3' };

export function auditRecord(row: number, given: Partial<AuditRecord> = {}): AuditRecord {
  return {
    row,
    id: row.toString(16).toUpperCase().padStart(32, '0'),
    createdAt: Date.UTC(2026, 0, 1) + row,
    operation: 'RetrieveKey',
    severity: 'success',
    condition: 'Success',
    message: `number=${row}`,
    entityId: 'drive-1',
    entityAddress: '127.0.0.1',
    kmaId: KMA.id,
    kmaName: KMA.name,
    class: 'Agent Access',
    term: 'medium',
    solution: '',
    ...given,
  };
}

export class AuditSource {
  readonly notes: PlatformNote[] = [];
  readonly directory: string;
  unreadable = false;
  #records: AuditRecord[] = [];
  #row = 0;
  readonly #listeners: (() => void)[] = [];

  constructor(t: TestContext) {
    this.directory = mkdtempSync(join(tmpdir(), 'openkma-syslog-'));
    t.after(() => rmSync(this.directory, { recursive: true, force: true }));
  }

  get newestRow(): number {
    return this.#row;
  }
  write(count = 1, given: Partial<AuditRecord> = {}): void {
    for (let i = 0; i < count; i++) {
      this.#row += 1;
      this.#records.push(auditRecord(this.#row, given));
    }
    for (const listener of this.#listeners) listener();
  }
  /** As the retention cuts: records up to this one, of those that are chosen. */
  cut(throughRow: number, chosen: (row: number) => boolean = () => true): void {
    this.#records = this.#records.filter(({ row }) => row > throughRow || !chosen(row));
  }
  /** An older store was put back. */
  rollBack(toRow: number): void {
    this.#records = this.#records.filter(({ row }) => row <= toRow);
    this.#row = toRow;
  }

  conditions(): readonly string[] {
    return this.notes.map(({ condition }) => condition);
  }

  get tools(): PlatformTools {
    return {
      directory: this.directory,
      place: placeAt('127.0.0.1'),
      resolve: async (name) => {
        if (isIP(name) === 0 && name !== 'logs.test') throw new Error(`no DNS server is configured: ${name}`);
        return [name === 'logs.test' ? '127.0.0.1' : name];
      },
      audit: {
        newestRow: () => this.#row,
        read: async (afterRow, limit, events = 'alarms') => {
          if (this.unreadable) throw new Error('the reader does not answer');
          // Rows follow each other but for those that were cut.
          const from = this.#records.findIndex(({ row }) => row > afterRow);
          const looked = from < 0 ? [] : this.#records.slice(from, from + limit);
          return {
            records: looked.filter((record) => events === 'all' || isAlarmEvent(record)),
            throughRow: looked.at(-1)?.row ?? afterRow,
            looked: looked.length,
            oldestRow: this.#records[0]?.row ?? 0,
          };
        },
        onNew: (listener) => void this.#listeners.push(listener),
      },
      note: (note) => void this.notes.push(note),
      changed: () => undefined,
      log: () => undefined,
      nowMs: () => Date.UTC(2026, 0, 1),
      socketDirectory: this.directory,
      states: () => new Map(),
    };
  }
}

/** Times that a test can wait for. */
export const QUICK = {
  connectMs: 5_000,
  graceMs: 200,
  endMs: 2_000,
  settleMs: 200,
  lookMs: 50,
  breathMs: 1,
  provenMs: 300,
  notedAfterMs: 100,
  notesApartMs: 100,
  retryMs: [50, 200],
  keptWithinMs: 100,
} as const;

export function syslogServerOf(port: number, given: Partial<SyslogServer> = {}): SyslogServer {
  return {
    id: 'A'.repeat(32),
    name: 'logs',
    address: '127.0.0.1',
    port,
    transport: 'tcp',
    format: 'rfc5424',
    framing: 'octet-counting',
    events: 'all',
    serverName: '',
    caPem: '',
    caAbout: [],
    clientCertificatePem: '',
    clientKeyPem: '',
    clientAbout: [],
    ...given,
  };
}
