/** How the supervisor keeps the platform process once something needs it, without ever waiting for it, since agents do not. */
import { join } from 'node:path';
import type { PlatformPlace } from '../platform/part.ts';
import { PLATFORM_PORTS } from '../ports.ts';
import { confinedPlatform } from './confinement.ts';
import { KeptProcess } from './kept-process.ts';
import type { KmaOptions } from './kma-options.ts';
import type { FrontUser } from './messages.ts';
import type { SupervisorToPlatform } from './platform/messages.ts';
import type { RuntimeDirectory } from './runtime-directory.ts';

export interface PlatformPlan {
  readonly runtime: RuntimeDirectory;
  readonly user: FrontUser | null;
  /** False while the KMA stops. */
  readonly mayRestart: () => boolean;
  readonly report: (line: string) => void;
}

/** A KMA that needs no such process costs none. */
export function keepPlatform(
  options: KmaOptions,
  { runtime, user, mayRestart, report }: PlatformPlan,
): {
  readonly process: KeptProcess;
  /** Again and again, if need be. */
  begin(): void;
} {
  let begun = false;
  const directory = join(options.dataDirectory, 'platform');
  const process = new KeptProcess({
    name: 'platform',
    entry: new URL('./platform/main.ts', import.meta.url),
    nodeOptions: confinedPlatform(directory, runtime.path),
    startMessage: (): SupervisorToPlatform => ({
      t: 'start',
      platformSocketPath: runtime.platformSocketPath,
      auditSocketPath: runtime.auditSocketPath,
      directory,
      place: placeOf(options, user),
    }),
    onMessage: () => {},
    onUnexpectedEnd: mayRestart,
    report,
  });
  return {
    process,
    begin() {
      if (begun || !mayRestart()) return;
      begun = true;
      process.start();
    },
  };
}

function placeOf(
  { addresses, platformPorts, setClock = false }: KmaOptions,
  becomes: FrontUser | null,
): PlatformPlace {
  return { address: addresses.management, ports: { ...PLATFORM_PORTS, ...platformPorts }, becomes, setClock };
}
