/** Real certificates and a core that answers real shapes, for tests of the listeners. Production never imports it. */
import 'reflect-metadata';
import { X509Certificate } from 'node:crypto';
import type { TestContext } from 'node:test';
import { BasicConstraintsExtension, X509CertificateGenerator } from '@peculiar/x509';
import { isRefusal, type Refusal, refuse } from '../core/refusal.ts';
import type { Origin } from '../operations/operation.ts';
import type { SoapService } from '../ports.ts';
import type { MinimumTls, TlsMaterial } from '../processes/messages.ts';
import { type CoreLink, directCoreLink } from './core-link.ts';
import { type Front, openFront } from './front.ts';
import type { HttpLimits } from './http-server.ts';

export interface Leaf {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly fingerprint: string;
}
export interface Authority {
  readonly caPem: string;
  issue(name: string): Promise<Leaf>;
}

const DAY_MS = 86_400_000;

/** A root CA of its own, which issues certificates directly. */
export async function makeAuthority(digest: 'SHA-1' | 'SHA-256' = 'SHA-256'): Promise<Authority> {
  const algorithm = {
    name: 'RSASSA-PKCS1-v1_5',
    hash: digest,
    modulusLength: 2048,
    publicExponent: Uint8Array.of(1, 0, 1),
  };
  const pair = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const validity = { notBefore: new Date(Date.now() - DAY_MS), notAfter: new Date(Date.now() + DAY_MS) };
  const issuer = 'O=Oracle, OU=KMS, CN=RootCA';
  const root = await X509CertificateGenerator.createSelfSigned({
    ...validity,
    name: issuer,
    keys: pair,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(true)],
  });
  return {
    caPem: pemOf(root.rawData),
    async issue(name) {
      const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
      const certificate = await X509CertificateGenerator.create({
        ...validity,
        issuer,
        subject: `CN=${name}`,
        publicKey: keys.publicKey,
        signingKey: pair.privateKey,
        signingAlgorithm: algorithm,
      });
      const key = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
      const certificatePem = pemOf(certificate.rawData);
      return {
        certificatePem,
        privateKeyPem: `-----BEGIN PRIVATE KEY-----\n${key.replace(/.{64}/g, '$&\n')}\n-----END PRIVATE KEY-----\n`,
        fingerprint: new X509Certificate(certificatePem).fingerprint256.replaceAll(':', ''),
      };
    },
  };
}

function pemOf(der: ArrayBuffer): string {
  return new X509Certificate(Buffer.from(der)).toString();
}

export function tlsOf(authority: Authority, kma: Leaf, minimumTls: MinimumTls): TlsMaterial {
  const { certificatePem, privateKeyPem } = kma;
  return { certificatePem, privateKeyPem, caPem: authority.caPem, minimumTls };
}

export interface TestCore {
  readonly link: CoreLink;
  readonly calls: { readonly operation: string; readonly input: unknown; readonly origin: Origin }[];
  readonly refusals: string[];
  /** By service and session ID. */
  readonly sessions: Map<string, Uint8Array>;
  /** Replaces the answers by a refusal or an output, until set to null. */
  answer: unknown;
}

const KEY = {
  keyId: `0000${'AB'.repeat(28)}`,
  keyState: 'KEY-STATE-PROTECT-AND-PROCESS',
  keyType: 'KEY-TYPE-AES-256',
  keyGroupId: 'DefaultGroup',
  key: Uint8Array.from({ length: 40 }, (_, i) => i),
};
const OUTPUTS: Readonly<Record<string, unknown>> = {
  RetrieveLocalClock: { currentTime: Date.UTC(2026, 10, 23, 7, 30) },
  CreateKey2: { key: KEY },
  DiscoverCluster: {
    entitySiteId: '',
    clusterMembers: [
      {
        kmaId: 7,
        kmaName: 'kma1',
        kmaSiteId: '',
        kmaHostName: 'kma1',
        kmaNetworkAddress: '127.0.0.1',
        enabled: true,
        load: 0,
        responding: true,
        kmaVersion: 'Build700',
        locked: false,
      },
    ],
  },
};

export function makeCore(): TestCore {
  const core = { calls: [], refusals: [], sessions: new Map(), answer: null } as Omit<TestCore, 'link'>;
  const link = directCoreLink({
    async call(operation, input, origin): Promise<{ output: unknown } | Refusal> {
      core.calls.push({ operation, input, origin });
      const output = core.answer ?? OUTPUTS[operation] ?? refuse('NOT_SUPPORTED');
      return isRefusal(output) ? output : { output };
    },
    sessions: {
      put: (service, id, data) => void core.sessions.set(`${service}:${id}`, data),
      get: (service, id) => core.sessions.get(`${service}:${id}`) ?? null,
    },
    refused: (service, reason, address) => void core.refusals.push(`${service} ${reason} ${address}`),
  });
  return Object.assign(core, { link });
}

/** One listener on a free port, drained after the test. */
export async function openService(
  context: TestContext,
  service: SoapService,
  tls: TlsMaterial,
  link: CoreLink,
  limits?: HttpLimits,
): Promise<{ readonly front: Front; readonly port: number }> {
  const listens = [{ service, host: '127.0.0.1', port: 0 }];
  const front = await openFront({
    listens,
    tls,
    link,
    sharePorts: false,
    ...(limits === undefined ? {} : { limits }),
  });
  context.after(() => front.drain(0));
  return { front, port: front.listens[0]?.port ?? 0 };
}
