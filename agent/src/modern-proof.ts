/** The modern proof (docs/proof.md): the agent makes its own key pair, and what it proves is bound to one TLS connection. The private key never leaves it. */
import { generateKeyPair, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import {
  costObjection,
  forbiddenWord,
  NONCE_BYTES,
  PreparedProof,
  type ProofQuestion,
  publicKeySha256,
  type Responses,
  SoapFault,
} from '@openkma/protocol';
import type { EnrolmentProof, EnrolmentRequest } from './enrolment.ts';
import { AgentError } from './errors.ts';
import { canonical, requirePinned, withTransport } from './proof-steps.ts';
import { Transport } from './transport.ts';

const MODULUS_BITS = 2048;
const NOT_SUPPORTED = 1134;

export const modernProof: EnrolmentProof = async (request) => {
  const { address, ports, minimumTls, timeoutMs } = request;
  const question: ProofQuestion = {
    role: 'agent',
    entityId: request.agentId.normalize('NFC'),
    clientNonce: randomBytes(NONCE_BYTES),
  };
  const pair = await promisify(generateKeyPair)('rsa', { modulusLength: MODULUS_BITS });
  const clientPublicKey = pair.publicKey.export({ type: 'spki', format: 'der' });
  const first = await begin(request, question);
  const caPem = acceptedCa(first, request);
  const prepared = await PreparedProof.make(question, request.passphrase, first);
  const channel = { channel: 'tls', clientKeySha256: publicKeySha256(clientPublicKey) } as const;
  try {
    return await withTransport(new Transport({ minimumTls, timeoutMs, caPem }), async (transport) => {
      const proof = Promise.withResolvers<ReturnType<PreparedProof['answer']>>();
      const reply = await transport.callBound(
        { address, port: ports.certificate },
        'EnrolAgent',
        (exporter) => {
          const answer = prepared.answer({ ...channel, exporter });
          proof.resolve(answer);
          const { entityId, clientNonce } = question;
          return { entityId, clientNonce, clientProof: answer.clientProof, clientPublicKey };
        },
      );
      if (!(await proof.promise).accepts(reply.serverSignature))
        throw new AgentError('denied', 'the KMA does not know the passphrase: this may be an impostor');
      return {
        caPem,
        certificatePem: canonical(reply.certificate, 'certificate'),
        privateKeyPem: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      };
    });
  } finally {
    prepared.wipe();
  }
};

function begin(request: EnrolmentRequest, question: ProofQuestion): Promise<Responses['BeginProof']> {
  const { address, ports, minimumTls, timeoutMs } = request;
  return withTransport(new Transport({ minimumTls, timeoutMs }), async (transport) => {
    try {
      return await transport.call({ address, port: ports.ca }, 'BeginProof', question);
    } catch (error) {
      if (!isUnknownOperation(error)) throw error;
      throw new AgentError(
        'failure',
        'this KMA does not know the modern passphrase proof; where that is expected, enroll with --legacy',
        error,
      );
    }
  });
}

/** Oracle's KMAs answer an operation they do not know with a text without a number. A failure of the server is not meant. */
function isUnknownOperation(error: unknown): boolean {
  if (!(error instanceof SoapFault)) return false;
  return error.number === NOT_SUPPORTED || (error.number === null && forbiddenWord(error.text) === null);
}

/** The first answer came over plain HTTP, from anybody: it is looked at with distrust before the passphrase is touched. */
function acceptedCa(first: Responses['BeginProof'], { pinnedCaKey }: EnrolmentRequest): string {
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
