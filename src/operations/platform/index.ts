/** Operations on what surrounds the key service of one KMA, in the order of the catalogue. */
import { lookUpName, setDns, showDns } from './dns.ts';
import { hmpOperations } from './hmp.ts';
import { notePlatformEvent } from './note.ts';
import { snmpManagerOperations } from './snmp-managers.ts';

export const platformOperations = [
  showDns,
  setDns,
  lookUpName,
  ...snmpManagerOperations,
  ...hmpOperations,
  notePlatformEvent,
];
