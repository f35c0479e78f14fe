/** The parts of the platform process, one line each. The part "names" is not among them: the others look names up through it. */
import type { PlatformConfig } from './config.ts';
import { DoctorPart } from './doctor/doctor-part.ts';
import { HmpPart } from './hmp/hmp-part.ts';
import type { PlatformPart, PlatformTools } from './part.ts';
import { PortsPart } from './ports/ports-part.ts';
import { SnmpPart } from './snmp/snmp-part.ts';
import { SupportPart } from './support/support-part.ts';
import { SyslogPart } from './syslog/syslog-part.ts';
import { TimePart } from './time/time-part.ts';

type MakePart = (tools: PlatformTools) => PlatformPart<PlatformConfig>;

export const PARTS: Readonly<Record<string, MakePart>> = {
  syslog: (tools) => new SyslogPart(tools),
  ports: (tools) => new PortsPart(tools),
  doctor: (tools) => new DoctorPart(tools),
  support: (tools) => new SupportPart(tools),
  snmp: (tools) => new SnmpPart(tools),
  hmp: (tools) => new HmpPart(tools),
  time: (tools) => new TimePart(tools),
};
