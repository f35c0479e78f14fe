/** The CA service (protocol 3): root certificate, challenge and clock for whoever asks. It tells nobody which entities exist. */
import {
  CHALLENGE_BYTES,
  ITERATIONS_MAX,
  ITERATIONS_MIN,
  PEM_BYTES,
  type Requests,
  type Responses,
} from '@openkma/protocol';
import { z } from 'zod';
import { byName } from '../../core/live.ts';
import { operation } from '../operation.ts';
import { bytes, fields, text } from './wire-fields.ts';

/** The count for every passphrase that is set (protocol 4.2), and so the one that tells nothing about a name nobody has. */
export const LEGACY_ITERATIONS = 50_000;

const forStrangers = {
  callers: 'stranger',
  quorum: false,
  needsUnlocked: false,
  changes: false,
  audit: { class: 'CA Service', retention: 'short' },
} as const;

type CaRequest = Requests['RetrieveRootCACertificate'];
type CaReply = Responses['RetrieveRootCACertificate'];
type ClockReply = Responses['RetrieveLocalClock'];

/** Together, so that a renewal in between cannot part them. */
interface Shown {
  readonly rootPem: string;
  readonly challenge: Uint8Array;
}

export const retrieveRootCaCertificate = operation<CaRequest, Shown, CaReply, CaReply>({
  ...forStrangers,
  name: 'RetrieveRootCACertificate',
  summary: 'Gives the root CA certificate and a challenge for the passphrase proof.',
  input: fields<CaRequest>({ entityId: text }),
  output: fields<CaReply>({
    rootCaCertificate: bytes(1, PEM_BYTES),
    authenticationHashIterationCount: z.int().min(ITERATIONS_MIN).max(ITERATIONS_MAX),
    clientAuthenticationChallenge: bytes(CHALLENGE_BYTES),
  }),
  async prepare({ entityId }, { state, security }) {
    const rootPem = state.get('certificate_authority', 'root')?.certificatePem;
    if (rootPem == null) throw new Error('there is no root CA certificate');
    return { rootPem, challenge: security.challenge(entityId, rootPem) };
  },
  decide: ({ entityId }, { state }, { rootPem, challenge }) => ({
    facts: [],
    output: {
      rootCaCertificate: Buffer.from(rootPem, 'utf8'),
      authenticationHashIterationCount:
        byName(state, 'agent', entityId)?.legacyIterations ?? LEGACY_ITERATIONS,
      clientAuthenticationChallenge: challenge,
    },
    audit: { severity: 'success', condition: 'Success', message: `entity=${entityId}` },
  }),
});

export const retrieveLocalClock = operation<CaRequest, undefined, ClockReply, ClockReply>({
  ...forStrangers,
  name: 'RetrieveLocalClock',
  summary: 'Gives the time of this KMA.',
  input: fields<CaRequest>({ entityId: text }),
  output: fields<ClockReply>({ currentTime: z.int() }),
  decide: ({ entityId }, { nowMs }) => ({
    facts: [],
    output: { currentTime: nowMs },
    audit: { severity: 'success', condition: 'Success', message: `entity=${entityId}` },
  }),
});
