/** A world with quorum members, in which operations are submitted and approved as the core does it. */
import { isRefusal, type Refusal } from '../../core/refusal.ts';
import { createUser } from '../users.ts';
import { userCaller, World } from '../world.fixture.ts';
import { approvePendingOperation } from './approve.ts';
import { findPendable } from './pending-text.ts';
import { submissionOf } from './submit.ts';
import { showPendingOperation } from './view.ts';

export class PendingWorld extends World {
  static async create(): Promise<PendingWorld> {
    const world = new PendingWorld();
    for (const user of ['quentin', 'quincy'])
      await world.did(createUser, { user, roles: ['QUORUM_MEMBER'], passphrase: 'Right-one-1' });
    await world.did(createUser, { user: 'olga', roles: ['OPERATOR'], passphrase: 'Right-one-1' });
    return world;
  }

  async submitting(operation: string, input: object, names: readonly string[] = [], by = 'officer') {
    const pendable = findPendable(operation);
    if (pendable === undefined) throw new Error(`${operation} is carried out at once`);
    return this.run(submissionOf(pendable, input, names), input, { caller: userCaller(this, by) });
  }

  /** The ID of an operation that waits. */
  async submit(operation: string, input: object, names: readonly string[] = [], by = 'officer') {
    const ran = await this.submitting(operation, input, names, by);
    if (isRefusal(ran)) throw new Error(`${operation}: ${ran.refused} ${ran.detail ?? ''}`);
    return (ran.output as { pendingId: string }).pendingId;
  }

  async show(pendingId: string) {
    return (await this.did(showPendingOperation, { pendingId })).output;
  }

  /** With the text as it is now, or another one. */
  async approve(pendingId: string, names: readonly string[], textSha256?: string, by = 'quentin') {
    const input = { pendingId, textSha256: textSha256 ?? (await this.show(pendingId)).textSha256 };
    return this.run(approvePendingOperation, input, { caller: userCaller(this, by), approvers: names });
  }

  /** "executed", "waits", or the code of a refusal. */
  async outcome(pendingId: string, names: readonly string[], textSha256?: string): Promise<string> {
    const ran: { output: { executed: boolean } } | Refusal = await this.approve(pendingId, names, textSha256);
    if (isRefusal(ran)) return ran.refused;
    return ran.output.executed ? 'executed' : 'waits';
  }
}
