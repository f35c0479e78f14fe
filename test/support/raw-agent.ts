/** An agent that speaks SOAP by hand: each call is a connection of its own and comes back as it was; nothing repeats or repairs it. */
import assert from 'node:assert/strict';
import { constants, publicEncrypt, randomBytes } from 'node:crypto';
import type { ConnectionOptions } from 'node:tls';
import {
  CHALLENGE_BYTES,
  type DataUnit,
  decodeResponse,
  deriveSecret,
  encodeRequest,
  type Fault,
  isFault,
  KWK_BYTES,
  OPERATIONS,
  type OperationName,
  proof,
  type Requests,
  type Responses,
} from '@openkma/protocol';
import type { SoapService } from '../../src/ports.ts';
import { AGENT_PASSPHRASE, type TestKma } from './kma.ts';
import { soapCall } from './soap.ts';

export type Ports = Readonly<Record<SoapService, number>>;
/** A fault's number, or the text of one that has none. */
export type FaultSeen = number | string;

export interface RawAnswer<Name extends OperationName> {
  readonly status: number;
  readonly headers: string;
  readonly xml: string;
  readonly response: Responses[Name] | Fault;
}

export async function callRaw<Name extends OperationName>(
  ports: Ports,
  name: Name,
  fields: Requests[Name],
  identity?: ConnectionOptions,
): Promise<RawAnswer<Name>> {
  const { service } = OPERATIONS[name];
  const body = encodeRequest(service, name, fields);
  const answer = await soapCall({
    port: ports[service],
    body,
    ...(identity === undefined ? {} : { identity }),
  });
  const response = decodeResponse(service, name, answer.body);
  return { status: answer.status, headers: answer.headers, xml: answer.body.toString('utf8'), response };
}

/** The fields of a success. */
export function fieldsOf<Name extends OperationName>({ status, xml, response }: RawAnswer<Name>) {
  if (isFault(response)) assert.fail(`a fault where a success was expected: ${xml}`);
  assert.equal(status, 200);
  return response;
}

/** The number of a fault; fails where it is a success, or not sent as agents understand it (protocol 9). */
export function faultOf({ status, xml, response }: RawAnswer<OperationName>): FaultSeen {
  if (!isFault(response)) assert.fail(`a success where a fault was expected: ${xml.slice(-400)}`);
  assert.equal(status, 500, 'a fault has HTTP status 500');
  return response.number ?? response.text;
}

/** What a client knows after asking port 3331. */
export interface Root {
  readonly caPem: string;
  readonly iterations: number;
  readonly challenge: Uint8Array;
}

export async function retrieveRoot(ports: Ports, entityId: string): Promise<Root> {
  const root = fieldsOf(await callRaw(ports, 'RetrieveRootCACertificate', { entityId }));
  return {
    caPem: Buffer.from(root.rootCaCertificate).toString('latin1'),
    iterations: root.authenticationHashIterationCount,
    challenge: root.clientAuthenticationChallenge,
  };
}

export type CertificateRequest = Requests['RetrieveEntityCertificate'];

/** The request of port 3332 that proves this passphrase for the challenge. */
export async function prove(root: Root, entityId: string, passphrase: string): Promise<CertificateRequest> {
  const secret = await deriveSecret(Buffer.from(passphrase), root.iterations);
  return {
    entityId,
    clientAuthenticationResponse: proof(secret, root.caPem, root.challenge),
    serverAuthenticationChallenge: randomBytes(CHALLENGE_BYTES),
  };
}

/** TLS options, and the address to call from. */
export type RawTls = ConnectionOptions & { readonly localAddress?: string };

export function certify(ports: Ports, { caPem }: Root, request: CertificateRequest, tls: RawTls = {}) {
  return callRaw(ports, 'RetrieveEntityCertificate', request, { ca: caPem, ...tls });
}

/** Both steps with a fresh challenge. */
export async function enrolRaw(
  ports: Ports,
  entityId: string,
  passphrase = AGENT_PASSPHRASE,
  tls: RawTls = {},
) {
  const root = await retrieveRoot(ports, entityId);
  const request = await prove(root, entityId, passphrase);
  return { root, request, answer: await certify(ports, root, request, tls) };
}

/** What TLS needs of an answer of port 3332. */
export function identityOf(root: Root, answer: RawAnswer<'RetrieveEntityCertificate'>) {
  const { certificate, wrappedPrivateKeyMaterial } = fieldsOf(answer);
  return {
    ca: root.caPem,
    cert: Buffer.from(certificate).toString('latin1'),
    key: Buffer.from(wrappedPrivateKeyMaterial).toString('latin1'),
  } satisfies ConnectionOptions;
}

/** A data unit as a key call carries it. */
export function unitOf(dataUnitId: string, given: Partial<DataUnit> = {}): DataUnit {
  const blank = { externalUniqueId: '', externalTag: '', description: '' };
  return { dataUnitId, ...blank, state: 'DATA-UNIT-STATE-NO-KEY', ...given };
}

export class RawAgent {
  readonly name: string;
  readonly ports: Ports;
  readonly identity: ReturnType<typeof identityOf>;

  constructor(name: string, ports: Ports, identity: ReturnType<typeof identityOf>) {
    this.name = name;
    this.ports = ports;
    this.identity = identity;
  }

  /** Enrols an agent that exists. */
  static async enrol(ports: Ports, name: string): Promise<RawAgent> {
    const { root, answer } = await enrolRaw(ports, name);
    return new RawAgent(name, ports, identityOf(root, answer));
  }

  /** Creates the agent first, with its default group. */
  static async create(kma: TestKma, name: string, input: object = {}): Promise<RawAgent> {
    await kma.createAgent(name, input);
    return RawAgent.enrol(kma.ports, name);
  }

  answer<Name extends OperationName>(name: Name, fields: Requests[Name]): Promise<RawAnswer<Name>> {
    return callRaw(this.ports, name, fields, this.identity);
  }
  async call<Name extends OperationName>(name: Name, fields: Requests[Name]): Promise<Responses[Name]> {
    return fieldsOf(await this.answer(name, fields));
  }
  async refusal<Name extends OperationName>(name: Name, fields: Requests[Name]): Promise<FaultSeen> {
    return faultOf(await this.answer(name, fields));
  }

  /** A new key wrapping key at the KMA, and the key itself. */
  async registerKwk(): Promise<{ readonly id: string; readonly kwk: Buffer }> {
    const { kwkPublicKey } = await this.call('GetAgentKWKPublicKey', {});
    const kwk = randomBytes(KWK_BYTES);
    const key = Buffer.from(kwkPublicKey).toString('latin1');
    const agentKwk = publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, kwk);
    return { id: (await this.call('RegisterAgentKWK', { agentKwk })).agentKwkId, kwk };
  }

  async createUnit(externalUniqueId = '', externalTag = '', description = ''): Promise<string> {
    const { dataUnit } = await this.call('CreateDataUnit', { externalUniqueId, externalTag, description });
    return dataUnit.dataUnitId;
  }
  /** A new plain key, of the default group, for the unit. */
  async createKey(dataUnitId = '', keyGroupId = '') {
    return (await this.call('CreateKey', { dataUnit: unitOf(dataUnitId), keyGroupId })).key;
  }
}
