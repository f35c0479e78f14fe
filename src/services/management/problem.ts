/** Refusals as problem details (RFC 9457), with the register's code and what to do. It decides nothing. */
import { ERRORS, type ErrorCode } from '../../errors.ts';

/** An answer before it is written. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** "" where there is none. */
  readonly body: string;
}

const RETRY_SECONDS = '5';

/** `detail` only where the caller may know it. */
export function problem(code: ErrorCode, detail?: string): HttpAnswer {
  const { number, text, httpStatus, advice } = ERRORS[code];
  return {
    status: httpStatus,
    headers: {
      'Content-Type': 'application/problem+json',
      ...(httpStatus === 503 || httpStatus === 429 ? { 'Retry-After': RETRY_SECONDS } : {}),
      // RFC 9110 demands a scheme; ours is the TLS key of a log-in.
      ...(httpStatus === 401 ? { 'WWW-Authenticate': 'OpenKMA-Session' } : {}),
    },
    body: JSON.stringify({
      type: `urn:openkma:error:${code}`,
      title: text,
      status: httpStatus,
      ...(detail === undefined ? {} : { detail }),
      code,
      number,
      whatToDo: advice,
    }),
  };
}
