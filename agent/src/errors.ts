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

/** What asking a KMA came to that did not serve the call. */
export interface KmaAnswer {
  readonly address: string;
  readonly error: unknown;
}

/** Every attempt within the failover limit failed; `answers` has the last of each KMA, `cause` the last of all. */
export class KmsUnavailableError extends AgentError {
  readonly attempts: number;
  readonly answers: readonly KmaAnswer[];
  /** The message without the answers. */
  readonly summary: string;

  constructor(attempts: number, answers: readonly KmaAnswer[]) {
    const times = attempts === 1 ? '1 attempt' : `${attempts} attempts`;
    const summary = `no KMA could serve the call (${times})`;
    const said = answers.length === 0 ? 'discovery named no KMA' : answers.map(answerText).join('; ');
    super('unavailable', `${summary}: ${said}`, answers.at(-1)?.error);
    this.name = 'KmsUnavailableError';
    this.attempts = attempts;
    this.answers = answers;
    this.summary = summary;
  }
}

/** `address: what it said`; what did not get there says itself where it was to go. */
export function answerText({ address, error }: KmaAnswer): string {
  const said = error instanceof Error ? error.message : String(error);
  return said.startsWith(`${address}:`) ? said : `${address}: ${said}`;
}
