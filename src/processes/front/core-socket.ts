/** The link of an agents' front to the core: bounds on what is under way, deadlines, shared TLS sessions, counted refusals. It never repeats a call. */

import type { SoapService } from '../../ports.ts';
import type { CoreAnswer, CoreLink } from '../../services/core-link.ts';
import { CoreConnection } from '../core-connection.ts';
import { type CoreToFront, coreToFront, type FrontOrigin, type FrontToCore } from '../messages.ts';
import { RefusedTally } from '../refused-tally.ts';

export interface CoreSocketLimits {
  /** How long a call waits for a core that is being replaced. */
  readonly reconnectMs: number;
  readonly callMs: number;
  readonly sessionMs: number;
  readonly callsUnderWay: number;
  /** Of these, how many may be calls of callers without a certificate. */
  readonly strangersUnderWay: number;
}
export const CORE_SOCKET_LIMITS: CoreSocketLimits = {
  reconnectMs: 2_000,
  callMs: 30_000,
  sessionMs: 1_000,
  callsUnderWay: 1_024,
  strangersUnderWay: 256,
};

interface RefusedKind {
  readonly service: SoapService;
  readonly reason: string;
  readonly address: string;
}

/** The caller learns `Server Error`, and agents try again or elsewhere. */
const LOST: CoreAnswer = { fault: 'SERVER_ERROR' };

export class CoreSocket implements CoreLink {
  readonly #limits: CoreSocketLimits;
  readonly #core: CoreConnection<FrontToCore, CoreToFront>;
  readonly #refused = new RefusedTally<RefusedKind>();
  #underWay = 0;
  #strangers = 0;

  /** `denied`: the way to the socket is closed to this user. */
  constructor(path: string, limits = CORE_SOCKET_LIMITS, denied: (error: Error) => void = () => undefined) {
    this.#limits = limits;
    this.#core = new CoreConnection({
      path,
      reconnectMs: limits.reconnectMs,
      answers: coreToFront,
      denied,
      onSweep: () => this.#tellRefused(),
    });
  }

  /** Resolves with the first connection, or when closed before. */
  opened(): Promise<void> {
    return this.#core.opened();
  }

  async call(operation: string, input: unknown, origin: FrontOrigin): Promise<CoreAnswer> {
    const stranger = origin.fingerprint === null ? 1 : 0;
    if (this.#underWay >= this.#limits.callsUnderWay) return { fault: 'SERVER_BUSY' };
    if (stranger === 1 && this.#strangers >= this.#limits.strangersUnderWay) return { fault: 'SERVER_BUSY' };
    this.#underWay += 1;
    this.#strangers += stranger;
    try {
      const answer = await this.#core.ask(
        (id) => ({ t: 'call', id, operation, input, origin }),
        this.#limits.callMs,
      );
      if (answer?.t === 'reply') return { output: answer.output };
      return answer?.t === 'fault' ? { fault: answer.code } : LOST;
    } finally {
      this.#underWay -= 1;
      this.#strangers -= stranger;
    }
  }

  /** Without a core there is no resumption, only a full handshake. */
  async sessionGet(service: SoapService, key: string): Promise<Uint8Array | null> {
    if (!this.#core.connected) return null;
    const answer = await this.#core.ask(
      (id) => ({ t: 'session-get', id, service, key }),
      this.#limits.sessionMs,
    );
    return answer?.t === 'session' ? answer.data : null;
  }

  sessionPut(service: SoapService, key: string, data: Uint8Array): void {
    this.#core.tellLater({ t: 'session-put', service, key, data });
  }

  /** Told together with the next sweep. */
  refused(service: SoapService, reason: string, address: string): void {
    this.#refused.note({ service, reason, address });
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
