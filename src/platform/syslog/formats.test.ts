/** Formats of syslog messages: whatever a record holds, a receiver that follows the standard reads the fields as they were, on one line, and no longer than it takes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { anyRecord } from './any-record.fixture.ts';
import { auditRecord, KMA } from './audit.fixture.ts';
import { cef } from './cef.ts';
import { framedMessage } from './framed-message.ts';
import { oneLine } from './one-line.ts';
import { rfc3164 } from './rfc3164.ts';
import { AUDIT_ELEMENT, rfc5424 } from './rfc5424.ts';
import { skippedNotice } from './sent-event.ts';

const { version } = KMA;
const RECORD = auditRecord(7, {
  operation: 'CreateKey',
  message: 'key=0123 group=tapes',
  entityAddress: '192.0.2.7',
  createdAt: Date.UTC(2026, 10, 6, 8, 5, 9, 42),
});

test('RFC 5424: priority, date, host, operation, fields as structured data, and a text for people', () => {
  assert.equal(
    rfc5424({ record: RECORD, version }),
    '<110>1 2026-11-06T08:05:09.042Z kma-1 openkma - CreateKey ' +
      '[origin software="OpenKMA" swVersion="1.2.3"]' +
      '[audit@32473 row="7" id="00000000000000000000000000000007" operation="CreateKey" severity="success" ' +
      'condition="Success" entityId="drive-1" entityAddress="192.0.2.7" ' +
      'kmaId="CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC" kmaName="kma-1" class="Agent Access" term="medium" solution=""] ' +
      'CreateKey by drive-1: Success: key=0123 group=tapes',
  );
});

test('RFC 3164: a date of UTC with a padded day, a tag, and the fields behind the text', () => {
  assert.equal(
    rfc3164({ record: RECORD, version }),
    '<110>Nov  6 08:05:09 kma-1 openkma: CreateKey by drive-1: Success: key=0123 group=tapes ' +
      '[row=7 severity=success class="Agent Access" address=192.0.2.7 id=00000000000000000000000000000007]',
  );
});

test('CEF: header and extension, an address of IPv6 in its own field', () => {
  const record = {
    ...RECORD,
    entityAddress: '2001:db8::7',
    class: 'Security Violation',
    severity: 'error',
  } as const;
  assert.equal(
    cef({ record, version }),
    '<107>Nov  6 08:05:09 kma-1 CEF:0|OpenKMA|KMA|1.2.3|CreateKey|CreateKey: Success|8|' +
      `rt=${record.createdAt} cat=Security Violation act=CreateKey outcome=error reason=Success suser=drive-1 ` +
      'c6a2=2001:db8::7 c6a2Label=Source IPv6 Address dvchost=kma-1 deviceExternalId=CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCC ' +
      'externalId=00000000000000000000000000000007 cn1=7 cn1Label=row cs1=medium cs1Label=term msg=key\\=0123 group\\=tapes',
  );
});

test('the severity of a record is that of the message: error, warning, informational, of the facility for audits', () => {
  const priorities = (['error', 'warning', 'success'] as const).map(
    (severity) => /^<\d+>/.exec(rfc5424({ record: { ...RECORD, severity }, version }))?.[0],
  );
  assert.deepEqual(priorities, ['<107>', '<108>', '<110>']);
});

test('records that are not there any more are told of as a warning with their number', () => {
  const record = skippedNotice(KMA, 12, 90, RECORD.createdAt);
  const message = rfc5424({ record, version });
  assert.match(
    message,
    /^<108>1 .* SkipAuditRecords .*SkipAuditRecords: Audit records not sent: count=12 through=90$/,
  );
});

/** RFC 5424, section 6, read strictly. */
const HEADER = /^<(\d{1,3})>1 (\S+) ([\x21-\x7e]{1,255}) openkma - ([\x21-\x7e]{1,32}) /;
const ELEMENT = /^\[([\x21-\x7e]{1,32}?)((?: [\x21-\x7e]{1,32}?="(?:[^"\\\]]|\\["\\\]])*")*)\]/;
const PARAMETER = / ([^= \]"]+)="((?:[^"\\\]]|\\["\\\]])*)"/g;

