/** A client of the modern proof by hand (docs/proof.md): one TLS connection it can see into, and messages it can be told to falsify. */
import { generateKeyPairSync, randomBytes, X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import {
  decodeResponse,
  EXPORTER_BYTES,
  EXPORTER_LABEL,
  encodeRequest,
  NONCE_BYTES,
  OPERATIONS,
  type OperationName,
  PreparedProof,
  type ProofAnswer,
  type ProofRole,
  publicKeySha256,
  type Requests,
  type Responses,
} from '@openkma/protocol';
import { callRaw, fieldsOf, type Ports, type RawAnswer } from './raw-agent.ts';
import { parseAnswer } from './soap.ts';
import { within } from './until.ts';

export const SECOND = { agent: 'EnrolAgent', kma: 'EnrolKma', user: 'LogInUser' } as const;
export type SecondOf<R extends ProofRole> = (typeof SECOND)[R];

export interface ProofKey {
  readonly spki: Buffer;
  readonly privateKeyPem: string;
}
export function newProofKey(): ProofKey {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    spki: pair.publicKey.export({ type: 'spki', format: 'der' }),
    privateKeyPem: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}
/** Making one takes a while, and most tests do not care which. */
export const PROOF_KEY = newProofKey();

/** A kept connection to port 3332. */
export class ProofConnection {
  readonly exporter: Buffer;
  readonly protocol: string;
  readonly #socket: TLSSocket;

  private constructor(socket: TLSSocket) {
    this.#socket = socket;
    this.exporter = socket.exportKeyingMaterial(EXPORTER_BYTES, EXPORTER_LABEL, Buffer.alloc(0));
    this.protocol = socket.getProtocol() ?? '';
  }

  static async open(port: number, ca: string, tls: ConnectionOptions = {}): Promise<ProofConnection> {
    const socket = connect({ port, host: '127.0.0.1', ca, checkServerIdentity: () => undefined, ...tls });
    await once(socket, 'secureConnect');
    return new ProofConnection(socket);
  }

  async call<Name extends OperationName>(name: Name, fields: Requests[Name]): Promise<RawAnswer<Name>> {
    const { service } = OPERATIONS[name];
    const body = encodeRequest(service, name, fields);
    const head = `POST / HTTP/1.1\r\nHost: kma\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Length: ${Buffer.byteLength(body)}`;
    this.#socket.write(`${head}\r\n\r\n${body}`);
    const answer = await this.#answer();
    const response = decodeResponse(service, name, answer.body);
    return { status: answer.status, headers: answer.headers, xml: answer.body.toString(), response };
  }

  close(): void {
    this.#socket.destroy();
  }

  async #answer() {
    if (this.#socket.readableEnded || this.#socket.destroyed) throw new Error('the connection has ended');
    let bytes = Buffer.alloc(0);
    const ended = new AbortController();
    this.#socket.once('close', () => ended.abort(new Error('the connection ended without an answer')));
    for (;;) {
      const came = once(this.#socket, 'data', { signal: ended.signal });
      const [chunk] = (await within('more of the answer', came)) as [Buffer];
      bytes = Buffer.concat([bytes, chunk]);
      const answer = parseAnswer(bytes);
      const length = Number(/content-length: (\d+)/i.exec(answer.headers)?.[1] ?? Number.NaN);
      if (answer.body.length >= length) return answer;
    }
  }
}

export interface FirstSteps {
  readonly question: { readonly role: ProofRole; readonly entityId: string; readonly clientNonce: Buffer };
  readonly answer: RawAnswer<'BeginProof'>;
  readonly first: Responses['BeginProof'];
  readonly caPem: string;
}

export async function beginProof(ports: Ports, role: ProofRole, entityId: string): Promise<FirstSteps> {
  const question = { role, entityId, clientNonce: randomBytes(NONCE_BYTES) };
  const answer = await callRaw(ports, 'BeginProof', question);
  const first = fieldsOf(answer);
  return { question, answer, first, caPem: Buffer.from(first.rootCaCertificate).toString('latin1') };
}

export interface ProofOptions {
  readonly key?: ProofKey;
  readonly tls?: ConnectionOptions;
  /** What the proof is made over, where that is not the truth. */
  readonly exporter?: Buffer;
  readonly provenKey?: ProofKey;
}

export interface Exchange<R extends ProofRole> extends FirstSteps {
  readonly connection: ProofConnection;
  readonly request: Requests[SecondOf<R>];
  readonly proof: ProofAnswer;
}

/** Everything up to the second message, which is ready and not sent. The caller closes the connection. */
export async function prepareExchange<R extends ProofRole>(
  ports: Ports,
  role: R,
  entityId: string,
  passphrase: string,
  options: ProofOptions = {},
): Promise<Exchange<R>> {
  return continueExchange(ports, role, await beginProof(ports, role, entityId), passphrase, options);
}

/** The same for a first message that was answered before. */
export async function continueExchange<R extends ProofRole>(
  ports: Ports,
  role: R,
  steps: FirstSteps,
  passphrase: string,
  options: ProofOptions = {},
): Promise<Exchange<R>> {
  const { entityId } = steps.question;
  const prepared = await PreparedProof.make(steps.question, Buffer.from(passphrase), steps.first);
  const connection = await ProofConnection.open(ports.certificate, steps.caPem, options.tls);
  const key = options.key ?? PROOF_KEY;
  const clientKeySha256 = publicKeySha256((options.provenKey ?? key).spki);
  const exporter = options.exporter ?? connection.exporter;
  const proof = prepared.answer({ channel: 'tls', exporter, clientKeySha256 });
  const common = { entityId, clientNonce: steps.question.clientNonce, clientProof: proof.clientProof };
  const request =
    role === 'user'
      ? { ...common, clientKeySha256: publicKeySha256(key.spki) }
      : { ...common, clientPublicKey: key.spki };
  return { ...steps, connection, request: request as Requests[SecondOf<R>], proof };
}

/** Both messages over one connection, which is closed. */
export async function exchange<R extends ProofRole>(
  ports: Ports,
  role: R,
  entityId: string,
  passphrase: string,
  options: ProofOptions = {},
): Promise<Exchange<R> & { readonly answer2: RawAnswer<SecondOf<R>> }> {
  const prepared = await prepareExchange(ports, role, entityId, passphrase, options);
  const answer2 = await prepared.connection.call(SECOND[role] as SecondOf<R>, prepared.request);
  prepared.connection.close();
  return { ...prepared, answer2 };
}

/** What TLS needs to call with the certificate of an enrolment. */
export function identityAfter(
  { caPem }: FirstSteps,
  answer: RawAnswer<'EnrolAgent' | 'EnrolKma'>,
  key: ProofKey = PROOF_KEY,
) {
  const cert = Buffer.from(fieldsOf(answer).certificate).toString('latin1');
  return { ca: caPem, cert, key: key.privateKeyPem };
}
export const fingerprintOf = (pem: string) => new X509Certificate(pem).fingerprint256.replaceAll(':', '');
export const keyFingerprint = ({ spki }: ProofKey) => publicKeySha256(spki).toString('hex').toUpperCase();
