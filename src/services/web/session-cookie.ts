/** The cookie of a page's log-in: a random token that no script sees and no other site makes a browser send. It is never written down here. */
import { hash } from 'node:crypto';

/** The prefix keeps it to this host, to TLS and to the whole site (RFC 6265bis, 4.1.3.2). */
const NAME = '__Host-openkma';
const TOKEN = /^[0-9a-f]{64}$/;
const COMMON = 'Path=/; Secure; HttpOnly; SameSite=Strict';

export function cookieOf(token: Uint8Array): string {
  return `${NAME}=${Buffer.from(token).toString('hex')}; ${COMMON}`;
}

export const NO_COOKIE = `${NAME}=; ${COMMON}; Max-Age=0`;

/** By which the core knows the session, upper-case hex; null without a cookie, or with two, of which one is not ours. */
export function sessionOf(cookies: string | undefined): string | null {
  const tokens = (cookies ?? '')
    .split('; ')
    .filter((cookie) => cookie.startsWith(`${NAME}=`))
    .map((cookie) => cookie.slice(NAME.length + 1));
  const [token = ''] = tokens;
  if (tokens.length !== 1 || !TOKEN.test(token)) return null;
  return hash('sha256', Buffer.from(token, 'hex'), 'hex').toUpperCase();
}
