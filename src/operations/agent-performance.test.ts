/** The performance list of agents: which hours are asked for, and what is made of them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type AgentCountsRow, hourOf } from '../core/agent-performance.ts';
import { created } from '../core/facts.ts';
import { listAgentPerformance } from './agent-performance.ts';
import { World } from './world.fixture.ts';

const HOUR_MS = 3_600_000;
const COUNTS = { createKey: 2, retrieveKey: 1, registerKwk: 1, other: 0, refused: 1, totalMs: 5 };
const ROWS: readonly AgentCountsRow[] = [
  { agentId: '1', ...COUNTS },
  { agentId: '2', ...COUNTS, retrieveKey: 0 },
];

/** With two agents whose names are the other way round than their IDs. */
function setting() {
  const world = new World();
  world.nowMs = 1000 * HOUR_MS + 5;
  world.commit([
    created('agent', '1', { name: 'tape', createdAt: 0 }),
    created('agent', '2', { name: 'disk', createdAt: 0 }),
  ]);
  const asked: (readonly [number, number])[] = [];
  const agentPerformance = (first: number, last: number) => {
    asked.push([first, last]);
    return ROWS;
  };
  const list = async (input: object) =>
    (await world.did(listAgentPerformance, input, { agentPerformance })).output.rows;
  return { world, asked, list };
}

test('agents are listed by name with their counts and the mean of all requests', async () => {
  const { list } = setting();
  const { totalMs: _, ...shown } = COUNTS;
  const disk = { agent: 'disk', ...shown, retrieveKey: 0, meanMs: 1.667 };
  const tape = { agent: 'tape', ...shown, meanMs: 1.25 };
  assert.deepEqual(await list({}), [disk, tape]);
  assert.deepEqual(await list({ limit: 1 }), [disk]);
  assert.deepEqual(await list({ sort: 'retrieveKey' }), [disk, tape]);
  assert.deepEqual(await list({ sort: '-meanMs', limit: 1 }), [disk]);
  assert.deepEqual(await list({ filter: ['agent=tape'] }), [tape]);
});

test('spans and dates become whole hours, the last day where nothing is said', async () => {
  const { asked, list } = setting();
  await list({});
  await list({ span: 'hour' });
  await list({ span: 'month' });
  await list({ since: '2026-01-01T10:59:00Z', until: '2026-01-01T12:00:00Z' });
  const day = hourOf(Date.UTC(2026, 0, 1));
  assert.deepEqual(asked, [
    [1000 - 24, 1000],
    [999, 1000],
    [1000 - 720, 1000],
    [day + 10, day + 12],
  ]);
});

test('an unknown span or date is refused', async () => {
  const { world } = setting();
  for (const input of [{ span: 'year' }, { since: 'yesterday' }, { limit: 1001 }])
    assert.equal(await world.refusal(listAgentPerformance, input), 'INVALID_PARAMETERS');
});
