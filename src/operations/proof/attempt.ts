/** What the runtime must know of a passphrase proof before it runs: whose it is, and which request it repeats. It judges nothing. */
import { hash } from 'node:crypto';
import type { ProofRole } from '@openkma/protocol';
import { z } from 'zod';
import { pairKey } from '../agent/certificate.ts';
import type { Origin } from '../operation.ts';
import { enrolAgent, enrolKma } from './certify.ts';
import { logInUser } from './log-in-user.ts';
import { logInWeb } from './log-in-web.ts';
import { type ProofMessage, proofFields } from './prove.ts';

export interface ProofAttempt {
  readonly role: ProofRole;
  readonly entityId: string;
  /** Equal for identical requests of one TLS connection or one page only, or for the legacy proof of any. */
  readonly key: string;
}

const ROLES: Readonly<Record<string, ProofRole>> = {
  [enrolAgent.name]: 'agent',
  [enrolKma.name]: 'kma',
  [logInUser.name]: 'user',
  [logInWeb.name]: 'user',
};
const message: z.ZodType<ProofMessage> = z.looseObject(proofFields);

/** Null for what is no proof, and for one so malformed that it names nobody. */
export function proofAttempt(
  operation: string,
  input: unknown,
  { exporter, webOrigin }: Pick<Origin, 'exporter' | 'webOrigin'>,
): ProofAttempt | null {
  if (operation === 'RetrieveEntityCertificate') {
    const pair = pairKey(input);
    return pair === null ? null : { role: 'agent', ...pair };
  }
  const role = Object.hasOwn(ROLES, operation) ? ROLES[operation] : undefined;
  const parsed = message.safeParse(input);
  if (role === undefined || !parsed.success) return null;
  return {
    role,
    entityId: parsed.data.entityId,
    key: keyOf(operation, { ...parsed.data, exporter, webOrigin }),
  };
}

function keyOf(operation: string, fields: object): string {
  const named = Object.entries(fields).map(([name, value]) => [
    name,
    value instanceof Uint8Array ? Buffer.from(value).toString('hex') : value,
  ]);
  return hash('sha256', JSON.stringify([operation, named]), 'hex');
}
