/** Fills the store of a KMA that does not run: keys, those who hold them, and what is done on one side of a partition. It measures nothing. */
import { randomBytes } from 'node:crypto';
import { isRefusal } from '../../src/core/refusal.ts';
import { createKey } from '../../src/operations/agent/create-key.ts';
import { createDataUnit } from '../../src/operations/agent/data-units.ts';
import { retrieveKey } from '../../src/operations/agent/retrieve-key.ts';
import { fillKeyPool } from '../../src/operations/key-pool.ts';
import type { Caller } from '../../src/operations/operation.ts';
import { unitOf } from '../../test/support/raw-agent.ts';
import { BulkWriter } from '../bulk-writer.ts';

const LOCAL: Caller = { kind: 'local' };
/** As the pool maintainer makes them. */
const KEYS_PER_FILLING = 50;
const AGENT = 'caller-1';

export async function makeKeys(data: string, keys: number): Promise<void> {
  using writer = await BulkWriter.open(data);
  for (let made = 0; made < keys; made += KEYS_PER_FILLING) {
    const count = Math.min(KEYS_PER_FILLING, keys - made);
    const prepared = await fillKeyPool.prepare?.({ count }, writer.prepareContext(LOCAL));
    if (prepared === undefined || isRefusal(prepared)) throw new Error('no keys were made');
    writer.did(fillKeyPool, { count }, prepared, LOCAL);
  }
}

/** Keys that are Ready, each for a data unit of its own; gives their IDs. */
export async function issueKeys(data: string, keys: number): Promise<readonly string[]> {
  using writer = await BulkWriter.open(data);
  const agent = callerOf(writer);
  return Array.from({ length: keys }, () => {
    const dataUnit = unitOf(randomBytes(16).toString('hex').toUpperCase());
    return writer.did(createKey, { dataUnit, keyGroupId: '' }, undefined, agent).keyId;
  });
}

/** In turn a new data unit, and a key that is used for it. */
export async function changeMuch(
  data: string,
  operations: number,
  heldKeys: readonly string[],
): Promise<void> {
  using writer = await BulkWriter.open(data);
  const agent = callerOf(writer);
  for (let number = 0; number < operations; number += 2) {
    const about = { externalUniqueId: randomBytes(16).toString('hex'), externalTag: '', description: '' };
    const { dataUnit } = writer.did(createDataUnit, about, undefined, agent);
    const keyId = heldKeys[number % heldKeys.length] ?? '';
    const request = { keyId, dataUnit: unitOf(dataUnit.dataUnitId), keyGroupId: '' };
    writer.did(retrieveKey, request, undefined, agent);
  }
}

function callerOf(writer: BulkWriter): Caller {
  const agent = writer.store.state.page('agent', '', 100).find(({ name }) => name === AGENT);
  if (agent === undefined) throw new Error(`agent ${AGENT} is not there`);
  return { kind: 'agent', agent };
}
