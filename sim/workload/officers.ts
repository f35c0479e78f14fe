/** What people with roles ask in a simulated world: users, policies, groups, agents, keys, settings. Names are few, so that two sides of a partition meet. */
import type { Machine } from '../machine.ts';
import type { Random } from '../random.ts';
import type { World } from '../world.ts';
import type { Agents } from './agents.ts';
import { asOfficer, asUser, CREDENTIALS, credentialsOf, PASSPHRASE } from './people.ts';

type Asked = readonly [user: string, operation: string, input: object];

/** Whoever is one at the KMA that is asked. */
const OFFICER = 'officer';
const ROLES = ['OPERATOR', 'AUDITOR', 'COMPLIANCE_OFFICER', 'SECURITY_OFFICER', 'QUORUM_MEMBER'];
const HOLDERS = [...CREDENTIALS, 'cred-j', 'cred-k'];
/** People ask for some hundred things a day. */
const SPLIT_CHANGES_IN = 100;
const COMMENT = { comment: 'as decided' };

export class Officers {
  readonly #world: World;
  readonly #random: Random;
  readonly #agents: Agents;

  constructor(world: World, random: Random, agents: Agents) {
    this.#world = world;
    this.#random = random;
    this.#agents = agents;
  }

  async act(machine: Machine): Promise<void> {
    const [user, operation, input] = this.#random.weighted([
      [10, this.#people()],
      [10, this.#rules()],
      [10, this.#devices()],
      [8, this.#keys()],
      [3, this.#settings()],
    ]);
    if (this.#random.chance(SPLIT_CHANGES_IN)) await this.#changeKeySplit(machine);
    else await this.#ask(machine, user, operation, input);
  }

  /** Approved by whoever is asked for there. */
  async #changeKeySplit(machine: Machine): Promise<void> {
    const random = this.#random;
    const newCredentials = random.some(HOLDERS, random.between(2, 3));
    const credentials = credentialsOf(machine, 'ModifyKeySplit');
    const call = asOfficer(machine, random, 'ModifyKeySplit', { threshold: 2 });
    await this.#world.call(machine, { ...call, credentials, newCredentials });
  }

  /** The same field at the same moment on two machines: who wins must not depend on where one looks. */
  async duel(machines: readonly Machine[]): Promise<void> {
    const random = this.#random;
    const operation = random.pick(['ModifyKeyPolicy', 'ModifySecurityParameters', 'ChangeKeyGroup']);
    const keyId = this.#agents.someKey();
    for (const machine of machines) {
      const description = `by ${machine.place} ${random.below(1000)}`;
      if (operation === 'ModifyKeyPolicy')
        await this.#ask(machine, 'clara', operation, { policy: 'short', description });
      else if (operation === 'ChangeKeyGroup')
        await this.#ask(machine, 'clara', operation, { keyId, group: random.pick(['tapes', 'disks']) });
      else await this.#ask(machine, 'officer', operation, { loginAttemptLimit: random.between(1, 1000) });
    }
  }

  async #ask(machine: Machine, user: string, operation: string, input: object): Promise<void> {
    const random = this.#random;
    const credentials = random.some(credentialsOf(machine, operation), random.pick([0, 1, 2, 2, 2]));
    const call =
      user === OFFICER
        ? asOfficer(machine, random, operation, input)
        : asUser(machine, user, operation, input);
    await this.#world.call(machine, { ...call, credentials });
  }

  #people(): Asked {
    const random = this.#random;
    const user = random.pick(['user-1', 'user-2', 'user-3', 'user-4', 'otto']);
    const roles = random.some(ROLES, random.between(1, 2));
    const by = OFFICER;
    return random.weighted<Asked>([
      [4, [by, 'CreateUser', { user, roles, passphrase: PASSPHRASE }]],
      [4, [by, 'ModifyUser', { user, roles }]],
      [3, [by, 'ModifyUser', { user: random.pick([user, 'officer']), enabled: !random.chance(3) }]],
      [2, [by, 'SetUserPassphrase', { user, passphrase: PASSPHRASE }]],
      [2, [by, 'DeleteUser', { user }]],
      [1, [user, 'ChangeOwnPassphrase', { newPassphrase: PASSPHRASE }]],
    ]);
  }

  #rules(): Asked {
    const random = this.#random;
    const group = random.pick(['group-1', 'group-2', 'tapes']);
    const policy = random.pick(['policy-1', 'policy-2', 'short']);
    const description = `text ${random.below(1000)}`;
    const periods = { encryptionPeriod: '2h', cryptoperiod: '6h' };
    return random.weighted<Asked>([
      [2, ['clara', 'CreateKeyPolicy', { policy, ...periods, allowAgentsToRevoke: random.chance(2) }]],
      [4, ['clara', 'ModifyKeyPolicy', { policy, description }]],
      [1, ['clara', 'DeleteKeyPolicy', { policy }]],
      [3, ['clara', 'CreateKeyGroup', { group, policy }]],
      [3, ['clara', 'ModifyKeyGroup', { group, policy, description }]],
      [2, ['clara', 'DeleteKeyGroup', { group }]],
      [3, ['clara', 'ChangeKeyGroup', { keyId: this.#agents.someKey(), group }]],
    ]);
  }

  #devices(): Asked {
    const random = this.#random;
    const agent = random.pick(['agent-1', 'agent-2', 'agent-3', 'drive-2']);
    const group = random.pick(['group-1', 'group-2', 'tapes', 'disks']);
    const site = random.pick(['site-1', 'site-2']);
    return random.weighted<Asked>([
      [4, ['olga', 'CreateAgent', { agent, passphrase: PASSPHRASE, oneTimePassphrase: random.chance(2) }]],
      [4, ['olga', 'ModifyAgent', { agent, enabled: !random.chance(4) }]],
      [2, ['olga', 'SetAgentPassphrase', { agent, passphrase: PASSPHRASE }]],
      [2, ['olga', 'DeleteAgent', { agent: random.pick(['agent-1', 'agent-2', 'agent-3']) }]],
      [6, ['clara', 'AssignKeyGroup', { agent, group, default: random.chance(2) }]],
      [2, ['clara', 'UnassignKeyGroup', { agent, group }]],
      [3, [OFFICER, 'CreateSite', { site }]],
      [2, [OFFICER, 'DeleteSite', { site }]],
    ]);
  }

  #keys(): Asked {
    const dataUnitId = this.#agents.someUnit();
    const keyId = this.#agents.someKey();
    return this.#random.weighted<Asked>([
      [3, ['clara', 'CompromiseKey', { keyId, ...COMMENT }]],
      [1, ['clara', 'CompromiseKeys', { dataUnitId, ...COMMENT }]],
      [7, ['olga', 'DestroyKeys', { dataUnitId, ...COMMENT }]],
    ]);
  }

  #settings(): Asked {
    const random = this.#random;
    return random.weighted<Asked>([
      [3, [OFFICER, 'ModifySecurityParameters', { pendingCredentialsHours: random.between(1, 8) }]],
      [1, ['bert', 'ModifyKeyPoolSize', { size: random.between(1000, 2000) }]],
      [1, [OFFICER, 'LockKma', {}]],
      [3, [OFFICER, 'UnlockKma', {}]],
      [1, [OFFICER, 'AcceptClock', {}]],
    ]);
  }
}
