/** The core of a KMA that does not run, opened in this process: for housekeeping that a running KMA does once an hour. */
import { openCore, type RunningCore } from '../../src/processes/core/open-core.ts';
import { ReaderLink } from '../../src/processes/core/reader-link.ts';
import { DataDirectory } from '../../src/store/data-directory.ts';

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
