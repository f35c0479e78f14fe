/** Misfortunes of a cluster as people make them: a certificate that ends, a key split that is changed on both sides. */
import type { Machine } from '../machine.ts';
import { appliance, asOfficer, credentialsOf } from '../workload/people.ts';
import type { Fault, Scene } from './fault.ts';
import { networkFaults } from './network.ts';

const halves = networkFaults.filter(({ kind }) => kind === 'two halves');

async function changeKeySplit({ world, random }: Scene, machine: Machine, names: readonly string[]) {
  const call = asOfficer(machine, random, 'ModifyKeySplit', { threshold: 2 });
  await world.call(machine, { ...call, credentials: credentialsOf(machine), newCredentials: names });
}

export const clusterFaults: readonly Fault[] = [
  {
    kind: 'certificate expiry',
    weight: 3,
    begin({ world, random, running }) {
      const machine = random.pickAny(running);
      if (machine === undefined) return null;
      machine.certificateExpired = true;
      return {
        what: machine.place,
        end: () => {
          machine.certificateExpired = false;
          void world.call(machine, appliance('RenewKmaCertificate', {}));
        },
      };
    },
  },
  {
    kind: 'key split changed on both sides',
    weight: 2,
    async begin(scene) {
      const { random, running } = scene;
      const [one, other] = random.some(running, 2);
      const begun = await halves[0]?.begin(scene);
      if (one === undefined || other === undefined || begun == null) return null;
      const set = random.pick(['d', 'e', 'f']);
      await changeKeySplit(scene, one, ['cred-a', `cred-${set}`, 'cred-c']);
      await changeKeySplit(scene, other, ['cred-b', `cred-${set}`]);
      return { ...begun, what: `${one.place} and ${other.place}` };
    },
  },
];
