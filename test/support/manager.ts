/** A manager by hand: a key of his own, the log-in with it, and plain HTTPS requests to port 3333. It repeats nothing. */
import 'reflect-metadata';
import { createPublicKey, generateKeyPairSync, webcrypto } from 'node:crypto';
import { Agent, request } from 'node:https';
import { X509CertificateGenerator } from '@peculiar/x509';
import type { Person, TestKma } from './kma.ts';
import { exchange, type ProofKey } from './modern-proof.ts';

export interface ManagerKey extends ProofKey {
  readonly certificatePem: string;
}

export interface ManagerAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
  /** Parsed; null where there is none, or no JSON. */
  readonly body: unknown;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** A key pair, and a certificate that it has signed itself. */
export async function newManagerKey(): Promise<ManagerKey> {
  const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const privateKeyPem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
  const spki = createPublicKey(privateKeyPem).export({ type: 'spki', format: 'der' });
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const pkcs8 = pair.privateKey.export({ type: 'pkcs8', format: 'der' });
  const keys = {
    privateKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']),
    publicKey: await webcrypto.subtle.importKey('spki', spki, algorithm, true, ['verify']),
  };
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=a manager',
    notBefore: new Date(Date.now() - DAY_MS),
    notAfter: new Date(Date.now() + DAY_MS),
    signingAlgorithm: algorithm,
    keys,
  });
  return { spki, privateKeyPem, certificatePem: certificate.toString('pem') };
}

/** Over 3331 and 3332; then the key is that of a session. */
export async function logIn(kma: TestKma, person: Person, key: ManagerKey): Promise<string> {
  const { answer2, caPem } = await exchange(kma.ports, 'user', person.name, person.passphrase, { key });
  if (answer2.status !== 200) throw new Error(`log-in: ${answer2.status} ${answer2.xml}`);
  return caPem;
}

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Bytes are sent as they are, with no headers but those given. */
  readonly body?: object;
  /** Told when the answer begins. */
  onAnswer?(): void;
}

/** One kept-alive connection with a key, or with none. */
export class ManagerConnection {
  readonly #agent: Agent;
  readonly #port: () => number;

  constructor(port: () => number, identity: { readonly cert: string; readonly key: string } | null) {
    this.#port = port;
    this.#agent = new Agent({
      ...(identity ?? {}),
      rejectUnauthorized: false,
      keepAlive: true,
      maxSockets: 1,
    });
  }

  static of(kma: TestKma, key: ManagerKey): ManagerConnection {
    return new ManagerConnection(() => kma.managementPort, {
      cert: key.certificatePem,
      key: key.privateKeyPem,
    });
  }

  send(method: string, path: string, options: RequestOptions = {}): Promise<ManagerAnswer> {
    const raw = options.body instanceof Uint8Array;
    const body = raw || options.body === undefined ? (options.body ?? null) : JSON.stringify(options.body);
    const headers = {
      Accept: 'application/json',
      ...(body === null || raw
        ? {}
        : { 'Content-Type': 'application/json', 'Content-Length': String(Buffer.byteLength(body)) }),
      ...options.headers,
    };
    return new Promise((resolve, reject) => {
      const asked = request(
        { host: '127.0.0.1', port: this.#port(), method, path, headers, agent: this.#agent },
        (response) => {
          options.onAnswer?.();
          const pieces: Buffer[] = [];
          response.on('data', (piece: Buffer) => pieces.push(piece));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(pieces).toString();
            const { statusCode = 0 } = response;
            resolve({
              status: statusCode,
              headers: response.headers,
              text,
              body: isJson(response.headers['content-type']) ? JSON.parse(text) : null,
            });
          });
        },
      );
      asked.on('error', reject);
      asked.end(body ?? undefined);
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}

function isJson(contentType = ''): boolean {
  return /^application\/(problem\+)?json(;|$)/.test(contentType);
}
