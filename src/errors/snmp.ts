/** What people who enter SNMP managers are refused with. No logic. */
import { type ErrorRow, row } from './row.ts';

export const SNMP_ERRORS = {
  SNMP_MANAGER_EXISTS: row(
    2160,
    409,
    'An SNMP manager of this name exists',
    'Choose another name, or change it with "kma snmp-manager modify".',
  ),
  SNMP_MANAGER_DOES_NOT_EXIST: row(
    2161,
    404,
    'SNMP manager does not exist',
    'List them with "kma snmp-manager list".',
  ),
  SNMP_MANAGERS_FULL: row(
    2162,
    409,
    'There are as many SNMP managers as a cluster may have',
    'Delete one that is not needed any more.',
  ),
  SNMP_PASSPHRASE_NEEDED: row(
    2163,
    400,
    'The passphrase is needed again',
    'Keys were made of it with the hash and for the version of before: give it once more (--passphrase-file).',
  ),
} as const satisfies Record<string, ErrorRow>;
