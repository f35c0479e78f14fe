/** Operations on what surrounds the key service of one KMA, in the order of the catalogue. */
import { lookUpName, setDns, showDns } from './dns.ts';
import { hmpOperations } from './hmp.ts';
import { notePlatformEvent } from './note.ts';
import { setNtpServer } from './ntp.ts';
import { listPorts, showPorts } from './ports.ts';
import { runDoctor, runLocalDoctor } from './run-doctor.ts';
import { snmpManagerOperations } from './snmp-managers.ts';
import { syslogOperations } from './syslog-servers.ts';
import { technicalSupportOperations } from './technical-support.ts';
import { watchNotes } from './watch-notes.ts';
import {
  loadWebCertificate,
  removeWebCertificate,
  requestWebCertificate,
  showWebCertificate,
} from './web-certificate.ts';

export const platformOperations = [
  showDns,
  setDns,
  lookUpName,
  setNtpServer,
  ...technicalSupportOperations,
  ...snmpManagerOperations,
  ...syslogOperations,
  ...hmpOperations,
  showPorts,
  listPorts,
  showWebCertificate,
  requestWebCertificate,
  loadWebCertificate,
  removeWebCertificate,
  runDoctor,
  runLocalDoctor,
  notePlatformEvent,
  ...watchNotes,
];
