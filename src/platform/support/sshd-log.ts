/** What a line of sshd's log says of log-ins, sessions and refusals. Whoever connects chooses names in such lines, so each pattern begins with sshd's words and ends with its own. */
import { SUPPORT_ACCOUNT } from '../../platform-settings/support.ts';

export type SshdEvent =
  | { readonly event: 'listening' }
  | {
      readonly event: 'begun';
      readonly from: string;
      readonly by: 'password' | 'publickey';
      readonly key: string;
    }
  | { readonly event: 'ended'; readonly from: string }
  /** A wrong password or key, an unknown name, too many attempts. */
  | { readonly event: 'failed'; readonly from: string; readonly what: 'password' | 'publickey' | 'no log-in' }
  /** Of who has logged in: what this sshd does not do. */
  | { readonly event: 'refused'; readonly what: string };

/** An address, with its interface where it is of a link alone. */
const FROM = '([0-9A-Fa-f:.]{2,64}(?:%[0-9A-Za-z._-]{1,32})?) port (\\d{1,5})';
const WHO = `(?:user )?${SUPPORT_ACCOUNT} (?:from )?${FROM}`;

type Made = (match: RegExpExecArray) => SshdEvent;
const place = (address: string | undefined, port: string | undefined) => `${address}:${port}`;
const ended: Made = ([, address, port]) => ({ event: 'ended', from: place(address, port) });
const failed =
  (what: 'password' | 'publickey' | 'no log-in'): Made =>
  ([, address, port]) => ({ event: 'failed', from: place(address, port), what });

const PATTERNS: readonly (readonly [RegExp, Made])[] = [
  [/^Server listening on .{1,80} port \d+\.$/, () => ({ event: 'listening' })],
  [
    new RegExp(`^Accepted (password|publickey) for ${SUPPORT_ACCOUNT} from ${FROM} ssh2(?:: (\\S+ \\S+))?$`),
    ([, by, address, port, key = '']) => ({
      event: 'begun',
      from: place(address, port),
      by: by === 'password' ? 'password' : 'publickey',
      key,
    }),
  ],
  [new RegExp(`^Disconnected from ${WHO}$`), ended],
  [new RegExp(`^Connection (?:closed|reset) by ${WHO}$`), ended],
  [new RegExp(`^Timeout, client not responding from ${WHO}$`), ended],
  [new RegExp(`^(?:T|t)erminating inactive connection from ${WHO}$`), ended],
  [new RegExp(`^Closing connection to ${FROM}$`), ended],
  [new RegExp(`^Close session: ${WHO} id \\d+$`), ended],
  [new RegExp(`^Failed password for .{1,300} from ${FROM} ssh2$`), failed('password')],
  [new RegExp(`^Failed publickey for .{1,300} from ${FROM} ssh2(?:: .*)?$`), failed('publickey')],
  [new RegExp(`^Timeout before authentication for ${FROM}$`), failed('no log-in')],
  [
    new RegExp(`^(?:Connection (?:closed|reset) by|Disconnected from) .{0,300}?${FROM} \\[preauth\\]$`),
    failed('no log-in'),
  ],
  [new RegExp(`^Unable to negotiate with ${FROM}: `), failed('no log-in')],
  // Of a connection in the other direction it says nothing.
  [/^refused local port forward: originator /, () => refused('forwarding')],
  [/^subsystem request for (\S{1,32}) by user /, ([, name = '']) => refused(`subsystem ${name}`)],
];
const refused = (what: string): SshdEvent => ({ event: 'refused', what });

/** Null for what is worth nothing to anybody. */
export function sshdEvent(line: string): SshdEvent | null {
  for (const [pattern, made] of PATTERNS) {
    const match = pattern.exec(line);
    if (match !== null) return made(match);
  }
  return null;
}
