/** The core of a KMA that does not run, opened in this process: for housekeeping that a running KMA does once an hour. */
import { after } from 'node:test';
import { openCore, type RunningCore } from '../../src/processes/core/open-core.ts';
import { ReaderLink } from '../../src/processes/core/reader-link.ts';
import { DataDirectory } from '../../src/store/data-directory.ts';
import { TestKma } from './kma.ts';

export async function openAlone(
  dataDirectory: string,
  livedElsewhere: () => void = () => undefined,
): Promise<RunningCore> {
  const reader: ReaderLink = new ReaderLink('/nowhere', () => running.core.parts.self);
  const running: RunningCore = await openCore(DataDirectory.open(dataDirectory), reader, {
    locked: () => undefined,
    restored: () => undefined,
    ended: () => undefined,
    servingChanged: () => undefined,
    livedElsewhere,
    clustered: () => undefined,
    platformWanted: () => undefined,
    stopped: () => undefined,
  });
  return running;
}

/** Of a new KMA without users; it goes when the tests of the file are over. */
export async function newCoreAlone(): Promise<{ readonly kma: TestKma; readonly running: RunningCore }> {
  const kma = await TestKma.start({ bare: true });
  await kma.stop();
  const running = await openAlone(kma.data);
  after(async () => {
    await running.close();
    await kma[Symbol.asyncDispose]();
  });
  return { kma, running };
}

export async function withCore<T>(
  dataDirectory: string,
  work: (running: RunningCore) => Promise<T>,
): Promise<T> {
  const running = await openAlone(dataDirectory);
  try {
    return await work(running);
  } finally {
    await running.close();
  }
}
