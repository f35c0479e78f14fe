/** Small helpers of the store's tests: a store in a directory of its own, entries and audit records to put in; no test cases. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { created, type Fact, type LogEntry, set } from '../core/facts.ts';
import type { IncarnationId } from '../core/ids.ts';
import { hlc, stampOf } from '../core/stamp.ts';
import type { AuditEntry } from './audit-chain.ts';
import { openStore, type Store } from './store.ts';

export const INCARNATION = 'AAAAAAAAAAAAAAAA' as IncarnationId;

export function temporaryDirectory(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'kma-store-'));
  context.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

export function temporaryStore(context: TestContext): { store: Store; path: string } {
  const path = join(temporaryDirectory(context), 'kma.db');
  const store = openStore({ path, mode: 'create' });
  context.after(() => {
    if (store.database.isOpen) store.close();
  });
  return { store, path };
}

/** The n-th entry of a log: a new site, and a description of the first one that changes with every entry. */
export function entryOf(n: number, incarnation: IncarnationId = INCARNATION): LogEntry {
  return { v: 1, stamp: stampOf(hlc(1000 + n, 0), incarnation), operation: 'CreateSite', facts: factsOf(n) };
}
function factsOf(n: number): readonly Fact[] {
  return [
    created('site', `SITE-${n}`, { name: `site ${n}`, createdAt: 1000 + n }),
    set('site', 'SITE-1', { description: `described by ${n}` }),
  ];
}

export function auditEntryOf(n: number, changes: Partial<AuditEntry> = {}): AuditEntry {
  return {
    id: n.toString(16).padStart(32, '0').toUpperCase(),
    createdAt: 1000 + n,
    operation: 'CreateKey',
    severity: 'success',
    condition: 'Success',
    message: `KeyID=${n}`,
    entityId: 'agent-1',
    entityAddress: '192.0.2.1',
    kmaId: 'KMA',
    kmaName: 'kma-1',
    class: 'Agent Access',
    term: 'short',
    solution: '',
    ...changes,
  };
}
