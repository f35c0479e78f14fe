/** What each of the people does while everything goes wrong: an officer, a compliance officer and an operator. It knows no KMA. */
import { AGENT_PASSPHRASE, COMPLIANCE, OFFICER, OPERATOR, QUORUM } from '../support/kma.ts';
import type { Kind } from './ledger.ts';
import type { Chore, ManagerWork } from './manager-work.ts';

function creates(kind: Kind, operation: string, input: (name: string) => object, quorum = false): Chore {
  return [
    operation,
    async (manager) => {
      const name = manager.newName(kind.replace(' ', '-'));
      await manager.call(operation, input(name), quorum ? { quorum: QUORUM } : {});
      manager.ledger.named.push({ kind, name });
    },
  ];
}

const createSite = creates('site', 'CreateSite', (site) => ({ site }));
const createUser = creates(
  'user',
  'CreateUser',
  (user) => ({ user, roles: ['AUDITOR'], passphrase: 'Comes-and-goes-8' }),
  true,
);
const createGroup = creates('key group', 'CreateKeyGroup', (group) => ({ group, policy: 'years' }));
const createAgent = creates('agent', 'CreateAgent', (agent) => ({ agent, passphrase: AGENT_PASSPHRASE }));

/** Only one person changes descriptions, one after the other, so that the last that was acknowledged counts. */
async function describe(manager: ManagerWork): Promise<void> {
  const { ledger, random } = manager;
  const site = random.pickAny(ledger.named.filter(({ kind }) => kind === 'site'))?.name;
  if (site === undefined) return;
  const description = manager.newName('said');
  ledger.tryDescription(site, description);
  await manager.call('ModifySite', { site, description });
  ledger.acknowledgeDescription(site, description);
}

async function compromise(manager: ManagerWork): Promise<void> {
  const { ledger, random } = manager;
  const key = random.pickAny(
    [...ledger.keys.values()].filter(
      ({ keyId, dataUnitId }) => dataUnitId !== '' && !ledger.compromised.has(keyId),
    ),
  );
  if (key === undefined) return;
  await manager.call('CompromiseKey', { keyId: key.keyId, comment: 'a drive is gone' });
  ledger.compromised.add(key.keyId);
}

async function destroy(manager: ManagerWork): Promise<void> {
  const { ledger, random } = manager;
  const keyId = random.pickAny([...ledger.compromised].filter((id) => !ledger.destroyed.has(id)));
  const key = keyId === undefined ? undefined : ledger.keys.get(keyId);
  if (key === undefined) return;
  ledger.perhapsDestroyed.add(key.keyId);
  await manager.call('DestroyKeys', { dataUnitId: key.dataUnitId, comment: 'end of retention' });
  ledger.destroyed.add(key.keyId);
}

export const CHORES = [
  [OFFICER, [createSite, createSite, createUser, ['ModifySite', describe], ['ModifySite', describe]]],
  [COMPLIANCE, [createGroup, ['CompromiseKey', compromise]]],
  [OPERATOR, [createAgent, ['DestroyKeys', destroy]]],
] as const satisfies readonly (readonly [typeof OFFICER, readonly Chore[]])[];
