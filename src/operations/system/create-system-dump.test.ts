/** The system dump: however much there is to say, it fits a message between processes, and the newest is in it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { World } from '../world.fixture.ts';
import { createSystemDump } from './create-system-dump.ts';

/** processes/frame.ts has it for all messages. */
const FRAME_BYTES_MAX = 4 * 1024 * 1024;

const records = (count: number, message: string) =>
  Array.from({ length: count }, (_, i) => ({
    row: count - i,
    id: '0'.repeat(32),
    createdAt: 0,
    operation: 'DestroyKeys',
    severity: 'success' as const,
    condition: 'Success',
    message,
    entityId: 'operator',
    entityAddress: '127.0.0.1',
    kmaId: '',
    kmaName: 'kma-1',
    class: 'Operator' as const,
    term: 'long' as const,
    solution: '',
  }));

const messages = (count: number, message: string) =>
  Array.from({ length: count }, (_, i) => ({
    number: count - i,
    createdAtMs: 0,
    process: 'core',
    severity: 'warning' as const,
    message,
  }));

async function dumped(text: string) {
  const { output } = await new World().did(
    createSystemDump,
    {},
    { audit: records(3000, text), systemMessages: () => messages(5000, text.slice(0, 1024)) },
  );
  return { bytes: Buffer.byteLength(JSON.stringify(output)), output };
}

test('long records and messages are left out where there is no more room, the oldest first', async () => {
  // Characters of three bytes, and comments may be this long.
  const { bytes, output } = await dumped('\u20ac'.repeat(8192));
  assert.ok(bytes < FRAME_BYTES_MAX, `${bytes}`);
  assert.ok(output.auditRecords.length > 20 && output.systemMessages.length > 100);
  assert.deepEqual([output.auditRecords[0]?.row, output.systemMessages[0]?.number], [3000, 5000]);
});

test('of short ones there are a thousand records, and messages as there is room', async () => {
  const { bytes, output } = await dumped('short');
  assert.ok(bytes < FRAME_BYTES_MAX, `${bytes}`);
  assert.equal(output.auditRecords.length, 1000);
  assert.equal(output.systemMessages.length, 5000);
});
