/** Run by a test in a process of its own with `--expose-gc`: follows a long log slowly and says how much memory that held, at most, beside what was there before. */
import { inWorld } from './engine-world.fixture.ts';

const ENTRIES = 12_000;
const ENTRY_BYTES = 3_000;
const WRITTEN_AT_ONCE = 500;
const TAKING_MS = 2;
const MEASURED_EVERY = 1_000;

function heldBytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

await inWorld(async (world) => {
  const [writer, reader] = [await world.kma(), await world.kma()];
  for (let i = 0; i < ENTRIES; i += WRITTEN_AT_ONCE)
    await writer.write(
      ...Array.from({ length: WRITTEN_AT_ONCE }, (_, k) => String(i + k).padEnd(ENTRY_BYTES, '.')),
    );
  const beforeBytes = heldBytes();
  let taken = 0;
  let mostBytes = 0;
  reader.logs.follow(writer.log, 0, async (afterSeq, blocks) => {
    const next = afterSeq + blocks.length;
    if (Math.floor(next / MEASURED_EVERY) > Math.floor(afterSeq / MEASURED_EVERY))
      mostBytes = Math.max(mostBytes, heldBytes());
    await new Promise((resolve) => setTimeout(resolve, TAKING_MS));
    taken = next;
    return next;
  });
  await world.connect(writer, reader);
  await world.until(() => taken === ENTRIES);
  console.log(JSON.stringify({ entriesBytes: ENTRIES * ENTRY_BYTES, heldBytes: mostBytes - beforeBytes }));
});
