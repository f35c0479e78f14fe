/** How the supervisor keeps the platform process once something needs it, without ever waiting for it, since agents do not. */
import { join } from 'node:path';
import { endLeftProcesses } from '../platform/left-processes.ts';
import type { PlatformPlace } from '../platform/part.ts';
import { PLATFORM_PORTS, PORTS } from '../ports.ts';
import { confinedPlatform } from './confinement.ts';
import { resolveAgentUser } from './front-user.ts';
import { KeptProcess } from './kept-process.ts';
import type { KmaOptions } from './kma-options.ts';
import type { FrontUser, Listen } from './messages.ts';
import type { SupervisorToPlatform } from './platform/messages.ts';
import type { RuntimeDirectory } from './runtime-directory.ts';

/** What ends over and over must not take the processor from agents. */
const BACKOFF_MAX_MS = 30_000;

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
  /** With what a process that was killed just before has left running. */
  stop(deadlineMs: number): Promise<void>;
} {
  const directory = join(options.dataDirectory, 'platform');
  const process = new KeptProcess({
    name: 'platform',
    instance: runtime.path,
    entry: new URL('./platform/main.ts', import.meta.url),
    nodeOptions: confinedPlatform(directory, runtime.path),
    startMessage: (): SupervisorToPlatform => ({
      t: 'start',
      platformSocketPath: runtime.platformSocketPath,
      auditSocketPath: runtime.auditSocketPath,
      directory,
      place: placeOf(options, resolveAgentUser(user), listens),
    }),
    onMessage: () => {},
    onUnexpectedEnd: mayRestart,
    report,
    backoffMaxMs: BACKOFF_MAX_MS,
  });
  return {
    process,
    begin: () => process.begin(),
    async stop(deadlineMs) {
      await process.stop({ t: 'stop' }, deadlineMs);
      await endLeftProcesses(directory);
    },
  };
}

function placeOf(
  { addresses, platformPorts, setClock = false }: KmaOptions,
  becomes: FrontUser | null,
  listens: readonly Listen[],
): PlatformPlace {
  return {
    address: addresses.management,
    ports: { ...PLATFORM_PORTS, ...platformPorts },
    services: servicePorts(listens),
    web: listens.find(({ service }) => service === 'web')?.port,
    addresses: [addresses.management, addresses.service],
    becomes,
    setClock,
  };
}

function servicePorts(listens: readonly Listen[]): PlatformPlace['services'] {
  const ports = PORTS.filter(({ service }) => service !== 'web').map(({ service }) => {
    const found = listens.find((listen) => listen.service === service);
    if (found === undefined) throw new TypeError(`${service} has no port`);
    return [service, found.port] as const;
  });
  return Object.fromEntries(ports) as PlatformPlace['services'];
}
