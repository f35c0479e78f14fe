/** Keeps a store read by another process while a test does something: its write-ahead log cannot be emptied before that has ended. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const READER = fileURLToPath(new URL('./long-reader-process.ts', import.meta.url));

export async function whileRead(data: string, work: () => Promise<void>): Promise<void> {
  const reader = fork(READER, [join(data, 'kma.db')]);
  await once(reader, 'message');
  try {
    await work();
  } finally {
    reader.kill();
    await once(reader, 'exit');
  }
}
