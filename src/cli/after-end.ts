/** What becomes of a KMA that was ended by what was asked of it: it serves again, stays ended, or is taken back to before QuickStart. It asks nobody, and ends nothing but daemons that were left. */
import { join } from 'node:path';
import { endLeftProcesses } from '../platform/left-processes.ts';
import type { AskedEnd } from '../processes/kma-options.ts';
import { type Erased, factoryReset } from '../setup/factory-reset.ts';
import { DataDirectory } from '../store/data-directory.ts';

/** Whether it is to serve again. All its processes have ended. */
export async function servesAgain(
  asked: AskedEnd | null,
  dataDirectory: string,
  log: (line: string) => void,
): Promise<boolean> {
  if (asked === 'reset' || asked === 'zeroise') {
    const { files } = await eraseEnded(dataDirectory, asked === 'zeroise');
    log(`${files} files were removed: "kma init" sets a KMA up again`);
  }
  return asked === 'restored' || asked === 'reboot';
}

async function eraseEnded(dataDirectory: string, zeroise: boolean): Promise<Erased> {
  const directory = DataDirectory.open(dataDirectory);
  const release = directory.lock();
  try {
    return await erase(directory, zeroise);
  } finally {
    release();
  }
}

/** By the holder of the lock. */
export async function erase(directory: DataDirectory, zeroise: boolean): Promise<Erased> {
  await endLeftProcesses(join(directory.path, 'platform'));
  return factoryReset(directory, zeroise);
}
