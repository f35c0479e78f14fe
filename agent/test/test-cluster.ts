/** A tiny cluster of KMAs for tests: real sockets, real TLS, real SOAP, and semantics just deep enough for an agent. */
import { constants, generateKeyPairSync, privateDecrypt, randomBytes } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { TLSSocket, type TlsOptions } from 'node:tls';
import {
  type AgentKey,
  type Argon2Cost,
  type ClusterMember,
  canonicalPem,
  type DataUnit,
  decodeRequest,
  deriveSecret,
  encodeFault,
  encodeResponse,
  KMA_VERSION,
  type OperationName,
  PROOF_COST_FLOOR,
  proof,
  type Requests,
  type Responses,
  type Service,
  wrapKey,
} from '@openkma/protocol';
import type { Ports } from '../src/enrolment.ts';
import { Door } from './door.ts';
import { type Issued, TestAuthority } from './test-authority.ts';
import { TestProof } from './test-proof.ts';

const ITERATIONS = 40_000;

export class TestFault extends Error {
  readonly number: number | undefined;
  constructor(number: number | undefined, text: string) {
    super(text);
    this.number = number;
  }
}

/** What a KMA does with a call: answers, never answers, breaks the connection, or does so only when the work is done. */
export type Behaviour = 'serve' | 'silence' | 'hang-up' | 'serve-in-silence' | 'serve-and-hang-up';

/** Made once in a test process, since key pairs are what takes time. */
let identities: Promise<{ authority: TestAuthority; agent: Issued; server: Issued }> | undefined;
async function makeIdentities() {
  const authority = await TestAuthority.create();
  const [agent, server] = await Promise.all([
    authority.issue('agent1', 'client'),
    authority.issue('KMA', 'server'),
  ]);
  return { authority, agent, server };
}
const KWK_PAIR = generateKeyPairSync('rsa', { modulusLength: 2048 });

/** What all KMAs of the cluster know alike. */
export class TestCluster {
  readonly kmas: TestKma[] = [];
  readonly units = new Map<string, DataUnit>();
  readonly keys: { key: AgentKey; dataUnitId: string }[] = [];
  readonly auditMessages: string[] = [];
  readonly revoked = new Set<string>();
  readonly authority: TestAuthority;
  readonly agentId = 'agent1';
  readonly passphrase = 'secret123';
  siteId = 'SiteA';
  /** Of all clocks against the real one. */
  clockAheadMs = 0;
  readonly agent: Issued;

  private constructor(authority: TestAuthority, agent: Issued) {
    this.authority = authority;
    this.agent = agent;
  }

  /** KMAs have addresses of their own, 127.0.0.1 and up, and share their ports as in every cluster. */
  static async start(count: number, tls: Pick<TlsOptions, 'maxVersion'> = {}): Promise<TestCluster> {
    identities ??= makeIdentities();
    const { authority, agent, server } = await identities;
    const cluster = new TestCluster(authority, agent);
    for (let number = 1; number <= count; number++) {
      const kma = new TestKma(cluster, number);
      await kma.listen(server, cluster.kmas[0]?.ports, tls);
      cluster.kmas.push(kma);
    }
    return cluster;
  }

  get ports(): Ports {
    return this.kma(1).ports;
  }

  kma(number: number): TestKma {
    const kma = this.kmas[number - 1];
    if (kma === undefined) throw new RangeError(`no KMA ${number}`);
    return kma;
  }

  async stop(): Promise<void> {
    await Promise.all(this.kmas.map((kma) => kma.close()));
  }

  createUnit(externalUniqueId: string, externalTag: string, description: string): DataUnit {
    const dataUnitId = randomBytes(16).toString('hex').toUpperCase();
    const unit: DataUnit = {
      dataUnitId,
      externalUniqueId,
      externalTag,
      description,
      state: 'DATA-UNIT-STATE-NO-KEY',
    };
    this.units.set(dataUnitId, unit);
    return unit;
  }

  createKey(dataUnitId: string, keyGroupId: string): AgentKey {
    const key: AgentKey = {
      keyId: `0000${randomBytes(28).toString('hex').toUpperCase()}`,
      keyState: 'KEY-STATE-PROTECT-AND-PROCESS',
      keyType: 'KEY-TYPE-AES-256',
      keyGroupId: keyGroupId === '' ? 'DefaultGroup' : keyGroupId,
      key: randomBytes(32),
    };
    this.keys.push({ key, dataUnitId });
    return key;
  }
}

