/** The operations of the modern proof (docs/proof.md), for the catalogue: those of the wire, and the one of pages in a browser. */
import type { Operation } from '../operation.ts';
import { beginProof } from './begin-proof.ts';
import { enrolAgent, enrolKma } from './certify.ts';
import { logInUser } from './log-in-user.ts';
import { logInWeb } from './log-in-web.ts';

export const proofOperations: readonly Operation[] = [beginProof, enrolAgent, enrolKma, logInUser];
export const pageProofOperations: readonly Operation[] = [logInWeb];
