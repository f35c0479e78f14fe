/** What tests of single histories in the simulated world begin with: a cluster without faults, operations that must be answered, time that passes. */
import assert from 'node:assert/strict';
import type { Fingerprint } from '../src/core/ids.ts';
import { isRefusal } from '../src/core/refusal.ts';
import type { Call, Committed } from './core.ts';
import { found } from './founding.ts';
import type { Machine } from './machine.ts';
import { Random } from './random.ts';
import { PRODUCTION, type Seams } from './seams.ts';
import { NO_UNIT } from './workload/agents.ts';
import { Clerks } from './workload/clerks.ts';
import { asAgent, asUser } from './workload/people.ts';
import { World } from './world.ts';

const MINUTE_MS = 60_000;
const ANSWERED_WITHIN_SECONDS = 60;

export async function cluster(kmas: number, seams: Partial<Seams> = {}): Promise<World> {
  const world = new World(1, kmas, { ...PRODUCTION, ...seams });
  await found(world, kmas);
  return world;
}

/** With the chores of each machine every minute. */
export async function pass(world: World, minutes: number): Promise<void> {
  const clerks = new Clerks(world, new Random(1, 'chores'));
  for (let minute = 0; minute < minutes; minute++) {
    for (const machine of world.machines)
      if (machine.running !== null) {
        await clerks.upkeep(machine);
        await clerks.confirmErasures(machine);
      }
    await world.schedule.run(world.schedule.nowMs + MINUTE_MS);
  }
}

export async function done(world: World, machine: Machine, call: Call): Promise<Committed> {
  const answers: Committed[] = [];
  await world.call(machine, call, (answer) => {
    assert.ok(!isRefusal(answer), `${call.operation}: ${isRefusal(answer) ? answer.refused : ''}`);
    answers.push(answer);
  });
  for (let seconds = 0; seconds < ANSWERED_WITHIN_SECONDS && answers.length === 0; seconds++)
    await world.schedule.run(world.schedule.nowMs + 1000);
  const [answer] = answers;
  assert.ok(answer, `${call.operation} is not answered`);
  return answer;
}

export const COMMENT = { comment: 'as decided' };
const ABOUT_UNIT = { externalUniqueId: 'A1', externalTag: '', description: '' };

export interface Compromised {
  readonly agent: Fingerprint;
  readonly dataUnitId: string;
  readonly keyId: string;
}

/** A key that an agent has, and that may be destroyed; known to all that can hear of it. */
export async function compromisedKey(world: World, machine: Machine): Promise<Compromised> {
  await pass(world, 5);
  const enrolled = await done(world, machine, {
    operation: 'RetrieveEntityCertificate',
    input: {
      entityId: 'drive-1',
      clientAuthenticationResponse: new Uint8Array(20),
      serverAuthenticationChallenge: new Uint8Array(20),
    },
    claim: { claim: 'network' },
  });
  const agent = idOf(enrolled, 'agent_certificate') as Fingerprint;
  const unit = await done(world, machine, asAgent(agent, 'CreateDataUnit', ABOUT_UNIT));
  const dataUnitId = idOf(unit, 'data_unit');
  const input = { dataUnit: { ...NO_UNIT, dataUnitId }, keyGroupId: 'tapes' };
  const keyId = idOf(await done(world, machine, asAgent(agent, 'CreateKey', input)), 'key');
  await done(world, machine, asUser(machine, 'clara', 'CompromiseKey', { keyId, ...COMMENT }));
  await pass(world, 5);
  return { agent, dataUnitId, keyId };
}

function idOf({ decision }: Committed, table: string): string {
  return decision.facts.find((fact) => fact.table === table)?.id ?? '';
}
