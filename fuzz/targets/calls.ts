/** What strangers and an enrolled agent ask, through the codec, the socket of the fronts and a real core on a real store: numbered refusals, no proof that was not one. */
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';
import {
  decodeRequest,
  EXPORTER_BYTES,
  encodeRequest,
  OPERATIONS,
  type OperationName,
  type Requests,
  SERVICES,
  type Service,
} from '@openkma/protocol';
import { anyFields } from '../../protocol/src/arbitraries.ts';
import { listenForFronts } from '../../src/processes/core/front-socket.ts';
import { openCore, type RunningCore } from '../../src/processes/core/open-core.ts';
import { ReaderLink } from '../../src/processes/core/reader-link.ts';
import { CoreSocket } from '../../src/processes/front/core-socket.ts';
import { answerSoap } from '../../src/services/soap-answer.ts';
import { DataDirectory } from '../../src/store/data-directory.ts';
import { TestKma } from '../../test/support/kma.ts';
import { RawAgent } from '../../test/support/raw-agent.ts';
import { sample } from '../fast-check.ts';
import type { Random } from '../random.ts';
import { type FuzzTarget, type OpenTarget, promise } from '../target.ts';
import { mutateXml, XML_WORDS } from '../xml-words.ts';

const AGENT = 'drive';
/** Operations that give something to whoever proves a passphrase. */
const PROOFS: readonly OperationName[] = ['RetrieveEntityCertificate', 'EnrolAgent', 'EnrolKma', 'LogInUser'];

/** Requests of these services; the first byte of an input chooses the service, the next two the source address. */
function generatorOf(services: readonly Service[]): (random: Random) => Uint8Array {
  const names = (Object.keys(OPERATIONS) as OperationName[]).filter((name) =>
    services.includes(OPERATIONS[name].service),
  );
  return (random) => {
    const name = random.pick(names);
    const { service, request } = OPERATIONS[name];
    const fields = sample(random, anyFields(request.shape, 'request'));
    const named =
      'entityId' in fields
        ? { ...fields, entityId: random.pick([AGENT, 'nobody', 'officer', AGENT.toUpperCase(), '']) }
        : fields;
    const body = encodeRequest(service, name, named as Requests[typeof name]);
    return Buffer.concat([Buffer.of(services.indexOf(service)), random.bytes(2), Buffer.from(body)]);
  };
}

interface World {
  readonly kma: TestKma;
  readonly running: RunningCore;
  readonly link: CoreSocket;
  readonly fingerprint: string;
  close(): Promise<void>;
}

async function makeWorld(): Promise<World> {
  const kma = await TestKma.start();
  const agent = await RawAgent.create(kma, AGENT);
  await kma.stop();
  const reader: ReaderLink = new ReaderLink('/nowhere', () => running.core.parts.self);
  const events = {
    locked: () => undefined,
    servingChanged: () => undefined,
    restored: () => undefined,
    ended: () => undefined,
    livedElsewhere: () => undefined,
    clustered: () => undefined,
    platformWanted: () => undefined,
    stopped: () => undefined,
  };
  const running: RunningCore = await openCore(DataDirectory.open(kma.data), reader, events);
  const path = join(kma.folder, 'fronts');
  const server = await listenForFronts(running, { path, groupId: null, fronts: 1 });
  const link = new CoreSocket(path);
  await link.opened();
  const fingerprint = new X509Certificate(agent.identity.cert).fingerprint256.replaceAll(':', '');
  return {
    ...{ kma, running, link, fingerprint },
    async close() {
      link.close();
      server.close();
      await running.close();
      await kma[Symbol.asyncDispose]();
    },
  };
}

async function openCalls(services: readonly Service[]): Promise<OpenTarget> {
  const world = await makeWorld();
  return {
    generate: generatorOf(services),
    mutate: (random, input) =>
      Buffer.concat([
        input.subarray(0, 3),
        Buffer.from(mutateXml(random, Buffer.from(input.subarray(3)).toString())),
      ]),
    run: (input) => ask(world, services, input),
    close: () => world.close(),
  };
}

async function ask(
  { link, fingerprint }: World,
  services: readonly Service[],
  input: Uint8Array,
): Promise<string> {
  const service = services[(input[0] ?? 0) % services.length] ?? 'ca';
  const proven = SERVICES[service] !== undefined && (service === 'agent' || service === 'discovery');
  const origin = {
    service,
    address: `192.0.${input[1] ?? 0}.${input[2] ?? 0}`,
    localAddress: '127.0.0.1',
    fingerprint: proven ? fingerprint : null,
    ...(service === 'certificate' ? { exporter: Buffer.alloc(EXPORTER_BYTES, 1) } : {}),
  };
  const body = input.subarray(3);
  const { status, body: answer } = await answerSoap(body, origin, link);
  const text = answer.toString();
  const request = decodeRequest(service, body);
  const name = request.kind === 'request' ? request.name : request.kind;
  if (status === 200) {
    promise(request.kind === 'request', 'something was answered that was not understood');
    promise(!PROOFS.includes(request.name), `${name} succeeded without the passphrase`);
    return `${name} 200`;
  }
  const fault = /<faultstring>(\d+) /.exec(text)?.[1];
  promise(fault !== undefined, `${name} ended with a failure of the server: ${text.slice(-160)}`);
  return `${name} ${fault}`;
}

const target = (name: string, services: readonly Service[]): FuzzTarget => ({
  name,
  smokeInputs: 150,
  words: [...XML_WORDS, ...Object.keys(OPERATIONS), AGENT],
  steered: false,
  open: () => openCalls(services),
});

export const proofs = target('proofs', ['ca', 'certificate']);
export const agentCalls = target('agent-calls', ['agent', 'discovery']);
