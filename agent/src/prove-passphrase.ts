/** The modern proof of a passphrase (docs/proof.md) for any role: both messages, bound to one TLS connection. It makes no key and keeps nothing. */
import { randomBytes } from 'node:crypto';
import {
  costObjection,
  forbiddenWord,
  NONCE_BYTES,
  PreparedProof,
  type ProofAnswer,
  type ProofQuestion,
  publicKeySha256,
  type Requests,
  type Responses,
  SoapFault,
} from '@openkma/protocol';
import type { Ports } from './enrolment.ts';
import { AgentError } from './errors.ts';
import { canonical, requirePinned, withTransport } from './proof-steps.ts';
import { type TlsMinimum, Transport } from './transport.ts';

const NOT_SUPPORTED = 1134;

export class ProofUnknownError extends AgentError {
  constructor(cause: unknown) {
    super('failure', 'this KMA does not know the modern passphrase proof', cause);
    this.name = 'ProofUnknownError';
  }
}

/** The second message says what is proven for: a certificate, or a session. */
export type ProvenCall = 'EnrolAgent' | 'EnrolKma' | 'LogInUser';
const ROLES = { EnrolAgent: 'agent', EnrolKma: 'kma', LogInUser: 'user' } as const;

export interface ProofPlace {
  readonly address: string;
  readonly ports: Pick<Ports, 'ca' | 'certificate'>;
  readonly minimumTls: TlsMinimum;
  readonly timeoutMs: number;
}
export interface ProofRequest extends ProofPlace {
  readonly entityId: string;
  /** As UTF-8 bytes; the caller wipes them. */
  readonly passphrase: Uint8Array;
  /** SHA-256 of the root CA's public key where it is known already, upper-case hex; another one is refused. */
  readonly pinnedCaKey: string | null;
  /** SubjectPublicKeyInfo in DER of the key that the caller made. */
  readonly clientPublicKey: Uint8Array;
}

export interface Proven<Name extends ProvenCall> {
  readonly reply: Responses[Name];
  readonly caPem: string;
  /** The KMA's; its signature over the whole exchange covers it. */
  readonly oneTimePublicKey: Uint8Array;
}

type Common = Pick<Requests[ProvenCall], 'entityId' | 'clientNonce' | 'clientProof'>;

/** Proves both sides to each other; `fieldsFor` adds what the second message says beside the proof. */
export async function provePassphrase<Name extends ProvenCall>(
  name: Name,
  request: ProofRequest,
  fieldsFor: (common: Common) => Requests[Name],
): Promise<Proven<Name>> {
  const { address, ports, minimumTls, timeoutMs, clientPublicKey } = request;
  const question: ProofQuestion = {
    role: ROLES[name],
    entityId: request.entityId.normalize('NFC'),
    clientNonce: randomBytes(NONCE_BYTES),
  };
  const first = await begin(request, question);
  const caPem = acceptedCa(first, request.pinnedCaKey);
  const prepared = await PreparedProof.make(question, request.passphrase, first);
  const channel = { channel: 'tls', clientKeySha256: publicKeySha256(clientPublicKey) } as const;
  try {
    return await withTransport(new Transport({ minimumTls, timeoutMs, caPem }), async (transport) => {
      const proof = Promise.withResolvers<ProofAnswer>();
      const reply = await transport.callBound({ address, port: ports.certificate }, name, (exporter) => {
        const answer = prepared.answer({ ...channel, exporter });
        proof.resolve(answer);
        const { entityId, clientNonce } = question;
        return fieldsFor({ entityId, clientNonce, clientProof: answer.clientProof });
      });
      if (!(await proof.promise).accepts(reply.serverSignature))
        throw new AgentError('denied', 'the KMA does not know the passphrase: this may be an impostor');
      return { reply, caPem, oneTimePublicKey: first.oneTimePublicKey };
    });
  } finally {
    prepared.wipe();
  }
}

/** The root CA that a KMA shows to anybody over plain HTTP: to be compared with what is known otherwise, never to be trusted as it is. */
export async function shownRootCa(place: ProofPlace): Promise<string> {
  const clientNonce = randomBytes(NONCE_BYTES);
  const first = await begin(place, { role: 'user', entityId: 'nobody', clientNonce });
  return canonical(first.rootCaCertificate, 'root CA certificate');
}

function begin(place: ProofPlace, question: ProofQuestion): Promise<Responses['BeginProof']> {
  const { address, ports, minimumTls, timeoutMs } = place;
  return withTransport(new Transport({ minimumTls, timeoutMs }), async (transport) => {
    try {
      return await transport.call({ address, port: ports.ca }, 'BeginProof', question);
    } catch (error) {
      if (!isUnknownOperation(error)) throw error;
      throw new ProofUnknownError(error);
    }
  });
}

/** Oracle's KMAs answer an operation they do not know with a text without a number. A failure of the server is not meant. */
function isUnknownOperation(error: unknown): boolean {
  if (!(error instanceof SoapFault)) return false;
  return error.number === NOT_SUPPORTED || (error.number === null && forbiddenWord(error.text) === null);
}

/** The first answer came over plain HTTP, from anybody: it is looked at with distrust before the passphrase is touched. */
function acceptedCa(first: Responses['BeginProof'], pinnedCaKey: string | null): string {
  const objection = costObjection(first);
  if (objection !== null)
    throw new AgentError(
      'denied',
      `the cost of the passphrase proof that the KMA asks for is ${objection} ` +
        `(${first.memoryKib} KiB, ${first.passes} passes, ${first.lanes} lanes): this may be an impostor`,
    );
  const caPem = canonical(first.rootCaCertificate, 'root CA certificate');
  requirePinned(caPem, pinnedCaKey);
  return caPem;
}