export class TestKma {
  readonly cluster: TestCluster;
  readonly address: string;
  readonly calls: OperationName[] = [];
  /** The bodies of all requests. */
  readonly received: Buffer[] = [];
  behaviour: Behaviour = 'serve';
  /** The answer to every call of the agent service, while it is set. */
  fault: TestFault | null = null;
  /** The same of the discovery service. */
  discoveryFault: TestFault | null = null;
  /** Calls wait for it before they are worked on, as at a KMA that was stopped for a while. */
  stoppedUntil: Promise<void> | null = null;
  /** Connections are taken, as a system does for a process that hangs, and nothing is read from them before. */
  hungUntil: Promise<void> | null = null;
  /** Told of each call before it is answered. */
  onCall: () => void = () => undefined;
  member: ClusterMember;
  /** Forgets each key-wrapping key at once, as a broken KMA would. */
  forgetsKwks = false;
  answersWrongProof = false;
  /** As a KMA that is not ours: an operation of the modern proof is not implemented. */
  knowsModernProof = true;
  /** The same of the operations of docs/agent-extension.md. */
  knowsRevocation = true;
  proofCost: Argon2Cost = PROOF_COST_FLOOR;
  /** Certifies this key in place of the agent's own. */
  certifiesKey: Uint8Array | null = null;
  readonly kwks = new Map<string, Buffer>();
  ports: Ports = { ca: 0, certificate: 0, agent: 0, discovery: 0 };
  readonly #doors: Door[] = [];
  readonly #challenge = randomBytes(20);
  readonly #proof: TestProof;

  constructor(cluster: TestCluster, number: number) {
    this.cluster = cluster;
    this.address = `127.0.0.${number}`;
    this.#proof = new TestProof(cluster);
    this.member = {
      kmaId: number,
      kmaName: `KMA${number}`,
      kmaSiteId: 'SiteA',
      kmaHostName: `kma${number}`,
      kmaNetworkAddress: this.address,
      enabled: true,
      load: 0,
      responding: true,
      kmaVersion: KMA_VERSION,
      locked: false,
    };
  }

  /** Gone, and back with this certificate and these settings of TLS, at the same ports. */
  async returnWith(issued: Issued, options: TlsOptions = {}): Promise<void> {
    const { ports } = this;
    await this.close();
    await this.listen(issued, ports, options);
  }

