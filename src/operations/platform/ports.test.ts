/** The list of ports as operations give it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuse } from '../../core/refusal.ts';
import { PORT_TABLE, portStates } from '../../ports.ts';
import { World } from '../world.fixture.ts';
import { listPorts, showPorts } from './ports.ts';

const looked = portStates(PORT_TABLE, { holding: new Map(), ports: {}, addresses: [] }, []);
const platform = { ask: async () => ({ ports: looked, addresses: ['192.0.2.10'] }) };

test('the platform process is asked, and its rows are shown, filtered and sorted', async () => {
  const world = new World();
  const { output } = await world.did(showPorts, {}, { platform });
  assert.deepEqual(output.ports, looked);
  const { output: list } = await world.did(
    listPorts,
    { filter: ['direction=connecting', 'transport=tcp'], sort: '-port' },
    { platform },
  );
  assert.deepEqual(
    list.rows.map(({ port }) => port),
    [6514, 3336, 3332, 3332, 3331, 514, 53],
  );
});

test('where the platform process does not answer the rows are there and their states unknown', async () => {
  for (const desk of [undefined, { ask: async () => refuse('PLATFORM_NOT_THERE') }]) {
    const options = desk === undefined ? {} : { platform: desk };
    const { output } = await new World().did(showPorts, {}, options);
    assert.equal(output.ports.length, looked.length);
    assert.ok(output.ports.every(({ state }) => ['unknown', 'not managed'].includes(state)));
  }
});
