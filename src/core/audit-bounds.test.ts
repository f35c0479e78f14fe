/** What an operation says fits a record, and what is too long loses its end and nothing else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ERRORS } from '../errors.ts';
import type { AuditRecord } from '../operations/audit-record.ts';
import {
  boundedEntry,
  CREATED_AT_MS_MAX,
  MESSAGE_CHARACTERS_MAX,
  TEXT_CHARACTERS_MAX,
} from './audit-bounds.ts';

const ENTRY: Omit<AuditRecord, 'row'> = {
  id: '1'.repeat(32),
  createdAt: 1_000,
  operation: 'CompromiseKeys',
  severity: 'success',
  condition: 'Success',
  message: '',
  entityId: 'officer',
  entityAddress: '192.0.2.1',
  kmaId: 'C'.repeat(32),
  kmaName: 'kma-1',
  class: 'Compliance Officer',
  term: 'long',
  solution: '',
};

test('the longest messages of operations stay as they are', () => {
  const [comment, ids] = ['c'.repeat(8192), Array.from({ length: 200 }, () => 'F'.repeat(60)).join()];
  const entry = { ...ENTRY, message: `dataUnit=${'A'.repeat(32)} keys=200 comment=${comment} ids=${ids}` };
  assert.equal(boundedEntry(entry), entry);
  for (const { advice, text } of Object.values(ERRORS))
    assert.ok(Math.max(advice.length, text.length) <= TEXT_CHARACTERS_MAX, text);
});

test('what is longer loses its end, field by field', () => {
  const long = 'x'.repeat(100_000);
  assert.deepEqual(boundedEntry({ ...ENTRY, message: long, entityId: long }), {
    ...ENTRY,
    message: long.slice(0, MESSAGE_CHARACTERS_MAX),
    entityId: long.slice(0, TEXT_CHARACTERS_MAX),
  });
});

test('a record of the longest fields, each character escaped, is one message', () => {
  const long = '\u0001'.repeat(100_000);
  const texts = { message: long, entityId: long, entityAddress: long, condition: long, solution: long };
  const entry = boundedEntry({ ...ENTRY, ...texts, id: long, operation: long, kmaId: long, kmaName: long });
  assert.ok(JSON.stringify(entry).length <= 256 * 1024);
});

test('the last date has the same form as all others', () => {
  assert.equal(new Date(CREATED_AT_MS_MAX).toISOString(), '9999-12-31T23:59:59.999Z');
});