  async listen(
    { certificatePem, privateKeyPem }: Issued,
    ports?: Ports,
    options: TlsOptions = {},
  ): Promise<void> {
    const ca = this.cluster.authority.certificatePem;
    const tls = { cert: certificatePem, key: privateKeyPem, ca, ...options };
    const mutual = { ...tls, requestCert: true, rejectUnauthorized: true };
    const start = async (server: http.Server, service: Service) => {
      server.on('request', (request, response) => void this.#answer(service, request, response));
      const door = new Door(server, () => this.hungUntil);
      this.#doors.push(door);
      return await door.open(ports?.[service] ?? 0, this.address);
    };
    this.ports = {
      ca: await start(http.createServer(), 'ca'),
      certificate: await start(https.createServer(tls), 'certificate'),
      agent: await start(https.createServer(mutual), 'agent'),
      discovery: await start(https.createServer(mutual), 'discovery'),
    };
  }

  async close(): Promise<void> {
    await Promise.all(this.#doors.splice(0).map((door) => door.close()));
  }

  callsOf(name: OperationName): number {
    return this.calls.filter((call) => call === name).length;
  }

  async #answer(
    service: Service,
    request: http.IncomingMessage,
    response: http.ServerResponse,
  ): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    this.received.push(body);
    const decoded = decodeRequest(service, body);
    if (decoded.kind === 'malformed' || decoded.kind === 'invalid-field')
      throw new Error(`the agent sent a bad request: ${decoded.detail}`);
    if (decoded.kind === 'request') this.calls.push(decoded.name);
    this.onCall();
    await this.stoppedUntil;
    if (this.behaviour === 'silence') return;
    if (this.behaviour === 'hang-up') return void request.socket.destroy();
    response.setHeader('Content-Type', 'text/xml; charset=utf-8');
    try {
      if (decoded.kind !== 'request') throw new TestFault(1134, 'Not supported');
      if (this.fault !== null && service === 'agent') throw this.fault;
      if (this.discoveryFault !== null && service === 'discovery') throw this.discoveryFault;
      const { name, fields } = decoded as { name: OperationName; fields: Requests[OperationName] };
      const socket = request.socket instanceof TLSSocket ? request.socket : null;
      const answer = encodeResponse(service, name, await this.#serve(name, fields, socket));
      if (this.behaviour === 'serve-in-silence') return;
      if (this.behaviour === 'serve-and-hang-up') request.socket.destroy();
      else response.end(answer);
    } catch (error) {
      if (!(error instanceof TestFault)) process.stderr.write(`${String(error)}\n`);
      response.statusCode = 500;
      const fault = error instanceof TestFault ? { number: error.number, text: error.message } : { text: '' };
      response.end(encodeFault({ ...fault, server: fault.text === '' }));
    }
  }

  async #serve(
    name: OperationName,
    fields: Requests[OperationName],
    socket: TLSSocket | null,
  ): Promise<Responses[OperationName]> {
    if (this.knowsModernProof && name === 'BeginProof')
      return this.#proof.begin(fields as Requests['BeginProof'], this.proofCost);
    if (this.knowsModernProof && name === 'EnrolAgent' && socket !== null)
      return this.#enrol(fields as Requests['EnrolAgent'], socket);
    const handler = this.#handlers[name];
    if (handler === undefined) throw new TestFault(undefined, 'Method not implemented');
    return await (handler as (fields: Requests[OperationName]) => Promise<Responses[OperationName]>)(fields);
  }

