/** How a machine of the simulated world becomes a member: its entry at a member that admits its life first, and then that member's copy of everything. It asks no officer. */
import { created, event, type Fact, set } from '../src/core/facts.ts';
import { idFrom, type KmaId } from '../src/core/ids.ts';
import { nextHlc, stampOf } from '../src/core/stamp.ts';
import { joinCluster } from '../src/operations/incarnations.ts';
import { newLife } from './beginning.ts';
import { CERTIFICATE_PEM } from './certificate.ts';
import type { Machine } from './machine.ts';
import type { World } from './world.ts';

const KMA_NUMBERS = 2 ** 31 - 1;

/** Whatever the machine was before; it runs afterwards. */
export function join(world: World, via: Machine, machine: Machine, kmaName: string): void {
  const { random } = world;
  const life = newLife(random);
  const self = { kmaId: idFrom<KmaId>(random.bytes(16)), kmaName, incarnationId: life.incarnationId };
  write(via, 'EnrolKma', [
    created('kma', self.kmaId, {
      name: kmaName,
      createdAt: via.clock.wallMs(),
      number: random.between(1, KMA_NUMBERS),
    }),
    set('kma', self.kmaId, { enabled: 1, minimumTls: '1.2', certificatePem: CERTIFICATE_PEM }),
    event('incarnation', life.incarnationId, 'admitted', {
      admittedKmaId: self.kmaId,
      admittedLogPublicKey: life.logPublicKey,
      admittedReplicationKey: life.replicationPublicKey,
    }),
  ]);
  const input = {
    clusterEpochId: via.clusterEpochId,
    hostName: '',
    minimumTls: '1.2',
    serviceAddress: '',
    managementAddress: '',
  };
  machine.setUp(via.store.copy(), self, { operation: joinCluster, input }, life);
  machine.boot();
}

/** At once and on the disk, as nothing that is asked of a running KMA is. */
function write({ store, clock, self, running }: Machine, operation: string, facts: readonly Fact[]): void {
  const stamp = stampOf(nextHlc(store.lastStamp(), clock.wallMs()), self.incarnationId);
  const entry = { v: 1, stamp, operation, facts } as const;
  store.transaction(() => store.append(self.incarnationId, entry, Buffer.from(JSON.stringify(entry))));
  store.sync();
  running?.core.observe(stamp);
  running?.replicator.published();
}