function parsed5424(message: string) {
  const header = HEADER.exec(message);
  assert.ok(header, message);
  let rest = message.slice(header[0].length);
  const elements = new Map<string, ReadonlyMap<string, string>>();
  for (let found = ELEMENT.exec(rest); found !== null; found = ELEMENT.exec(rest)) {
    const given = [...(found[2] ?? '').matchAll(PARAMETER)];
    assert.equal(given.map(([all]) => all).join(''), found[2]);
    elements.set(
      found[1] ?? '',
      new Map(given.map(([, name = '', value = '']) => [name, value.replace(/\\(["\\\]])/g, '$1')])),
    );
    rest = rest.slice(found[0].length);
  }
  assert.match(rest, /^ /);
  return { elements, text: rest.slice(1) };
}

/** Cut off behind, and said so. */
function isBeginningOf(found: string, whole: string): boolean {
  return found === whole || (found.endsWith('...') && whole.startsWith(found.slice(0, -3)));
}

test('RFC 5424: every record is read back field by field', () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      const message = rfc5424({ record, version });
      assert.ok(Buffer.byteLength(message) <= 8_000);
      const { elements, text } = parsed5424(message);
      assert.deepEqual([...elements.keys()], ['origin', AUDIT_ELEMENT]);
      const { message: _, createdAt: __, ...fields } = record;
      for (const [name, value] of Object.entries(fields)) {
        const found = elements.get(AUDIT_ELEMENT)?.get(name) ?? 'none';
        assert.ok(isBeginningOf(found, oneLine(String(value))), `${name}: ${found}`);
      }
      assert.equal(text.startsWith('\ufeff'), /\P{ASCII}/u.test(text));
    }),
  );
});

test('CEF: every record is read back field by field', () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      const message = cef({ record, version });
      assert.ok(Buffer.byteLength(message) <= 8_000);
      const at = message.indexOf(' CEF:0|');
      const fields = message.slice(at + 7).match(/(?:[^|\\]|\\[|\\])*(?:\||$)/g) ?? [];
      const header = fields.slice(0, 6).map((field) => field.slice(0, -1).replace(/\\([|\\])/g, '$1'));
      assert.deepEqual([header[0], header[1], header[2]], ['OpenKMA', 'KMA', version]);
      assert.ok(isBeginningOf(header[3] ?? 'none', oneLine(record.operation)));
      const extension = message.slice(at + 7 + fields.slice(0, 6).join('').length);
      const pairs = [
        ...extension.matchAll(/(?:^| )([a-zA-Z0-9]+)=((?:[^\\=]|\\[\\=])*?)(?= [a-zA-Z0-9]+=|$)/g),
      ];
      assert.equal(pairs.map(([all]) => all).join(''), extension);
      const found = new Map(
        pairs.map(([, key = '', value = '']) => [key, value.replace(/\\([\\=])/g, '$1')]),
      );
      const suser = found.get('suser') ?? '';
      assert.ok(isBeginningOf(suser, oneLine(record.entityId)), suser);
    }),
  );
});

test('no record makes a message of two lines, or a longer one than the receiver takes', () => {
  fc.assert(
    fc.property(anyRecord, fc.constantFrom('rfc5424', 'rfc3164', 'cef'), (record, format) => {
      const message = framedMessage({ format, framing: 'newline' }, { record, version });
      assert.equal(message.indexOf('\n'), message.length - 1);
      assert.ok(
        message.toString('utf8').isWellFormed() && !message.includes('\0') && !message.includes('\r'),
      );
      assert.ok(message.length <= (format === 'rfc3164' ? 1_025 : 8_001));
    }),
  );
});

test('octet counting says how many bytes the message has', () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      const framed = framedMessage({ format: 'rfc5424', framing: 'octet-counting' }, { record, version });
      const [, digits = ''] = /^([1-9]\d*) </.exec(framed.toString('latin1')) ?? [];
      assert.equal(framed.length, digits.length + 1 + Number(digits));
    }),
  );
});