  async #enrol(fields: Requests['EnrolAgent'], socket: TLSSocket): Promise<Responses['EnrolAgent']> {
    const signature = await this.#proof.signatureFor(fields, socket);
    if (signature === null) throw new TestFault(1002, 'Authentication failed');
    const key = this.certifiesKey ?? fields.clientPublicKey;
    return {
      serverSignature: this.answersWrongProof ? randomBytes(32) : signature,
      certificate: Buffer.from(await this.cluster.authority.certifyAgent(fields.entityId, key)),
    };
  }

  readonly #handlers: {
    [Name in OperationName]?: (fields: Requests[Name]) => Responses[Name] | Promise<Responses[Name]>;
  } = {
    RetrieveRootCACertificate: () => ({
      rootCaCertificate: Buffer.from(canonicalPem(this.cluster.authority.certificatePem)),
      authenticationHashIterationCount: ITERATIONS,
      clientAuthenticationChallenge: this.#challenge,
    }),
    RetrieveEntityCertificate: async (fields) => {
      const ca = this.cluster.authority.certificatePem;
      const secret = await deriveSecret(Buffer.from(this.cluster.passphrase), ITERATIONS);
      const known = fields.entityId === this.cluster.agentId;
      if (!known || !proof(secret, ca, this.#challenge).equals(fields.clientAuthenticationResponse))
        throw new TestFault(1002, 'Authentication failed');
      const answer = proof(secret, ca, fields.serverAuthenticationChallenge);
      return {
        serverAuthenticationResponse: this.answersWrongProof ? randomBytes(20) : answer,
        certificate: Buffer.from(this.cluster.agent.certificatePem),
        wrappedPrivateKeyMaterial: Buffer.from(this.cluster.agent.privateKeyPem),
      };
    },
    RetrieveLocalClock: () => ({ currentTime: Date.now() + this.cluster.clockAheadMs }),
    DiscoverCluster: () => ({
      entitySiteId: this.cluster.siteId,
      clusterMembers: this.cluster.kmas.map((kma) => kma.member),
    }),
    ListKeyGroups: ({ queryParameters }) => ({
      keyGroups: [
        { keyGroupId: 'DefaultGroup', description: 'default' },
        { keyGroupId: 'Gruppe-Ä', description: 'second & more' },
      ],
      lastPage: true,
      nextPageQueryParameters: queryParameters,
    }),
    CreateDataUnit: ({ externalUniqueId, externalTag, description }) => {
      if (externalUniqueId !== '' && this.#byExternalId(externalUniqueId) !== undefined)
        throw new TestFault(1015, 'External unique ID exists already');
      return { dataUnit: this.cluster.createUnit(externalUniqueId, externalTag, description) };
    },
    RetrieveDataUnit: ({ dataUnitId }) => {
      const dataUnit = this.cluster.units.get(dataUnitId);
      if (dataUnit === undefined) throw new TestFault(1020, 'Data unit not found');
      return { dataUnit };
    },
    RetrieveDataUnitByExternalUniqueID: ({ externalUniqueId, externalTag, description }) => ({
      dataUnit:
        this.#byExternalId(externalUniqueId) ??
        this.cluster.createUnit(externalUniqueId, externalTag, description),
    }),
    DisassociateDataUnitKeys: () => ({}),
    CreateKey: (fields) => ({ key: this.#create(fields) }),
    CreateKey2: (fields) => ({ key: this.#wrapped(this.#create(fields), fields.agentKwkId) }),
    RetrieveKey: (fields) => ({ key: this.#find(fields.keyId) }),
    RetrieveKey2: (fields) => ({ key: this.#wrapped(this.#find(fields.keyId), fields.agentKwkId) }),
    RetrieveDataUnitKeys: (fields) => this.#page(fields),
    RetrieveDataUnitKeys2: (fields) => {
      const { keys, keysRemaining } = this.#page(fields);
      return { keysRemaining, keys: keys.map((key) => this.#wrapped(key, fields.agentKwkId)) };
    },
    RetrieveProtectAndProcessKey: (fields) => ({ key: this.#current(fields) }),
    RetrieveProtectAndProcessKey2: (fields) => ({
      key: this.#wrapped(this.#current(fields), fields.agentKwkId),
    }),
    CreateAuditLog: ({ message }) => {
      this.cluster.auditMessages.push(message);
      return {};
    },
    GetAgentKWKPublicKey: () => ({
      kwkPublicKey: Buffer.from(KWK_PAIR.publicKey.export({ type: 'spki', format: 'pem' })),
    }),
    RegisterAgentKWK: ({ agentKwk }) => {
      const id = randomBytes(8).toString('hex').toUpperCase();
      const key = { key: KWK_PAIR.privateKey, padding: constants.RSA_PKCS1_PADDING };
      if (!this.forgetsKwks) this.kwks.set(id, privateDecrypt(key, agentKwk));
      return { agentKwkId: id };
    },
    RevokeKey: ({ keyId }) => {
      if (!this.knowsRevocation) throw new TestFault(undefined, 'Method not implemented');
      this.cluster.revoked.add(this.#find(keyId).keyId);
      return {};
    },
  };

  #byExternalId(externalUniqueId: string): DataUnit | undefined {
    return [...this.cluster.units.values()].find((unit) => unit.externalUniqueId === externalUniqueId);
  }

  #create({ dataUnit, keyGroupId }: Requests['CreateKey']): AgentKey {
    return this.cluster.createKey(dataUnit.dataUnitId, keyGroupId);
  }

  #current(fields: Requests['RetrieveProtectAndProcessKey']): AgentKey {
    const known = this.cluster.keys.findLast(({ dataUnitId }) => dataUnitId === fields.dataUnit.dataUnitId);
    return known?.key ?? this.#create(fields);
  }

  #find(keyId: string): AgentKey {
    const found = this.cluster.keys.find(({ key }) => key.keyId === keyId);
    if (found === undefined) throw new TestFault(1009, 'Key does not exist');
    return found.key;
  }

  #page({
    dataUnit,
    pageOffset,
    pageSize,
  }: Requests['RetrieveDataUnitKeys']): Responses['RetrieveDataUnitKeys'] {
    const all = this.cluster.keys.filter((entry) => entry.dataUnitId === dataUnit.dataUnitId);
    const keys = all.slice(pageOffset, pageOffset + pageSize).map(({ key }) => key);
    return { keys, keysRemaining: Math.max(0, all.length - pageOffset - keys.length) };
  }

  #wrapped(key: AgentKey, kwkId: string): AgentKey {
    const kwk = this.kwks.get(kwkId);
    if (kwk === undefined) throw new TestFault(1135, 'Key-wrapping key not registered');
    return { ...key, key: wrapKey(kwk, key.key) };
  }
}
