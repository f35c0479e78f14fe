/** What went wrong between a client and a KMA, as an error of the register; it decides no exit code and prints nothing. */
import { AgentError, SoapFault } from '@openkma/agent';
import { ERRORS, type ErrorCode, OpenKmaError } from '../errors.ts';

/** Of the TLS handshake: the KMA's certificate does not come from the root CA that is known. */
const NOT_TRUSTED = /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_|INVALID_CA|INVALID_PURPOSE)/;

const CODE_BY_NUMBER: ReadonlyMap<number, ErrorCode> = new Map(
  Object.entries(ERRORS).map(([code, { number }]) => [number, code as ErrorCode]),
);

/** Errors of the agent library, of sockets and of TLS; what is none of these is returned as it is. */
export function clientError(error: unknown): unknown {
  if (error instanceof SoapFault) {
    const code = error.number === null ? undefined : CODE_BY_NUMBER.get(error.number);
    return code === undefined ? new OpenKmaError('SERVER_ERROR', error.message) : new OpenKmaError(code);
  }
  const cause = error instanceof AgentError && error.cause instanceof Error ? error.cause : error;
  if (isSystemError(cause)) return connectionError(cause.code, messageOf(error));
  if (!(error instanceof AgentError)) return error;
  if (error.kind === 'denied') return new OpenKmaError('KMA_NOT_TRUSTED', error.message);
  if (error.kind === 'unavailable') return new OpenKmaError('KMA_UNREACHABLE', error.message);
  return new OpenKmaError(error.kind === 'usage' ? 'USAGE' : 'SERVER_ERROR', error.message);
}

function connectionError(code: string, message: string): OpenKmaError {
  return new OpenKmaError(NOT_TRUSTED.test(code) ? 'KMA_NOT_TRUSTED' : 'KMA_UNREACHABLE', message);
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
