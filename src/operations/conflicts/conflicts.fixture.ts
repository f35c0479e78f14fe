/** A conflict about an agent, shown as people see it, and what holds of every command that takes the other value. It decides nothing. */
import assert from 'node:assert/strict';
import type { FoundConflict } from '../../core/conflicts.ts';
import { created, type Fact } from '../../core/facts.ts';
import { hlc, stampOf } from '../../core/stamp.ts';
import { operations } from '../catalogue.ts';
import { inputFieldsOf } from '../input-fields.ts';
import { World } from '../world.fixture.ts';
import { listConflicts } from './list-conflicts.ts';
import { noteConflicts } from './note-conflicts.ts';

export const AGENT = 'A'.repeat(32);
export const GROUP = 'E'.repeat(32);
export const LOST_AT = Date.UTC(2026, 0, 1);

/** An agent, and a conflict about it: this KMA has written what counts. */
export function worldWith(facts: readonly Fact[], about: Partial<FoundConflict>) {
  const world = new World();
  world.commit([
    created('agent', AGENT, { name: 'drive one', createdAt: 1 }),
    created('key_group', GROUP, { name: 'tapes', createdAt: 1 }),
    created('site', 'S', { name: 'rome', createdAt: 1 }),
  ]);
  world.commit(facts);
  const found: FoundConflict = {
    id: 'X',
    kind: 'field',
    inTable: 'agent',
    rowId: AGENT,
    inColumn: 'description',
    keptStamp: stampOf(hlc(world.nowMs, 0), world.self.incarnationId),
    keptValueJson: '"east"',
    lostStamp: stampOf(hlc(LOST_AT, 0), world.self.incarnationId),
    lostValueJson: '"west"',
    lostOperation: 'ModifyAgent',
    sure: 1,
    ...about,
  };
  return { world, found };
}
export async function shownOf(facts: readonly Fact[], about: Partial<FoundConflict> = {}) {
  const { world, found } = worldWith(facts, about);
  await world.did(noteConflicts, { found: [found] });
  const [shown] = (await world.did(listConflicts, {})).output.rows;
  assert.ok(shown);
  return shown;
}

/** With the command that takes the other value, and how that value reads. */
export type TakingCase = readonly [
  name: string,
  facts: readonly Fact[],
  about: Partial<FoundConflict>,
  command: string,
  other: string,
];

/** It is an operation of the catalogue, and says nothing that this one does not take. */
export function assertCommandIsOne(shown: {
  readonly takeOther: string;
  readonly takeOperation: string;
  readonly takeInput: string;
}): void {
  const words = shown.takeOther.split(' ').slice(1).join(' ');
  const operation = operations.find((one) => `${words} `.startsWith(`${one.command?.words.join(' ')} `));
  assert.ok(operation, words);
  const options = [...words.matchAll(/ --(?:no-)?([a-z0-9-]+)/g)].map(([, option]) => option);
  const fields = inputFieldsOf(operation).map((field) =>
    field.name.replace(/[A-Z]/g, (one) => `-${one.toLowerCase()}`),
  );
  assert.deepEqual(
    options.filter((option) => !fields.includes(option ?? '')),
    [],
  );
  assert.equal(shown.takeOperation, operation.name);
  const input = JSON.parse(shown.takeInput) as Record<string, unknown>;
  // What a person has still to say may be missing, but nothing may be wrong or too much.
  const problems = operation.input.safeParse(input).error?.issues ?? [];
  assert.deepEqual(
    problems.filter(({ path: [field] }) => Object.hasOwn(input, String(field ?? ''))),
    [],
  );
  assert.deepEqual(
    Object.keys(input).filter((name) => !inputFieldsOf(operation).some((field) => field.name === name)),
    [],
  );
  const named = operation.command?.arguments ?? [];
  assert.deepEqual(Object.keys(input).slice(0, named.length), named, 'in the order of the command');
}
