/** How the supervisor keeps the platform process once something needs it, without ever waiting for it, since agents do not. */
import { join } from 'node:path';
import type { PlatformPlace } from '../platform/part.ts';
import { PLATFORM_PORTS, type ServiceName } from '../ports.ts';
import { confinedPlatform } from './confinement.ts';
import { KeptProcess } from './kept-process.ts';
import type { KmaOptions } from './kma-options.ts';
import type { FrontUser, Listen } from './messages.ts';
import type { SupervisorToPlatform } from './platform/messages.ts';
import type { RuntimeDirectory } from './runtime-directory.ts';

export interface PlatformPlan {
  readonly runtime: RuntimeDirectory;
  readonly user: FrontUser | null;
  readonly listens: readonly Listen[];
  /** False while the KMA stops. */
  readonly mayRestart: () => boolean;
  readonly report: (line: string) => void;
}

/** A KMA that needs no such process costs none. */
export function keepPlatform(
  options: KmaOptions,
  { runtime, user, listens, mayRestart, report }: PlatformPlan,
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
      place: placeOf(options, user, listens),
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
  listens: readonly Listen[],
): PlatformPlace {
  const ports = { ...PLATFORM_PORTS, ...platformPorts };
  return { address: addresses.management, ports, memberPorts: memberPortsOf(listens), becomes, setClock };
}

/** Where this KMA listens is where the other members do, each at its own address. */
function memberPortsOf(listens: readonly Listen[]): PlatformPlace['memberPorts'] {
  const portOf = (service: ServiceName) => {
    const found = listens.find((listen) => listen.service === service);
    if (found === undefined) throw new TypeError(`${service} has no port`);
    return found.port;
  };
  return { ca: portOf('ca'), certificate: portOf('certificate'), replication: portOf('replication') };
}
