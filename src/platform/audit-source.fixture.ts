/** An audit for tests of what follows it: records in memory, told of as the platform process is told. It writes nothing. */

import { mkdtempSync, rmSync } from 'node:fs';
import { isIP } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { AuditRecord } from '../operations/audit-record.ts';
import type { PlatformNote, PlatformTools } from './part.ts';
import { placeAt } from './place.fixture.ts';

export class AuditSource {
  readonly records: AuditRecord[] = [];
  readonly notes: PlatformNote[] = [];
  #row = 0;
  readonly #listeners: (() => void)[] = [];
  readonly #readers = { fail: false };

  /** Appends one, as severe as an error unless told otherwise. */
  write(record: Partial<AuditRecord> = {}): AuditRecord {
    this.#row += 1;
    const written: AuditRecord = {
      row: this.#row,
      id: this.#row.toString(16).padStart(32, '0'),
      createdAt: Date.UTC(2026, 0, 1) + this.#row,
      operation: 'NoteTrouble',
      severity: 'error',
      condition: 'Store is damaged',
      message: `number=${this.#row}`,
      entityId: '',
      entityAddress: '',
      kmaId: 'C'.repeat(32),
      kmaName: 'kma-1',
      class: 'System',
      term: 'long',
      solution: '',
      ...record,
    };
    this.records.push(written);
    for (const listener of this.#listeners) listener();
    return written;
  }

  set unreadable(fail: boolean) {
    this.#readers.fail = fail;
  }

  tools(t: TestContext, snmpPort = 1): PlatformTools {
    const directory = mkdtempSync(join(tmpdir(), 'openkma-part-'));
    t.after(() => rmSync(directory, { recursive: true, force: true }));
    return {
      directory,
      place: placeAt('127.0.0.1', { snmp: snmpPort }),
      socketDirectory: directory,
      states: () => new Map(),
      resolve: async (name) => {
        if (isIP(name) === 0) throw new Error(`no DNS server is configured: ${name}`);
        return [name];
      },
      audit: {
        newestRow: () => this.#row,
        read: async (afterRow, limit) => {
          if (this.#readers.fail) throw new Error('the reader does not answer');
          const records = this.records.filter(({ row }) => row > afterRow).slice(0, limit);
          const throughRow = records.length < limit ? this.#row : (records.at(-1)?.row ?? 0);
          const looked = this.records.filter(({ row }) => row > afterRow && row <= throughRow).length;
          return { records, throughRow, looked, oldestRow: this.records[0]?.row ?? 0 };
        },
        onNew: (listener) => this.#listeners.push(listener),
      },
      note: (note) => this.notes.push(note),
      changed: () => undefined,
      log: () => undefined,
      nowMs: () => Date.UTC(2026, 0, 1),
    };
  }
}
