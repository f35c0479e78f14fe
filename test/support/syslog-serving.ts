/** What tests of syslog share: a part that sends an audit in memory, how its servers stand, and which records have arrived where. It asserts nothing. */
import type { TestContext } from 'node:test';
import { AuditSource, KMA, QUICK } from '../../src/platform/syslog/audit.fixture.ts';
import type { DeliveryLimits, DeliveryState } from '../../src/platform/syslog/delivery.ts';
import { SyslogPart } from '../../src/platform/syslog/syslog-part.ts';
import type { SyslogServer } from '../../src/platform-settings/syslog.ts';
import type { OddReceiver } from './odd-receiver.ts';
import type { Received, Rsyslogd } from './rsyslogd.ts';
import { until } from './until.ts';

export const AUDIT_ELEMENT = 'audit@32473';

export function serve(
  t: TestContext,
  source: AuditSource,
  servers: readonly SyslogServer[],
  limits: Partial<DeliveryLimits> = {},
) {
  const part = new SyslogPart(source.tools, { ...QUICK, ...limits });
  t.after(() => part.stop());
  part.apply({ kma: KMA, syslog: { servers: [...servers] } });
  return part;
}

export const servers = (part: SyslogPart) => part.state().details['servers'] as readonly DeliveryState[];
export const stateOf = (part: SyslogPart, server = 'logs') =>
  servers(part).find(({ server: name }) => name === server);
export const connected = (part: SyslogPart, server?: string) =>
  until('the server is connected', () => stateOf(part, server)?.state === 'connected');

const rowOf = ({ fields }: Received) => Number(fields?.[AUDIT_ELEMENT]?.['row']);
export const rowsOf = (rsyslogd: Rsyslogd) => rsyslogd.received().map(rowOf);
export const upTo = (count: number, from = 1) => Array.from({ length: count - from + 1 }, (_, i) => from + i);

/** Of what an odd receiver was sent. */
export const rowsIn = ({ text }: OddReceiver) =>
  [...text.matchAll(/\[audit@32473 row="(\d+)" id="\w/g)].map(([, row]) => Number(row));

/** An audit that a new server does not get: it begins with now. */
export function begun(t: TestContext): AuditSource {
  const source = new AuditSource(t);
  source.write();
  return source;
}
