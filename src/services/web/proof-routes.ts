/** The two messages of the passphrase proof of a page, as JSON (docs/proof.md, 12): to the core in bytes and back. They check no proof. */
import { NONCE_BYTES, PROOF_KEY_BYTES } from '@openkma/protocol';
import { z } from 'zod';
import type { WebLink } from '../management/link.ts';
import { type HttpAnswer, problem } from '../management/problem.ts';
import { parseStrictJson } from '../management/strict-json.ts';
import { cookieOf } from './session-cookie.ts';

const PROOF_PATH = '/web/proof';
const LOG_IN_PATH = '/web/log-in';

/** Who asks: a page that came from here. */
export interface PageOrigin {
  readonly webOrigin: string;
  readonly address: string;
  readonly localAddress: string;
}

const hex = (bytes: number) =>
  z
    .string()
    .regex(new RegExp(`^[0-9a-f]{${2 * bytes}}$`))
    .transform((text) => Uint8Array.from(Buffer.from(text, 'hex')));

const user = z.string().max(256);
const beginRequest = z.strictObject({ user, clientNonce: hex(NONCE_BYTES) });
const logInRequest = z.strictObject({
  user,
  clientNonce: hex(NONCE_BYTES),
  clientProof: hex(PROOF_KEY_BYTES),
});

const bytes = z.instanceof(Uint8Array).transform((value) => Buffer.from(value).toString('hex'));
const beginReply = z.object({
  salt: bytes,
  memoryKib: z.int(),
  passes: z.int(),
  lanes: z.int(),
  rootCaCertificate: z.instanceof(Uint8Array).transform((value) => Buffer.from(value).toString('utf8')),
  serverChallenge: bytes,
  oneTimePublicKey: bytes,
});
const logInReply = z.object({
  serverSignature: bytes,
  token: z.instanceof(Uint8Array),
  expiresAt: z.int(),
});

export function isProofPath(path: string): boolean {
  return path === PROOF_PATH || path === LOG_IN_PATH;
}

export async function answerProof(
  path: string,
  body: Uint8Array,
  origin: PageOrigin,
  link: WebLink,
): Promise<HttpAnswer> {
  return path === PROOF_PATH ? begin(body, origin, link) : logIn(body, origin, link);
}

async function begin(body: Uint8Array, origin: PageOrigin, link: WebLink): Promise<HttpAnswer> {
  const request = beginRequest.safeParse(parseStrictJson(body));
  if (!request.success) return problem('INVALID_PARAMETERS');
  const { user: entityId, clientNonce } = request.data;
  const input = { role: 'user', entityId, clientNonce };
  const answer = await link.prove({ operation: 'BeginProof', input, ...origin });
  if (answer?.t !== 'reply') return problem(answer?.code ?? 'SERVER_BUSY', answer?.detail);
  return json(beginReply.parse(answer.output), {});
}

/** The token goes into the cookie and nowhere else. */
async function logIn(body: Uint8Array, origin: PageOrigin, link: WebLink): Promise<HttpAnswer> {
  const request = logInRequest.safeParse(parseStrictJson(body));
  if (!request.success) return problem('INVALID_PARAMETERS');
  const { user: entityId, ...proof } = request.data;
  const answer = await link.prove({ operation: 'LogInWeb', input: { entityId, ...proof }, ...origin });
  if (answer?.t !== 'reply') return problem(answer?.code ?? 'SERVER_BUSY', answer?.detail);
  const { token, serverSignature, expiresAt } = logInReply.parse(answer.output);
  const cookie = cookieOf(token);
  token.fill(0);
  return json({ serverSignature, expiresAt }, { 'Set-Cookie': cookie });
}

function json(output: unknown, headers: Readonly<Record<string, string>>): HttpAnswer {
  return {
    status: 200,
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(output),
  };
}
