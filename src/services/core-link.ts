/** What a front may ask of the core, and the link for both in one process; it holds no connection itself. */
import { isRefusal, type Refusal } from '../core/refusal.ts';
import type { ErrorCode } from '../errors.ts';
import type { Origin } from '../operations/operation.ts';
import type { SoapService } from '../ports.ts';
import type { FrontOrigin } from '../processes/messages.ts';

export type CoreAnswer = { readonly output: unknown } | { readonly fault: ErrorCode };

export interface CoreLink {
  /** Always answers within its deadline, and never rejects: a core that is away gives a fault. */
  call(operation: string, input: unknown, origin: FrontOrigin): Promise<CoreAnswer>;
  /** TLS sessions that all fronts share (D7). */
  sessionGet(service: SoapService, key: string): Promise<Uint8Array | null>;
  sessionPut(service: SoapService, key: string, data: Uint8Array): void;
  /** A failure before authentication, to be counted with its like (D15). */
  refused(service: SoapService, reason: string, address: string): void;
}

/** What the core's own process offers. */
export interface CoreEntrance {
  call(operation: string, input: unknown, origin: Origin): Promise<{ readonly output: unknown } | Refusal>;
  readonly sessions: {
    put(service: string, id: string, data: Uint8Array, nowMs: number): void;
    get(service: string, id: string, nowMs: number): Uint8Array | null;
  };
  refused(service: string, reason: string, address: string): void;
}

/** Front and core in one process: for tests and small machines. */
export function directCoreLink(core: CoreEntrance): CoreLink {
  return {
    async call(operation, input, origin) {
      const answer = await core.call(operation, input, origin as Origin);
      return isRefusal(answer) ? { fault: answer.refused } : { output: answer.output };
    },
    sessionGet: async (service, key) => core.sessions.get(service, key, Date.now()),
    sessionPut: (service, key, data) => core.sessions.put(service, key, data, Date.now()),
    refused: (service, reason, address) => core.refused(service, reason, address),
  };
}
