/** Run by a test in a process of its own, whose files cannot grow from some moment on: says what became of the logs then, and of those that were opened again with room. */
import { spawnSync } from 'node:child_process';
import { inWorld } from './engine-world.fixture.ts';
import { taker } from './replicated-logs.contract.ts';

const FILE_BYTES_MAX = 1_000_000;
const ENTRIES = 2_000;
const entry = (i: number) => `${i} ${'.'.repeat(1_000)}`;

function limitFiles(bytes: number | 'unlimited'): void {
  const { status } = spawnSync('prlimit', ['--pid', String(process.pid), `--fsize=${bytes}:unlimited`]);
  if (status !== 0) throw new Error('prlimit is not there, or not allowed');
}

await inWorld(async (world) => {
  const [writer, reader] = [await world.kma(), await world.kma()];
  await writer.write(...Array.from({ length: ENTRIES }, (_, i) => entry(i)));
  const taken = taker();
  reader.logs.follow(writer.log, 0, taken.onBlocks);

  limitFiles(FILE_BYTES_MAX);
  await world.connect(writer, reader);
  await world.until(() => reader.broken.length > 0);
  let refused = false;
  for (let i = 0; i < ENTRIES && !refused; i++)
    await reader.write(entry(i)).catch(() => {
      refused = true;
    });
  await reader.close();
  await writer.close();
  const takenFull = taken.texts.length;

  limitFiles('unlimited');
  await reader.open();
  await writer.open();
  const others = taker();
  reader.logs.follow(writer.log, takenFull, taken.onBlocks);
  writer.logs.follow(reader.log, 0, others.onBlocks);
  await world.connect(writer, reader);
  await world.until(() => taken.texts.length === ENTRIES && others.texts.length === reader.truth.length);
  const whole = taken.texts.every((text, i) => text === entry(i));
  console.log(JSON.stringify({ refused, broken: reader.broken.length, takenFull, whole }));
});
