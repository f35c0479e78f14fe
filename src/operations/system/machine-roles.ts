/** Who looks into the machine that a KMA runs on. It grants nothing by itself. */
import type { Role } from '../operation.ts';

export const MACHINE_ROLES: readonly Role[] = ['SECURITY_OFFICER', 'OPERATOR'];
