/** A KMA's refusal over HTTP (RFC 9457) as an error of the register. What it says is from outside: bounded, and never taken for more than text. */
import { z } from 'zod';
import { ERRORS, type ErrorCode, OpenKmaError } from '../errors.ts';

const DETAIL_MAX = 1_024;

const problem = z.looseObject({
  code: z.string().max(64),
  detail: z.string().optional(),
});

/** `body` is the answer's text; one that is no problem document still becomes an error. */
export function problemError(status: number, body: string): OpenKmaError {
  const found = problem.safeParse(parsed(body));
  if (!found.success) return new OpenKmaError('SERVER_ERROR', `HTTP status ${status}`);
  const { code, detail } = found.data;
  if (!isErrorCode(code)) return new OpenKmaError('SERVER_ERROR', `${code}, of a newer KMA`);
  return new OpenKmaError(code, detail?.slice(0, DETAIL_MAX));
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
