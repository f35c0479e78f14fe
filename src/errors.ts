/** The one register of errors: code, number, text, HTTP status and what to do. It holds no logic beyond looking a row up. */
import { AGENT_ERRORS } from './errors/agents.ts';
import { APPLIANCE_ERRORS } from './errors/appliance.ts';
import { BACKUP_ERRORS } from './errors/backups.ts';
import { CLIENT_ERRORS } from './errors/clients.ts';
import { CLOCK_ERRORS } from './errors/clock.ts';
import { FIREWALL_ERRORS } from './errors/firewall.ts';
import { MANAGEMENT_PORT_ERRORS } from './errors/management-port.ts';
import { MANAGER_ERRORS } from './errors/managers.ts';
import { PLATFORM_ERRORS } from './errors/platform.ts';
import { QUORUM_ERRORS } from './errors/quorum.ts';
import { SNMP_ERRORS } from './errors/snmp.ts';
import { USER_CERTIFICATE_ERRORS } from './errors/user-certificates.ts';

export const ERRORS = {
  ...AGENT_ERRORS,
  ...MANAGER_ERRORS,
  ...QUORUM_ERRORS,
  ...BACKUP_ERRORS,
  ...USER_CERTIFICATE_ERRORS,
  ...MANAGEMENT_PORT_ERRORS,
  ...CLIENT_ERRORS,
  ...CLOCK_ERRORS,
  ...FIREWALL_ERRORS,
  ...APPLIANCE_ERRORS,
  ...SNMP_ERRORS,
  ...PLATFORM_ERRORS,
} as const;

export type ErrorCode = keyof typeof ERRORS;

/** Numbers are what records of the audit keep. */
export function errorOfNumber(number: number): ErrorCode | undefined {
  return CODES.find((code) => ERRORS[code].number === number);
}
const CODES = Object.keys(ERRORS) as ErrorCode[];

/** An error for programs at the edge (command line, start-up), where there is no caller to answer with a value. */
export class OpenKmaError extends Error {
  readonly code: ErrorCode;
  readonly detail: string | undefined;
  constructor(code: ErrorCode, detail?: string) {
    super(detail === undefined ? ERRORS[code].text : `${ERRORS[code].text}: ${detail}`);
    this.code = code;
    this.detail = detail;
  }
}
