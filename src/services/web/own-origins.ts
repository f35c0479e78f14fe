/** Which places a browser may know this KMA's pages by: its addresses and the names of its certificate. A page reached by any other name gets nothing, so that no stranger's name leads here. */
import { isIPv6 } from 'node:net';
import { plainAddress } from '../caller.ts';

const DEFAULT_PORT = 443;
/** Names of the machine to itself. */
const LOOPBACK = /^(127\.\d+\.\d+\.\d+|::1)$/;

/** The origin (RFC 6454) of a request with this Host header that came in at this address; null where that is not ours. */
export function ownOrigin(
  host: string | undefined,
  { address, port }: { readonly address: string; readonly port: number },
  names: readonly string[],
): string | null {
  if (host === undefined) return null;
  const own = plainAddress(address);
  const hosts = [isIPv6(own) ? `[${own}]` : own, ...names, ...(LOOPBACK.test(own) ? ['localhost'] : [])];
  const written = host.toLowerCase();
  const found = hosts.find((name) => written === name || written === `${name}:${port}`);
  if (found === undefined || (written === found && port !== DEFAULT_PORT)) return null;
  return port === DEFAULT_PORT ? `https://${found}` : `https://${found}:${port}`;
}

/** DNS names and addresses of a certificate (RFC 5280, 4.2.1.6), as Node writes them; no wildcards, since a name must be one. */
export function namesOf(subjectAltName: string | undefined): string[] {
  return (subjectAltName ?? '').split(', ').flatMap((entry) => {
    const [, kind, name = ''] = /^(DNS|IP Address):([^\s"*]+)$/.exec(entry) ?? [];
    if (kind === undefined) return [];
    return [kind === 'DNS' || !isIPv6(name) ? name.toLowerCase() : `[${name.toLowerCase()}]`];
  });
}
