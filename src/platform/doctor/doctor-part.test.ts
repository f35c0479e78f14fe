/** The doctor's part says of itself what the whole run came to, as the core tells it, and nothing before. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ZodError } from 'zod';
import type { PlatformTools } from '../part.ts';
import { DoctorPart } from './doctor-part.ts';

function part() {
  let changes = 0;
  const tools = { changed: () => void changes++ } as unknown as PlatformTools;
  return { doctor: new DoctorPart(tools), changes: () => changes };
}

test('what a run came to is remembered, and the core is told that it changed', async () => {
  const { doctor, changes } = part();
  assert.equal(doctor.state().summary, 'not asked yet');
  assert.equal(await doctor.ask({ result: 'problems', at: '2026-11-27T10:09:59.899Z' }), null);
  assert.deepEqual([doctor.state().summary, changes()], ['problems at 2026-11-27T10:09:59.899Z', 1]);
});

test('what is neither a question nor a result is refused, and changes nothing', async () => {
  const { doctor, changes } = part();
  for (const asked of [{ result: 'fine' }, { result: 'fine', at: 'today' }, { connected: [] }, null])
    await assert.rejects(doctor.ask(asked), ZodError);
  assert.deepEqual([doctor.state().summary, changes()], ['not asked yet', 0]);
});
