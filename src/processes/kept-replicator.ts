/** How the supervisor keeps the replicator once there is another KMA, without ever waiting for it where it does not come up, since agents do not need it. */
import { join } from 'node:path';
import { confinedReplicator } from './confinement.ts';
import { KeptProcess } from './kept-process.ts';
import { frontToSupervisor, type Listen, type SupervisorToReplicator } from './messages.ts';
import type { RuntimeDirectory } from './runtime-directory.ts';

export interface ReplicatorPlan {
  readonly dataDirectory: string;
  readonly runtime: RuntimeDirectory;
  /** Of the whole KMA. */
  readonly listens: readonly Listen[];
  /** False while the KMA stops. */
  readonly mayRestart: () => boolean;
  readonly report: (line: string) => void;
}

/** A KMA without others costs no such process, and its port stays closed. */
export function keepReplicator({
  dataDirectory,
  runtime,
  listens,
  mayRestart,
  report,
}: ReplicatorPlan): KeptProcess {
  const certificatePort = listens.find(({ service }) => service === 'certificate')?.port;
  if (certificatePort === undefined) throw new TypeError('the certificate service has no port');
  const cacheDirectory = join(dataDirectory, 'replication');
  return new KeptProcess({
    name: 'replicator',
    instance: runtime.path,
    entry: new URL('./replicator/main.ts', import.meta.url),
    nodeOptions: confinedReplicator(dataDirectory, runtime.path),
    startMessage: (): SupervisorToReplicator => ({
      t: 'start',
      replicatorSocketPath: runtime.replicatorSocketPath,
      cacheDirectory,
      listens: listens.filter((listen) => listen.service === 'replication'),
      certificatePort,
    }),
    onMessage: (raw) => {
      const { data: message } = frontToSupervisor.safeParse(raw);
      if (message === undefined) report('the replicator says what is no message');
      else if (message.t === 'fatal') report(`the replicator cannot go on: ${message.detail}`);
    },
    onUnexpectedEnd: mayRestart,
    report,
  });
}
