/** What a KMA holds after years: keys in the pool and with agents, enrolled agents, data units, made by the operations that would have made them. It measures nothing. */
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { deriveSecret } from '@openkma/protocol';
import { idFrom, type ObjectId } from '../src/core/ids.ts';
import { byName } from '../src/core/live.ts';
import { isRefusal } from '../src/core/refusal.ts';
import { retrieveEntityCertificate } from '../src/operations/agent/certificate.ts';
import { createKey } from '../src/operations/agent/create-key.ts';
import { createDataUnit } from '../src/operations/agent/data-units.ts';
import { retrieveKey } from '../src/operations/agent/retrieve-key.ts';
import { createAgent } from '../src/operations/agents.ts';
import { assignKeyGroup } from '../src/operations/key-groups.ts';
import { fillKeyPool, modifyKeyPoolSize } from '../src/operations/key-pool.ts';
import type { Caller } from '../src/operations/operation.ts';
import { modifySecurityParameters } from '../src/operations/settings-operations.ts';
import { SecretBytes } from '../src/security/secret-bytes.ts';
import { AGENT_PASSPHRASE } from '../test/support/kma.ts';
import { unitOf } from '../test/support/raw-agent.ts';
import type { BulkWriter } from './bulk-writer.ts';

export interface Population {
  readonly poolKeys: number;
  readonly agentKeys: number;
  readonly agents: number;
  readonly dataUnits: number;
  /** Data units with a key: each key has one from its making, the rest share keys. */
  readonly associations: number;
  /** Of the newest data units; those of others retention would have cut. */
  readonly auditRecords: number;
}

/** A key with an agent and a data unit it belongs to. */
export interface HeldKey {
  readonly keyId: string;
  readonly dataUnitId: string;
}
export type Progress = (what: string) => void;

const LOCAL: Caller = { kind: 'local' };
const GROUP = 'group-a';
/** As the pool maintainer makes them. */
const KEYS_PER_FILLING = 50;

/** Keys first: they have to be in a backup before they can be handed out. */
export async function fillPool(writer: BulkWriter, population: Population): Promise<void> {
  const total = population.poolKeys + population.agentKeys;
  writer.did(modifyKeyPoolSize, { size: Math.max(population.poolKeys, 1000) }, undefined, LOCAL);
  for (let made = writer.unissuedKeys(); made < total; made += KEYS_PER_FILLING) {
    const count = Math.min(KEYS_PER_FILLING, total - made);
    const keys = await fillKeyPool.prepare?.({ count }, writer.prepareContext(LOCAL));
    if (keys === undefined || isRefusal(keys)) throw new Error('no keys were made');
    writer.did(fillKeyPool, { count }, keys, LOCAL);
  }
}

/** After a backup of the keys: agents, and data units with the keys that agents took for them. */
export async function populate(
  writer: BulkWriter,
  population: Population,
  progress: Progress,
): Promise<readonly HeldKey[]> {
  writer.did(modifySecurityParameters, { mediumTermRecords: population.auditRecords }, undefined, LOCAL);
  progress(`${population.agents} agents`);
  const agents = await enrolAgents(writer, population.agents);
  progress(`${population.dataUnits} data units, ${population.associations} of them with a key`);
  return fillDataUnits(writer, population, agents);
}

/** Each has a certificate of its own, all for one key pair: a pair takes 30 ms to make, and no agent of these connects. */
async function enrolAgents(writer: BulkWriter, count: number): Promise<readonly Caller[]> {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const publicKey = pair.publicKey.export({ type: 'spki', format: 'der' });
  const privateKeyPem = new SecretBytes(Buffer.alloc(1));
  const secrets = await agentSecrets(writer);
  const agents: Caller[] = [];
  for (let number = 1; number <= count; number += 1) {
    const agent = `drive-${number}`;
    const about = { agent, description: '', oneTimePassphrase: true, modernOnly: false };
    const passphrase = SecretBytes.fromText(AGENT_PASSPHRASE);
    const own = secrets(agent);
    writer.did(createAgent, { ...about, passphrase }, own, LOCAL);
    writer.did(assignKeyGroup, { agent, group: GROUP, default: true }, undefined, LOCAL);
    const certificate = await writer.security.issueCertificate({ kind: 'agent', name: agent, publicKey });
    const request = {
      entityId: agent,
      clientAuthenticationResponse: randomBytes(20),
      serverAuthenticationChallenge: randomBytes(20),
    };
    const { id } = agentRow(writer, agent);
    const enrolment = { secretObjectId: own.legacy.id, serverResponse: randomBytes(20), certificate };
    writer.did(
      retrieveEntityCertificate,
      request,
      { agentId: id as never, ...enrolment, privateKeyPem },
      LOCAL,
    );
    agents.push({ kind: 'agent', agent: agentRow(writer, agent) });
  }
  return agents;
}

/** One passphrase for all: stretching it anew for each would take most of the time. Each agent's objects are its own. */
async function agentSecrets(writer: BulkWriter) {
  const { iterations } = await writer.security.makeLegacySecret('', SecretBytes.fromText(AGENT_PASSPHRASE));
  const stretched = await deriveSecret(Buffer.from(AGENT_PASSPHRASE), iterations);
  const verifier = await writer.security.makeVerifier('', SecretBytes.fromText(AGENT_PASSPHRASE));
  return (owner: string) => {
    const plaintext = new SecretBytes(Buffer.from(stretched));
    const legacy = writer.security.seal({ kind: 'legacy-secret', owner, plaintext });
    return { legacy, iterations, verifier: { ...verifier, owner, id: idFrom<ObjectId>(randomBytes(16)) } };
  };
}

function agentRow(writer: BulkWriter, name: string) {
  const row = byName(writer.store.state, 'agent', name);
  if (row === undefined) throw new Error(`agent ${name} is not there`);
  return row;
}

function fillDataUnits(
  writer: BulkWriter,
  population: Population,
  agents: readonly Caller[],
): readonly HeldKey[] {
  const held: HeldKey[] = [];
  for (let number = 0; number < population.dataUnits; number += 1) {
    const agent = agents[number % agents.length] ?? LOCAL;
    const about = {
      externalUniqueId: randomBytes(16).toString('hex'),
      externalTag: `VOL${number}`,
      description: '',
    };
    const audited = population.dataUnits - number <= population.auditRecords;
    const { dataUnit } = writer.did(createDataUnit, about, undefined, agent, audited);
    const unit = unitOf(dataUnit.dataUnitId);
    if (number < population.agentKeys) {
      const { keyId } = writer.did(createKey, { dataUnit: unit, keyGroupId: '' }, undefined, agent);
      held.push({ keyId, dataUnitId: dataUnit.dataUnitId });
    } else if (number < population.associations) {
      const { keyId = '' } = held[number % held.length] ?? {};
      writer.did(retrieveKey, { keyId, dataUnit: unit, keyGroupId: '' }, undefined, agent);
    }
  }
  return held;
}
