/** Audit records with whatever somebody may have got into them, for tests of what is made of them. */
import * as fc from 'fast-check';
import type { AuditRecord } from '../../operations/audit-record.ts';
import { auditRecord } from './audit.fixture.ts';

/** What somebody may have got into a record: ends of lines, ends of values, directions, halves of characters, much of it. */
const nasty = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 60 }),
  fc.string({
    unit: fc.constantFrom(
      '"',
      ']',
      '\\',
      '=',
      '|',
      '\n',
      '\r',
      '\0',
      '[',
      ' ',
      '\x7f',
      '\x85',
      '\u2028',
      'a',
      '\ud800',
    ),
    maxLength: 60,
  }),
  fc.string({ unit: 'grapheme', minLength: 900, maxLength: 9_000 }),
);
export const anyRecord: fc.Arbitrary<AuditRecord> = fc
  .record({
    row: fc.nat(),
    createdAt: fc.nat({ max: 4_000_000_000_000 }),
    operation: nasty,
    severity: fc.constantFrom('success', 'warning', 'error'),
    condition: nasty,
    message: nasty,
    entityId: nasty,
    entityAddress: nasty,
    kmaName: nasty,
    solution: nasty,
  })
  .map((given) => auditRecord(1, given));
