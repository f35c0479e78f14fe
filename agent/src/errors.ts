/** What can go wrong for an agent, by kind; it knows neither exit codes nor how anything is printed. */

/** What a caller can do about it differs by kind, not by the many causes within one. */
export type FailureKind =
  | 'failure'
  | 'usage'
  | 'not-found'
  | 'denied'
  | 'conflict'
  | 'unavailable'
  | 'damaged';

export class AgentError extends Error {
  readonly kind: FailureKind;

  constructor(kind: FailureKind, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'AgentError';
    this.kind = kind;
  }
}

/** No answer came that could be understood: another KMA may do better. */
export class TransportError extends AgentError {
  constructor(message: string, cause?: unknown) {
    super('unavailable', message, cause);
    this.name = 'TransportError';
  }
}

/** Every attempt within the failover limit failed; `cause` is the last failure. */
export class KmsUnavailableError extends AgentError {
  readonly attempts: number;

  constructor(attempts: number, cause: unknown) {
    const last = cause instanceof Error ? cause.message : String(cause);
    const times = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
    super('unavailable', `no KMA could serve the call (${times}); the last said: ${last}`, cause);
    this.name = 'KmsUnavailableError';
    this.attempts = attempts;
  }
}
