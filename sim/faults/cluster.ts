/** Misfortunes of a cluster as people make them: a certificate that ends, a key split that is changed on both sides, or by a KMA that is gone before anybody has it. */
import { currentKeySplit } from '../../src/core/key-split-standing.ts';
import { isRefusal } from '../../src/core/refusal.ts';
import type { Answer } from '../core.ts';
import type { Machine } from '../machine.ts';
import { appliance, asOfficer, credentialsOf } from '../workload/people.ts';
import type { Fault, Scene } from './fault.ts';
import { networkFaults } from './network.ts';

const halves = networkFaults.filter(({ kind }) => kind === 'two halves');

/** Whoever looks whether it is known elsewhere looks so often, and gives up after so long. */
const LOOK_MS = 1;
const LOOKS_MAX = 5_000;

async function changeKeySplit(
  { world, random }: Scene,
  machine: Machine,
  names: readonly string[],
  then: (answer: Answer) => void = () => undefined,
) {
  const call = asOfficer(machine, random, 'ModifyKeySplit', { threshold: 2 });
  const credentials = credentialsOf(machine, 'ModifyKeySplit');
  await world.call(machine, { ...call, credentials, newCredentials: names }, then);
}

/** As soon as its facts are at another one, and its object is not. */
function loseOnceKnown(scene: Scene, machine: Machine, keySplitId: string, looks = 0): void {
  const { world } = scene;
  const knowing = world.machines.filter(
    (other) => other !== machine && currentKeySplit(other.store.state)?.id === keySplitId,
  );
  const isGone = world.healed || machine.zeroised || machine.running === null || looks > LOOKS_MAX;
  const objectId = machine.store.state.get('key_split', keySplitId)?.objectId ?? '';
  if (isGone || knowing.some(({ store }) => store.hasObject(objectId))) return;
  if (knowing.length === 0) {
    world.schedule.after(LOOK_MS, () => loseOnceKnown(scene, machine, keySplitId, looks + 1));
    return;
  }
  world.note(`fault: ${machine.place} is lost with the key split ${keySplitId}`);
  world.operators.zeroise(machine);
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
  {
    kind: 'key split lost with its maker',
    weight: 2,
    async begin(scene) {
      const { random, running } = scene;
      const machine = random.pickAny(running);
      if (machine === undefined) return null;
      const names = ['cred-a', `cred-${random.pick(['g', 'h', 'i'])}`, 'cred-c'];
      await changeKeySplit(scene, machine, names, (answer) => {
        if (isRefusal(answer)) return;
        const made = answer.decision.facts.find(({ table }) => table === 'key_split');
        loseOnceKnown(scene, machine, made?.id ?? '');
      });
      return { what: machine.place };
    },
  },
];
