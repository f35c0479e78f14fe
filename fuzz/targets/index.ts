/** The list of all fuzz targets; it runs none. */
import type { FuzzTarget } from '../target.ts';
import { backupFiles } from './backup-files.ts';
import { agentCalls, proofs } from './calls.ts';
import { certificateRequests } from './certificate-requests.ts';
import { fold } from './fold.ts';
import { http } from './http.ts';
import { management } from './management.ts';
import { processMessages } from './messages.ts';
import { snmp } from './snmp.ts';
import { soap } from './soap.ts';

export const TARGETS: readonly FuzzTarget[] = [
  http,
  soap,
  processMessages,
  backupFiles,
  proofs,
  agentCalls,
  fold,
  certificateRequests,
  management,
  snmp,
];
