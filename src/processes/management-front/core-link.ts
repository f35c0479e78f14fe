/** The management front's link to the core: whose a key is, calls with a deadline, counted refusals. It never repeats a call. */
import type {
  KeyOwner,
  ManagementCall,
  ManagementProblem,
  ManagementReply,
  WebLink,
  WebProof,
} from '../../services/management/link.ts';
import { CoreConnection } from '../core-connection.ts';
import {
  type CoreToManagement,
  coreToManagement,
  type ManagementToCore,
  type ManagerOrigin,
} from '../management-messages.ts';
import { RefusedTally } from '../refused-tally.ts';

export interface ManagementLinkLimits {
  /** How long a question waits for a core that is being replaced. */
  readonly reconnectMs: number;
  readonly whoMs: number;
  readonly callMs: number;
}
export const MANAGEMENT_LINK_LIMITS: ManagementLinkLimits = {
  reconnectMs: 2_000,
  whoMs: 5_000,
  callMs: 60_000,
};

interface RefusedKind {
  readonly reason: string;
  readonly address: string;
}

export class ManagementCoreLink implements WebLink {
  readonly #limits: ManagementLinkLimits;
  readonly #core: CoreConnection<ManagementToCore, CoreToManagement>;
  readonly #refused = new RefusedTally<RefusedKind>();

  /** `denied`: the way to the socket is closed to this user. */
  constructor(
    path: string,
    limits = MANAGEMENT_LINK_LIMITS,
    denied: (error: Error) => void = () => undefined,
  ) {
    this.#limits = limits;
    this.#core = new CoreConnection({
      path,
      reconnectMs: limits.reconnectMs,
      answers: coreToManagement,
      denied,
      onSweep: () => this.#tellRefused(),
    });
  }

  /** Resolves with the first connection, or when closed before. */
  opened(): Promise<void> {
    return this.#core.opened();
  }

  async who({ keySha256 }: ManagerOrigin): Promise<KeyOwner | null> {
    if (keySha256 === null) return { userId: null };
    const answer = await this.#core.ask((id) => ({ t: 'who', id, keySha256 }), this.#limits.whoMs);
    return answer?.t === 'who' ? { userId: answer.userId } : null;
  }

  async call(
    call: ManagementCall,
    origin: ManagerOrigin,
  ): Promise<ManagementReply | ManagementProblem | null> {
    const answer = await this.#core.ask((id) => ({ t: 'call', id, ...call, origin }), this.#limits.callMs);
    return answer === null || answer.t === 'who' ? null : answer;
  }

  async prove(proof: WebProof): Promise<ManagementReply | ManagementProblem | null> {
    const answer = await this.#core.ask((id) => ({ t: 'prove', id, ...proof }), this.#limits.callMs);
    return answer === null || answer.t === 'who' ? null : answer;
  }

  /** Told together with the next sweep. */
  refused(reason: string, address: string): void {
    this.#refused.note({ reason, address });
  }

  close(): void {
    this.#tellRefused();
    this.#core.close();
  }

  #tellRefused(): void {
    if (!this.#core.connected) return;
    for (const refused of this.#refused.take()) this.#core.tell({ t: 'refused', ...refused });
  }
}
